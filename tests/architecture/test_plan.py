"""The plan of the province, line by line: manifests name its lines, and it names real tests."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
PLAN = (ROOT / "docs" / "plan597.md").read_text(encoding="utf-8")


def test_manifests_name_lines_of_the_plan() -> None:
    lines = set(re.findall(r"^\| (\d+(?:\.\d+)?) \|", PLAN, flags=re.MULTILINE))
    assert len([line for line in lines if "." not in line]) == 13
    for manifest in settings.MANIFESTS:
        unknown = set(manifest.plan) - lines
        assert not unknown, f"{manifest.code}: {unknown} stand in no line of docs/plan597.md"


def test_the_tests_that_show_a_line_exist() -> None:
    named = re.findall(r"`((?:src|tests)/[^`]+)`", PLAN)
    assert named
    missing = [path for path in named if not (ROOT / path).exists()]
    assert not missing, f"docs/plan597.md names what does not exist: {missing}"
