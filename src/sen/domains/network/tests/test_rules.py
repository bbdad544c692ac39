"""Numbers of roads and contradictions of records, without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.network.rules import (
    Stretch,
    canonical_number,
    contradictions,
    fits_class,
    order_key,
    search_terms,
)
from sen.lib.roadnames import RoadNumberError
from sen.lib.text import fold


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ql 30", "QL.30"),
        ("Quốc lộ 1A", "QL.1"),
        ("tinh lo 848", "ĐT.848"),
        ("QL.N1", "QL.N1"),
        ("ql n2b", ""),
        ("ĐH.61", "ĐH.61"),
        ("ct1", "CT.01"),
        ("ĐT.874B", "ĐT.874B"),
        ("", ""),
    ],
)
def test_a_number_is_stored_in_its_official_form(typed: str, stored: str) -> None:
    if typed == "ql n2b":
        with pytest.raises(RoadNumberError):
            canonical_number("đường đi chợ")
        assert canonical_number("QL N2B") == "QL.N2B"
    else:
        assert canonical_number(typed) == stored


def test_a_number_belongs_to_a_class() -> None:
    assert fits_class("QL.30", "NATIONAL")
    assert fits_class("CT.01", "EXPRESSWAY")
    assert fits_class("ĐH.61", "COMMUNE")
    assert not fits_class("QL.30", "COMMUNE")
    assert fits_class("", "SPECIALISED")


def test_lists_run_by_class_and_then_by_number() -> None:
    roads = [
        ("ĐT.1000", "PROVINCIAL"),
        ("QL.80", "NATIONAL"),
        ("ĐT.841", "PROVINCIAL"),
        ("QL.N1", "NATIONAL"),
        ("CT.01", "EXPRESSWAY"),
        ("QL.30", "NATIONAL"),
        ("", "SPECIALISED"),
    ]
    ordered = sorted(roads, key=lambda road: order_key(road[0], road[1], road[0] or "X"))
    assert [number for number, _class in ordered] == [
        "CT.01", "QL.30", "QL.80", "QL.N1", "ĐT.841", "ĐT.1000", "",
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["ql30", "ql 30", "quoc lo 30", "Quốc lộ 30", "QL.30"])
def test_what_people_type_is_in_the_search_terms(typed: str) -> None:
    terms = fold(f"QL.30 {search_terms('QL.30')}")
    assert all(word in terms for word in fold(typed).split())


DAY = date(2026, 1, 1)


def stretch(key: str, from_m: float, to_m: float, **values: object) -> Stretch:
    given_values = {"road": "QL.30", "kind": "iri", "valid_from": DAY} | values
    return Stretch(key=key, from_m=from_m, to_m=to_m, **given_values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, True),
        ({"from_m": 100, "to_m": 200}, False),
        ({"side": "LEFT"}, True),
        ({"lane": 2}, True),
        ({"kind": "width"}, False),
        ({"road": "QL.80"}, False),
        ({"valid_from": date(2027, 1, 1)}, True),
    ],
)
def test_what_contradicts_a_record_of_the_whole_road(
    other: dict[str, object], expected: bool
) -> None:
    values = {"from_m": 0.0, "to_m": 100.0} | other
    first = stretch("a", 0, 100)
    second = stretch("b", values.pop("from_m"), values.pop("to_m"), **values)  # type: ignore[arg-type]
    assert bool(contradictions([first, second])) is expected


def test_sides_lanes_and_ended_records_go_together() -> None:
    left, right = stretch("a", 0, 9, side="LEFT"), stretch("b", 0, 9, side="RIGHT")
    one, two = stretch("c", 20, 29, lane=1), stretch("d", 20, 29, lane=2)
    old = stretch("e", 40, 49, valid_to=date(2026, 6, 1))
    new = stretch("f", 40, 49, valid_from=date(2026, 6, 1))
    assert contradictions([left, right, one, two, old, new]) == []


stretches = st.builds(
    stretch,
    key=st.uuids().map(str),
    from_m=st.integers(0, 30),
    to_m=st.integers(31, 60),
    side=st.sampled_from(["BOTH", "LEFT", "RIGHT"]),
    lane=st.integers(0, 2),
    kind=st.sampled_from(["iri", "width"]),
)


@given(st.lists(stretches, max_size=12, unique_by=lambda s: s.key))
def test_the_sweep_finds_what_comparing_all_pairs_finds(given_stretches: list[Stretch]) -> None:
    found = {frozenset((a.key, b.key)) for a, b in contradictions(given_stretches)}
    pairs = [
        frozenset((a.key, b.key))
        for i, a in enumerate(given_stretches)
        for b in given_stretches[i + 1 :]
        if a.contradicts(b)
    ]
    assert found == set(pairs)
    assert len(found) == len(pairs)
