"""The arithmetic of the books, for any course of an asset."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.stateassets.rules import (
    BooksFault,
    Rate,
    Standing,
    run_years,
    share_lost,
    year_charge,
)

RATES = st.sampled_from(
    [
        Rate(Decimal("2.5"), 40),
        Rate(Decimal(5), 20),
        Rate(Decimal(4), 25),
        Rate(Decimal("1.25"), 80),
        Rate(Decimal("6.67"), 15),
    ]
)
COSTS = st.integers(min_value=1, max_value=10**14)


@given(cost=COSTS, rate=RATES)
def test_charges_of_a_life_add_up_to_the_cost(cost: int, rate: Rate) -> None:
    lines = run_years(range(2027, 2027 + rate.life_years + 1), {2027: [(cost, 0)]}, rate)
    assert sum(line.charge_vnd for line in lines) == cost
    assert lines[-1].closing.residual_vnd == 0
    assert lines[rate.life_years - 1].closing.residual_vnd == 0, "rounding made a year of its own"


@given(
    rate=RATES,
    steps=st.lists(
        st.tuples(st.integers(0, 30), st.integers(-(10**12), 10**12), st.integers(0, 1000)),
        max_size=12,
    ),
    cost=COSTS,
)
def test_any_course_adds_up_and_never_falls_below_nothing(
    rate: Rate, steps: list[tuple[int, int, int]], cost: int
) -> None:
    """Upgrades, removals with their share and revaluations, in any years and any order."""
    at, changes = Standing(cost, 0), {0: [(cost, 0)]}
    entered, lost_by_movement, charged = cost, 0, 0
    by_year: dict[int, list[tuple[int, int]]] = {}
    for year, amount, part in steps:
        by_year.setdefault(year, []).append((amount, part))
    for year in range(31):
        done = changes.setdefault(year, [])
        for amount, part in by_year.get(year, []):
            given_vnd = amount if amount > 0 else -(at.original_vnd * part // 1000)
            lost = 0 if given_vnd >= 0 else -share_lost(at, -given_vnd)
            try:
                at = at.moved(given_vnd, lost)
            except BooksFault:
                continue
            done.append((given_vnd, lost))
            entered, lost_by_movement = entered + given_vnd, lost_by_movement + lost
        charge = year_charge(at, rate)
        at, charged = at.moved(0, charge), charged + charge
        assert 0 <= at.accumulated_vnd <= at.original_vnd
    assert at.original_vnd == entered
    assert at.accumulated_vnd == lost_by_movement + charged
    lines = run_years(range(31), changes, rate)
    assert lines[-1].closing == at
    assert sum(line.charge_vnd for line in lines) + lost_by_movement == (
        at.original_vnd - at.residual_vnd
    )


def test_what_the_books_cannot_hold_is_refused() -> None:
    at = Standing(1000, 400)
    for original, lost in ((-1001, 0), (0, 601), (0, -401), (-700, 0)):
        with pytest.raises(BooksFault):
            at.moved(original, lost)
