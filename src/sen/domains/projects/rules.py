"""Curves, sums and judgements of projects.

Pure: no rows, no clock, no settings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from sen.domains.projects.choices import (
    ContractStatus,
    Pace,
    Status,
    WarrantyStatus,
    WorkStatus,
)
from sen.domains.projects.course import Limits
from sen.domains.projects.data import CurvePoint, FundingLine, Mark, Money, Paid, TaskLine

#: Moves of the smaller things. What is not listed is forbidden.
STATUS_MOVES: Final[Mapping[str, frozenset[str]]] = {
    Status.ACTIVE: frozenset({Status.SUSPENDED, Status.CANCELLED}),
    Status.SUSPENDED: frozenset({Status.ACTIVE, Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
}
#: ACCEPTED follows from a record of acceptance, HANDED_OVER from the act of handing over.
WORK_MOVES: Final[Mapping[str, frozenset[str]]] = {
    WorkStatus.PLANNED: frozenset({WorkStatus.BUILDING, WorkStatus.STOPPED}),
    WorkStatus.BUILDING: frozenset({WorkStatus.ACCEPTED, WorkStatus.STOPPED}),
    WorkStatus.ACCEPTED: frozenset({WorkStatus.BUILDING, WorkStatus.HANDED_OVER}),
    WorkStatus.STOPPED: frozenset({WorkStatus.BUILDING, WorkStatus.PLANNED}),
    WorkStatus.HANDED_OVER: frozenset(),
}
CONTRACT_MOVES: Final[Mapping[str, frozenset[str]]] = {
    ContractStatus.SIGNED: frozenset({ContractStatus.RUNNING, ContractStatus.TERMINATED}),
    ContractStatus.RUNNING: frozenset(
        {ContractStatus.SUSPENDED, ContractStatus.COMPLETED, ContractStatus.TERMINATED}
    ),
    ContractStatus.SUSPENDED: frozenset({ContractStatus.RUNNING, ContractStatus.TERMINATED}),
    ContractStatus.COMPLETED: frozenset({ContractStatus.LIQUIDATED, ContractStatus.RUNNING}),
    ContractStatus.LIQUIDATED: frozenset(),
    ContractStatus.TERMINATED: frozenset({ContractStatus.LIQUIDATED}),
}
WARRANTY_MOVES: Final[Mapping[str, frozenset[str]]] = {
    WarrantyStatus.RUNNING: frozenset({WarrantyStatus.RELEASED, WarrantyStatus.CALLED}),
    WarrantyStatus.CALLED: frozenset({WarrantyStatus.RUNNING, WarrantyStatus.RELEASED}),
    WarrantyStatus.RELEASED: frozenset(),
}
IN_FORCE: Final = frozenset(
    {ContractStatus.SIGNED, ContractStatus.RUNNING, ContractStatus.COMPLETED}
)
ENDED: Final = frozenset(
    {ContractStatus.COMPLETED, ContractStatus.LIQUIDATED, ContractStatus.TERMINATED}
)
ONE_DAY: Final = timedelta(days=1)
WHOLE_PCT: Final = 100


def may_move(moves: Mapping[str, frozenset[str]], old: str, new: str) -> bool:
    """Whether a state may follow another; staying is always allowed."""
    return old == new or new in moves[old]


def planned_share(task: TaskLine, on: date) -> Fraction:
    """The part of a task that its schedule expects by the end of a day: even from first to last."""
    if on < task.start:
        return Fraction(0)
    if on >= task.finish:
        return Fraction(1)
    return Fraction((on - task.start).days + 1, (task.finish - task.start).days + 1)


def planned_whole(tasks: Sequence[TaskLine], on: date) -> Fraction | None:
    """The part of the whole that the schedule expects; None where nothing weighs anything."""
    whole = sum(task.weight for task in tasks)
    if not whole:
        return None
    return sum((task.weight * planned_share(task, on) for task in tasks), Fraction(0)) / whole


def actual_whole(
    tasks: Sequence[TaskLine], marks: Iterable[Mark], on: date | None = None
) -> Fraction | None:
    """The part of the whole that was done by the end of a day (None: by now)."""
    whole = sum(task.weight for task in tasks)
    if not whole:
        return None
    best: dict[int, int] = defaultdict(int)
    for mark in marks:
        if on is None or mark.on <= on:
            best[mark.task_id] = max(best[mark.task_id], mark.pct)
    done = sum(task.weight * best[task.id] for task in tasks)
    return Fraction(done, 100 * whole)


def s_curve(
    tasks: Sequence[TaskLine],
    marks: Sequence[Mark],
    payments: Sequence[Paid],
    *,
    total_vnd: int,
    today: date,
) -> list[CurvePoint]:
    """The S-curve by month: planned, actual and disbursed in percent, each never falling.

    The planned one ends at 100. Actual and disbursed stop today.
    """
    if planned_whole(tasks, today) is None:
        return []
    first = min([t.start for t in tasks] + [m.on for m in marks] + [p.on for p in payments])
    last = max([t.finish for t in tasks] + [m.on for m in marks] + [p.on for p in payments])
    points: list[CurvePoint] = []
    for day in days_of_curve(first, last, today):
        planned = planned_whole(tasks, day) or Fraction(0)
        actual = actual_whole(tasks, marks, day) if day <= today else None
        paid = sum(p.amount_vnd for p in payments if p.on <= day)
        share = Fraction(paid, total_vnd) if total_vnd and day <= today else None
        points.append(CurvePoint(day, _pct(planned), _pct_or_none(actual), _pct_or_none(share)))
    return points


def days_of_curve(first: date, last: date, today: date) -> list[date]:
    """Ends of months from the one before ``first`` to that of ``last``, and today if between."""
    days = {first - ONE_DAY, *_month_ends(first, last)}
    if first <= today <= last:
        days.add(today)
    return sorted(days)


def _month_ends(first: date, last: date) -> Iterator[date]:
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = date(year, month, 1) - ONE_DAY
        yield end
        if end >= last:
            return


def _pct(share: Fraction) -> float:
    """Percent with one decimal, rounded down: 100 stands only for all of it."""
    return int(share * 1000) / 10


def _pct_or_none(share: Fraction | None) -> float | None:
    return None if share is None else _pct(share)


def percent(share: Fraction | None) -> float | None:
    """A part of the whole in percent with one decimal, rounded down."""
    return _pct_or_none(share)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the pace of a project follows from.

    Units:
        ``planned``, ``actual``: percent of the whole; None: there is no schedule.
    """

    is_over: bool
    planned: float | None
    actual: float | None
    due: date | None


