from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.norms import api
from sen.domains.norms.data import Row
from sen.domains.norms.models import Document, Norm, NormVersion
from sen.domains.norms.rules import NoRowError, decide, faults, holds
from sen.domains.norms.seeds import seed_norms, seeded_norms
from sen.kernel.access.context import as_system
from sen.kernel.errors import InvalidInputError, NotFoundError, RuleNotInForceError


def test_a_bound_belongs_to_a_range_unless_it_is_open() -> None:
    band = {"min": 60, "max": 300, "max_open": True}
    assert [holds(band, x) for x in (59.9, 60, 299.99, 300)] == [False, True, True, False]


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_adjacent_ranges_neither_overlap_nor_leave_a_gap(a: float, b: float, x: float) -> None:
    low, high = min(a, b), max(a, b)
    rows = [
        Row({"v": {"max": low, "max_open": True}}, "below"),
        Row({"v": {"min": low, "max": high, "max_open": True}}, "between"),
        Row({"v": {"min": high}}, "above"),
    ]
    expected = "below" if x < low else "between" if x < high else "above"
    assert decide(rows, {"v": x}) == expected
    assert sum(holds(row.when["v"], x) for row in rows) == 1


def test_a_case_without_a_row_is_no_guess() -> None:
    with pytest.raises(NoRowError):
        decide([Row({"axles": 2}, 16)], {"axles": 3})
    with pytest.raises(NoRowError):
        decide([Row({"axles": 2}, 16)], {})


def test_a_malformed_table_is_explained() -> None:
    rows = [Row({}, 1), Row({"axles": 2}, 2), Row({"width": 3}, 3), Row({"axles": {"mn": 1}}, 4)]
    found = [str(fault) for fault in faults(rows, ["axles"])]
    assert any("width" in text for text in found)
    assert any("không bao giờ" in text for text in found)
    assert any("min hoặc max" in text for text in found)


@pytest.mark.parametrize(("code", "said"), list(seeded_norms()))
def test_every_shipped_table_is_well_formed(code: str, said: dict[str, Any]) -> None:
    for version in said["versions"]:
        rows = version.get("rows") or [{"value": version["value"]}]
        made = [Row(row.get("when", {}), row["value"]) for row in rows]
        assert faults(made, said.get("keys", [])) == []


@pytest.fixture(scope="module")
def shipped(database_with: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    with database_with("norms"):
        yield


@pytest.fixture
def seeded(shipped: None, db: None) -> None:
    """The rules that ship, to be read and changed."""


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    ("code", "case", "value"),
    [
        ("loads.axle", {"axle_group": "single"}, 10),
        ("loads.axle", {"axle_group": "tandem", "spacing_m": 1.0}, 16),
        ("loads.axle", {"axle_group": "tridem", "spacing_m": 1.31}, 24),
        ("loads.gross.rigid", {"axles": 5, "outer_axles_m": 7.5}, 34),
        ("loads.gross.semi-trailer", {"axles": 6, "kingpin_m": 4.0, "one_container": True}, 42),
        ("loads.gross.semi-trailer", {"axles": 6, "kingpin_m": 4.0}, 40),
        ("corridor.bridge", {"length_m": 300}, 100),
        ("corridor.bridge", {"length_m": 300.5}, 150),
        ("corridor.bridge", {"length_m": 19.9}, 20),
        ("corridor.road", {"technical_class": "V"}, 9),
        ("speed.gap", {"speed_kmh": 80}, 55),
        ("deadline.building-permit", {"kind": "house"}, 7),
    ],
)
def test_shipped_rules_say_what_the_law_says(code: str, case: dict[str, Any], value: int) -> None:
    with as_system("ask"):
        found = api.ruling(code, on=date(2026, 11, 23), **case)
    assert found.value == value
    assert found.document


@pytest.mark.usefixtures("seeded")
def test_a_date_outside_the_validity_is_an_error_that_says_so() -> None:
    with as_system("ask"):
        with pytest.raises(RuleNotInForceError, match="01/01/2020"):
            api.ruling("loads.axle", on=date(2020, 1, 1), axle_group="single")
        with pytest.raises(RuleNotInForceError, match="axle_group=quad"):
            api.ruling("loads.axle", on=date(2026, 1, 1), axle_group="quad")
        with pytest.raises(NotFoundError):
            api.ruling("loads.nothing", on=date(2026, 1, 1))


@pytest.mark.usefixtures("seeded")
def test_a_new_version_ends_the_one_before_and_overlaps_are_refused() -> None:
    with as_system("publish") as actor:
        norm = Norm.objects.get(code="loads.overload-tolerance")
        api.put_version(
            actor=actor,
            norm=norm,
            document="nd-168-2024",
            legal_ref="sửa đổi",
            effective_from=date(2027, 1, 1),
            effective_to=None,
            rows=[{"value": 5}],
        )
        assert api.ruling("loads.overload-tolerance", on=date(2026, 12, 31)).value == 10
        assert api.ruling("loads.overload-tolerance", on=date(2027, 1, 1)).value == 5
        with pytest.raises(InvalidInputError, match="Trùng thời gian"):
            api.put_version(
                actor=actor,
                norm=norm,
                document="nd-168-2024",
                legal_ref="trùng",
                effective_from=date(2026, 6, 1),
                effective_to=date(2027, 6, 1),
                rows=[{"value": 7}],
            )
        assert NormVersion.objects.filter(norm=norm).count() == 2


@pytest.mark.usefixtures("seeded")
def test_the_calendar_knows_the_culture_day_and_refuses_unknown_years() -> None:
    with as_system("ask"):
        days = api.calendar(date(2026, 11, 1), date(2026, 12, 31))
        assert not days.is_working_day(date(2026, 11, 24))
        assert days.is_working_day(date(2026, 11, 25))
        with pytest.raises(RuleNotInForceError):
            api.calendar(date(2027, 12, 1), date(2028, 1, 31))


@pytest.mark.usefixtures("seeded")
def test_seeding_again_changes_nothing() -> None:
    with as_system("again") as actor:
        before = (Document.objects.count(), Norm.objects.count(), NormVersion.objects.count())
        assert seed_norms(actor) == 0
        after = (Document.objects.count(), Norm.objects.count(), NormVersion.objects.count())
    assert before == after
    assert before[2] > 20
