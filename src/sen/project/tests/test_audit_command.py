from __future__ import annotations

import argparse
import re
import time
from pathlib import Path
from typing import Any

import pytest

from sen.kernel import dbsync
from sen.kernel.access.context import as_system
from sen.kernel.audit.models import Seal
from sen.kernel.audit.seal import seal_all
from sen.kernel.audit.services import record
from sen.project.commands import audit


def run_command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    audit.arguments(parser)
    return audit.run(parser.parse_args(words))


@pytest.mark.django_db(transaction=True)
def test_the_command_names_the_damage_and_fails(
    capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    settings.SEN_VAR = tmp_path
    settings.SEN_SEAL_TARGETS = [f"file://{tmp_path}/seals.jsonl"]
    with as_system("test"):
        record(act="guarded.test.write", reason="đúng")
    while not Seal.objects.exists():  # other databases of the server may hold it back
        seal_all()
        time.sleep(0.01)
    assert run_command("seal") == 0
    assert run_command("verify", "--against", str(tmp_path / "seals.jsonl")) == 0
    assert "nguyên vẹn: 1 bản niêm phong, 1 dòng" in capsys.readouterr().out
    dbsync.as_superuser(
        "SET session_replication_role = replica; UPDATE kernel_audit_auditentry SET reason = 'đúnG'"
    )
    assert run_command("verify") == 1
    out = capsys.readouterr().out
    assert "bản niêm phong số 1" in out
    assert re.search(r"bảng kernel_audit_auditentry, dòng \d+: dòng đã bị sửa", out)
    assert run_command("verify", "--against", str(tmp_path / "nowhere")) == 2