def pace(standing: Standing, *, today: date, limits: Limits) -> Pace:
    """How a project goes: late when its time is over or it is far behind its schedule."""
    actual = standing.actual or 0.0
    if standing.is_over or actual >= WHOLE_PCT:
        return Pace.DONE
    if standing.due is not None and today > standing.due:
        return Pace.LATE
    if standing.planned is None or (standing.planned == 0 and actual == 0):
        return Pace.NOT_STARTED
    behind = standing.planned - actual
    if behind >= limits.late_points:
        return Pace.LATE
    return Pace.SLOW if behind >= limits.slow_points else Pace.ON_TIME


@dataclass(frozen=True, slots=True)
class Totals:
    """A capital plan in sums: by year, by source, and all of it."""

    by_year: Mapping[int, Money]
    by_source: Mapping[str, Money]
    cells: Mapping[tuple[int, str], Money]
    whole: Money


def totals(lines: Iterable[FundingLine]) -> Totals:
    """Sums of a capital plan; rows and columns add up to the same whole."""
    years: dict[int, Money] = defaultdict(Money)
    sources: dict[str, Money] = defaultdict(Money)
    cells: dict[tuple[int, str], Money] = defaultdict(Money)
    whole = Money()
    for line in lines:
        years[line.year] += line.money
        sources[line.source] += line.money
        cells[line.year, line.source] += line.money
        whole += line.money
    return Totals(dict(sorted(years.items())), dict(sources), dict(cells), whole)


def warranty_end(start: date, months: int) -> date:
    """The last day of a warranty of so many months."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    following = date(year + 1, 1, 1) if month == 11 else date(year, month + 2, 1)
    last = (following - ONE_DAY).day
    return date(year, month + 1, min(start.day, last)) - ONE_DAY
