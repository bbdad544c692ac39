"""The islands' pure parts have their tests in JavaScript; this runs them with the rest."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_pure_parts_of_the_islands() -> None:
    node = shutil.which("node")
    assert node, "node is missing: ./sen test installs it"
    hook = "./tests/frontend/register.mjs"
    files = sorted(str(path) for path in Path(__file__).parent.glob("*.test.mjs"))
    assert files
    done = subprocess.run(
        [node, "--import", hook, "--test", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
