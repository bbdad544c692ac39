"""Every group of the national database of roads is answered in one place, as the table says."""

from __future__ import annotations

import re
from pathlib import Path

from sen.domains.assets.api import asset_types
from sen.domains.network.choices import EVENT_KINDS
from sen.domains.permits.api import permit_kinds
from sen.kernel.web.register.resource import resources

TABLE = Path(__file__).parents[2] / "docs" / "legal" / "national-road-data.md"
ROW = re.compile(r"^\| ([AB]\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
WANTED = {f"A{n}" for n in range(1, 21)} | {f"B{n}" for n in range(1, 8)}


def rows() -> list[tuple[str, list[str], list[str]]]:
    found = ROW.findall(TABLE.read_text(encoding="utf-8"))
    return [(g, re.findall(r"`([^`]+)`", r), re.findall(r"`([^`]+)`", a)) for g, _w, r, a in found]


def test_every_group_stands_once_in_the_table_and_its_registers_exist() -> None:
    groups = [group for group, _registers, _answers in rows()]
    assert len(groups) == len(set(groups))
    assert set(groups) == WANTED
    for group, registers, answers in rows():
        assert registers, group
        assert answers, group
        assert all(key in resources for key in registers), group


def test_the_table_says_of_types_and_kinds_what_they_say_themselves() -> None:
    said = {(group, answer) for group, _registers, answers in rows() for answer in answers}
    types = {(kind.group, f"asset:{kind.code}") for kind in asset_types if kind.group}
    permits = {(kind.group, f"permit:{kind.code}") for kind in permit_kinds}
    assert {pair for pair in said if pair[1].startswith("asset:")} == types
    assert {pair for pair in said if pair[1].startswith("permit:")} == permits
    along = {answer.removeprefix("along:") for _g, answer in said if answer.startswith("along:")}
    assert along <= EVENT_KINDS.keys()
    assert {g for g, answer in said if answer.startswith("along:")} == {"A15", "A16", "A17", "A20"}
