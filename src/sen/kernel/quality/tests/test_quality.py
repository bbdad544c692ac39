"""Checks, their counts, the records behind a figure, and scores."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Q
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.quality.checks import (
    Check,
    CheckError,
    Dimension,
    add_check,
    alive,
    checks,
    clean_text,
    expected,
)
from sen.kernel.quality.counting import Count, count_faults
from sen.kernel.quality.scores import by_dimension, overall, score
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House
from sen.kernel.web.register import listing
from sen.kernel.web.register.resource import Resource


def totals(resource: Resource[Thing]) -> dict[str, tuple[int, int]]:
    with as_system("counts"):
        counts = count_faults(resource)
    found: dict[str, tuple[int, int]] = {}
    for count in counts:
        asked, faulty = found.get(count.check, (0, 0))
        found[count.check] = (asked + count.applicable, faulty + count.faulty)
    return found


def faults(resource: Resource[Thing], house: House, name: str) -> list[str]:
    with as_system("reads"):
        actor = ANONYMOUS
        page = listing.page(resource, actor, QueryDict(f"fault={name}"))
    assert not page.errors
    return [str(row.get("code")) for row in page.rows]


def test_what_ought_to_be_known_is_counted_and_listed(
    resource: Resource[Thing], house: House
) -> None:
    house.thing("Q-1", length_m=12, attributes={"lanes": 2})
    house.thing("Q-2", length_m=None, attributes={})
    house.thing("Q-3", length_m=None, opened_on=date(2020, 1, 1), attributes={"lanes": None})
    expected(resource.key, "length", "length_m", "Có chiều dài")
    expected(resource.key, "lanes", "attributes__lanes", "Có số làn")
    expected(
        resource.key,
        "opened-length",
        "length_m",
        "Có chiều dài khi đã mở",
        applies=lambda: Q(opened_on__isnull=False),
    )
    assert totals(resource) == {
        f"{resource.key}.length-known": (3, 2),
        f"{resource.key}.lanes-known": (3, 2),
        f"{resource.key}.opened-length-known": (1, 1),
    }
    assert faults(resource, house, "length-known") == ["Q-2", "Q-3"]
    assert faults(resource, house, "opened-length-known") == ["Q-3"]


def test_names_are_clean(resource: Resource[Thing], house: House) -> None:
    good = ["Cầu Cao Lãnh", "Kênh 28 (nhánh)", "Cầu Đốc Binh Kiều – số 2"]
    bad = [" Cầu", "Cầu  đôi", "Cầu\tthẳng", "CÇu Cao L·nh", "Ca\u0302\u0300u"]
    for number, name in enumerate([*good, *bad]):
        house.thing(f"N-{number}", name=name)
    clean_text(resource.key, "name", "Tên sạch")
    assert totals(resource)[f"{resource.key}.name-clean"] == (8, 5)
    assert faults(resource, house, "name-clean") == [f"N-{number}" for number in range(3, 8)]


def test_what_nobody_touched_is_not_alive(resource: Resource[Thing], house: House) -> None:
    house.thing("A-1")
    alive(resource.key, days=365)
    assert totals(resource)[f"{resource.key}.alive"] == (1, 0)
    checks.remove(f"{resource.key}.alive")
    alive(resource.key, days=-1)
    assert totals(resource)[f"{resource.key}.alive"] == (1, 1)


def test_an_unknown_check_is_an_error_of_the_list(resource: Resource[Thing], house: House) -> None:
    house.thing("Q-1")
    with as_system("reads"):
        actor = ANONYMOUS
        page = listing.page(resource, actor, QueryDict("fault=khong-co"))
    assert "khong-co" in page.errors["fault"]


def test_a_masked_value_is_not_checked(resource: Resource[Thing]) -> None:
    with pytest.raises(CheckError, match="masked"):
        expected(resource.key, "phone", "phone", "Có điện thoại")
    with pytest.raises(CheckError, match="no such register"):
        expected("guarded.nothing", "x", "x", "X")


def check(name: str, dimension: Dimension, weight: int = 1) -> Check:
    return Check(
        register="r",
        name=name,
        dimension=dimension,
        title=name,
        faulty=Q,
        weight=weight,
    )


CHECKS = {
    f"r.{name}": check(name, dimension, weight)
    for name, dimension, weight in (
        ("a", Dimension.COMPLETE, 1),
        ("b", Dimension.COMPLETE, 3),
        ("c", Dimension.CLEAN, 1),
    )
}
COUNTS = st.builds(
    lambda key, asked, share: Count(key, 1, 1, 0, asked, round(asked * share)),
    st.sampled_from(sorted(CHECKS)),
    st.integers(0, 1000),
    st.floats(0, 1),
)


def test_heavier_checks_count_more() -> None:
    counts = [Count("r.a", 1, 1, 0, 100, 0), Count("r.b", 1, 1, 0, 100, 50)]
    found = by_dimension(counts, CHECKS)
    assert found[Dimension.COMPLETE].value == pytest.approx(62.5)
    assert found[Dimension.CLEAN].value is None
    assert overall(found) == pytest.approx(62.5)


@given(st.lists(COUNTS), st.lists(COUNTS))
def test_a_score_lies_between_those_of_its_parts(one: list[Count], other: list[Count]) -> None:
    parts = [score(part, CHECKS).value for part in (one, other)]
    known = [value for value in parts if value is not None]
    whole = score([*one, *other], CHECKS)
    assert whole.faulty <= whole.applicable
    if known and whole.value is not None:
        assert min(known) - 1e-9 <= whole.value <= max(known) + 1e-9
        assert 0 <= whole.value <= 100


def test_a_check_is_declared_once(resource: Resource[Thing]) -> None:
    expected(resource.key, "length", "length_m", "Có chiều dài")
    with pytest.raises(ValueError, match="twice"):
        add_check(checks[f"{resource.key}.length-known"])
