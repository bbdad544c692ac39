from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.projects.choices import Pace
from sen.domains.projects.course import COURSE, Limits, missing, read_course
from sen.domains.projects.data import FundingLine, Mark, Money, Paid, TaskLine
from sen.domains.projects.rules import (
    CONTRACT_MOVES,
    STATUS_MOVES,
    WARRANTY_MOVES,
    WORK_MOVES,
    Standing,
    pace,
    s_curve,
    totals,
    warranty_end,
)

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
AMOUNTS = st.integers(0, 10**13)


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[TaskLine], list[Mark]]:
    """Tasks with weights, and reports in any order."""
    tasks = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(DAYS)
        length = timedelta(days=draw(st.integers(0, 400)))
        tasks.append(TaskLine(number, start, start + length, draw(st.integers(1, 100))))
    marks = draw(
        st.lists(st.builds(Mark, st.integers(0, len(tasks) - 1), DAYS, st.integers(0, 100)))
    )
    return tasks, marks


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine
@given(schedules(), st.lists(st.builds(Paid, DAYS, AMOUNTS)), DAYS)
def test_an_s_curve_never_falls_and_its_plan_ends_at_all_of_it(
    schedule: tuple[list[TaskLine], list[Mark]], payments: list[Paid], today: date
) -> None:
    tasks, marks = schedule
    points = s_curve(tasks, marks, payments, total_vnd=10**12, today=today)
    assert points[0].planned == 0
    assert points[-1].planned == 100
    for before, after in pairwise(points):
        assert before.on < after.on
        assert before.planned <= after.planned
        assert (before.actual or 0) <= (after.actual if after.actual is not None else 100)
        if after.disbursed is not None:
            assert (before.disbursed or 0) <= after.disbursed
    assert all((point.actual is None) == (point.on > today) for point in points)
    assert all(0 <= (point.actual or 0) <= 100 for point in points)


def test_nothing_that_weighs_makes_no_curve() -> None:
    task = TaskLine(1, date(2026, 1, 1), date(2026, 2, 1), 0)
    assert s_curve([task], [], [], total_vnd=1, today=date(2026, 1, 5)) == []


@given(
    st.lists(
        st.builds(
            FundingLine,
            st.integers(2020, 2030),
            st.sampled_from(["TW", "ĐP", "ODA"]),
            st.builds(Money, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS),
        )
    )
)
def test_sums_by_year_and_by_source_agree_with_the_whole(lines: list[FundingLine]) -> None:
    found = totals(lines)
    for parts in (found.by_year, found.by_source, found.cells):
        assert sum(parts.values(), Money()) == found.whole
    assert found.whole.allocated_vnd == sum(line.money.allocated_vnd for line in lines)
    assert list(found.by_year) == sorted(found.by_year)


@pytest.mark.parametrize(
    ("money", "share"),
    [
        (Money(), None),
        (Money(allocated_vnd=3, disbursed_vnd=1), 33.3),
        (Money(allocated_vnd=3, carried_vnd=1, disbursed_vnd=4), 100.0),
        (Money(allocated_vnd=1000, disbursed_vnd=999), 99.9),
    ],
)
def test_a_share_is_rounded_down_so_that_100_means_all(money: Money, share: float | None) -> None:
    assert money.share_pct == share


@given(st.lists(st.sampled_from([step.code for step in COURSE.steps]), max_size=30))
def test_a_walk_along_listed_moves_never_reaches_a_forbidden_step(wishes: list[str]) -> None:
    """Construction is reached only with its contract, the end only with everything done."""
    for kind in ("NEW", "MAINTENANCE"):
        facts = {"decision:INVESTMENT_POLICY", "decision:PROJECT_APPROVAL", "total"}
        at = COURSE.first.code
        for wish in wishes:
            move = COURSE.move(at, wish, kind)
            if move is not None and not missing(move, facts):
                at = wish
        assert COURSE.by_step[at].position < COURSE.by_step["BIDDING"].position


def test_every_step_can_be_reached_and_nothing_leaves_the_last_one() -> None:
    reached, waiting = {COURSE.first.code}, [COURSE.first.code]
    while waiting:
        for move in COURSE.moves_from(waiting.pop(), "NEW"):
            if move.to_step not in reached:
                reached.add(move.to_step)
                waiting.append(move.to_step)
    assert reached == {step.code for step in COURSE.steps}
    assert COURSE.moves_from(COURSE.last.code, "NEW") == ()


@pytest.mark.parametrize("moves", [STATUS_MOVES, WORK_MOVES, CONTRACT_MOVES, WARRANTY_MOVES])
def test_states_lead_to_known_states_and_each_table_has_an_end(
    moves: dict[str, frozenset[str]],
) -> None:
    assert {state for states in moves.values() for state in states} <= set(moves)
    assert any(not states for states in moves.values())


def test_a_course_that_names_an_unknown_step_is_refused() -> None:
    text = """
limits = { slow_points = 1, late_points = 2, remind_days = 3 }
decision = []
stage = [{ code = "A", name = { vi = "A", en = "A" } }]
step = [{ code = "X", stage = "A", name = { vi = "X", en = "X" } }]
move = [{ from = "X", to = "Y", law = "z" }]
"""
    with pytest.raises(ValueError, match="Y"):
        read_course(text)


LIMITS = Limits(slow_points=5, late_points=15, remind_days=30)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(True, 10, 0, None), Pace.DONE),
        (Standing(False, 100, 100, date(2025, 1, 1)), Pace.DONE),
        (Standing(False, 20, 90, date(2025, 1, 1)), Pace.LATE),
        (Standing(False, None, None, None), Pace.NOT_STARTED),
        (Standing(False, 0, 0, date(2027, 1, 1)), Pace.NOT_STARTED),
        (Standing(False, 50, 46, None), Pace.ON_TIME),
        (Standing(False, 50, 45, None), Pace.SLOW),
        (Standing(False, 50, 35, None), Pace.LATE),
    ],
)
def test_the_pace_follows_from_plan_and_time(standing: Standing, expected: Pace) -> None:
    assert pace(standing, today=date(2026, 6, 1), limits=LIMITS) is expected


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 3, 31), 1, date(2026, 4, 29)),
        (date(2024, 2, 29), 24, date(2026, 2, 27)),
        (date(2026, 12, 15), 12, date(2027, 12, 14)),
    ],
)
def test_a_warranty_ends_on_its_last_day(start: date, months: int, end: date) -> None:
    assert warranty_end(start, months) == end
