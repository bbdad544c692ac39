"""The secret scan finds what it must and lets ordinary code pass."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "scan_secrets.py"


@pytest.fixture(scope="module")
def scan() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scan_secrets", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scan_secrets"] = module
    spec.loader.exec_module(module)
    return module


RANDOM = "q7Gx2" + "LmZ0pRt9Vw4Kd"


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "key = 'AKIA" + "ABCDEFGHIJKLMNOP'",
        "ghp_" + "a1B2" * 9,
        f"DATABASE_URL=postgres://sen:{RANDOM}@db/sen",
        f'API_TOKEN = "{RANDOM}"',
        f"password: '{RANDOM}'",
    ],
)
def test_secrets_are_found(scan: ModuleType, line: str) -> None:
    assert [number for number, _ in scan.findings(f"first\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        'password = get_password_from("environment")',
        "postgres://sen_app:MAT_KHAU@10.0.0.5:5432/sen",
        "postgres://sen_app:@@sen_app@@@127.0.0.1/sen",
        'SECRET_KEY = os.environ.get("SEN_SECRET_KEY", "")',
        'token_name = "ten-cua-the-truy-cap"',
        f"password = '{RANDOM}'  # secret-scan: allow, the test's own",
    ],
)
def test_ordinary_lines_pass(scan: ModuleType, line: str) -> None:
    assert list(scan.findings(line)) == []
