"""Comparing what several people say of one asset."""

from __future__ import annotations

from sen.domains.inventory.rules import Said, same, side_by_side


def test_only_what_the_writer_changed_is_a_change() -> None:
    said = Said("a", {"name": "Cầu", "attributes__length_m": 12.0, "note": None},
                {"name": "Cầu", "attributes__length_m": 12, "note": ""})  # fmt: skip
    assert said.changes() == {}
    assert not same(True, 1)


def test_sides_agree_or_differ_field_by_field() -> None:
    base = {"name": "Cầu", "condition": "GOOD"}
    one = Said("a", base, base | {"condition": "POOR"})
    two = Said("b", base, base | {"condition": "BAD"})
    rows = side_by_side({"name": "Cầu mới", "condition": "GOOD"}, [one, two])
    by = {row.name: row for row in rows}
    assert by["condition"].said == {"a": "POOR", "b": "BAD"}
    assert by["condition"].differs
    assert by["name"].now == "Cầu mới", "what the register changed since is shown too"
    assert by["name"].differs
    agreed = side_by_side(base | {"condition": "POOR"}, [one])
    assert [row.differs for row in agreed] == [False]
