"""The schedule of a project with its ties: critical path, floats, and how it will go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sen.domains.norms import api as norms
from sen.domains.projects.choices import ContractKind, TaskKind
from sen.domains.projects.models import Contract, Project, Task
from sen.domains.projects.selectors.projects import parts_of
from sen.domains.projects.sequence import (
    Actual,
    DayLine,
    Item,
    Link,
    SequenceError,
    critical_path,
    outlook_of,
    parse_links,
    places_of,
    pushed_by,
    weekdays,
)
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError, RuleNotInForceError

#: A working year, generously: so far the days reach behind the last date.
YEAR_DAYS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One task with its days as computed.

    Units:
        ``float_days``, ``delay_days``: working days.
    """

    task: Task
    links: tuple[Link, ...]
    days: int
    #: First and last day: as agreed, earliest by the ties, as things stand.
    agreed: tuple[date, date]
    earliest: tuple[date, date]
    outlook: tuple[date, date]
    float_days: int
    is_critical: bool
    delay_days: int
    is_late: bool
    #: Which task pushes it, and which ones it pushes, by their codes.
    pushed_by: str
    pushes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A schedule as computed on a day; ``problem`` says why it could not be."""

    lines: tuple[Line, ...]
    starts_on: date
    #: Last day: as agreed, by the ties alone, as things stand.
    agreed_end: date
    earliest_end: date
    outlook_end: date
    critical: tuple[str, ...]
    has_ties: bool
    #: Years whose holidays are not known yet: counted by weekends alone.
    open_years: tuple[int, ...]
    problem: str = ""


def sequence_of(actor: Actor, project: Project, today: date) -> Sequence | None:
    """The schedule that an actor sees; None where there is none."""
    tasks = list(parts_of(actor, Task, project).order_by("starts_at", "code"))
    if not tasks:
        return None
    begin = _begin(actor, project, tasks)
    dates = [begin, today]
    for task in tasks:
        dates += [task.starts_at, task.ends_at]
        dates += [d for d in (task.started_at, task.finished_at, task.expected_at) if d]
    line, unknown = _days(
        min(dates), max(dates), sum((t.ends_at - t.starts_at).days for t in tasks)
    )
    origin = line.start(begin)
    items = [_item(task, tasks, line, origin) for task in tasks]
    problem = ""
    try:
        places = places_of(items)
    except SequenceError as error:  # data that came past the services
        problem = str(error)
        items = [Item(i.code, i.days, i.not_before) for i in items]
        places = places_of(items)
    actual = {task.code: _actual(task, line, origin) for task in tasks}
    agreed = [
        Item(i.code, i.days, _start(task, line, origin), i.links)
        for i, task in zip(items, tasks, strict=True)
    ]
    outlook = outlook_of(agreed, actual, line.start(today) - origin)
    lines = []
    for task, item in zip(tasks, items, strict=True):
        place, will = places[task.code], outlook[task.code]
        end = _end(task, line, origin)
        is_late = task.finished_at is None and task.ends_at < today
        driver = will.driver
        lines.append(
            Line(
                task=task,
                links=item.links,
                days=item.days,
                agreed=(task.starts_at, task.ends_at),
                earliest=_dates(place.start, place.end, line, origin),
                outlook=_dates(will.start, will.end, line, origin),
                float_days=place.float_days,
                is_critical=place.is_critical,
                delay_days=max(0, will.end - end),
                is_late=is_late,
                pushed_by=driver.before if driver is not None and will.end > end else "",
                pushes=tuple(pushed_by(task.code, outlook)) if will.end > end else (),
            )
        )
    return Sequence(
        lines=tuple(lines),
        starts_on=begin,
        agreed_end=max(task.ends_at for task in tasks),
        earliest_end=max(one.earliest[1] for one in lines),
        outlook_end=max(one.outlook[1] for one in lines),
        critical=tuple(critical_path(places)),
        has_ties=any(item.links for item in items),
        open_years=unknown,
        problem=problem,
    )


def _begin(actor: Actor, project: Project, tasks: list[Task]) -> date:
    """The start of the first construction contract, else of the project, else of its tasks."""
    contracts = parts_of(actor, Contract, project).filter(kind=ContractKind.CONSTRUCTION.value)
    started = contracts.exclude(starts_at=None).order_by("starts_at")
    first = started.values_list("starts_at", flat=True).first()
    return first or project.starts_at or min(task.starts_at for task in tasks)


def _days(first: date, last: date, work_days: int) -> tuple[DayLine, tuple[int, ...]]:
    """The working days of a span and some years behind it, and the years not known yet."""
    found: list[date] = []
    unknown: list[int] = []
    behind = last.year + 1 + work_days // YEAR_DAYS
    for year in range(first.year - 1, behind + 1):
        span = date(year, 1, 1), date(year, 12, 31)
        if first.year <= year <= last.year:
            try:
                # The calendar reaches one day further than it is asked for.
                days = norms.calendar(*span).working_days
                found += [day for day in days if day.year == year]
                continue
            except (RuleNotInForceError, NotFoundError):
                unknown.append(year)
        found += weekdays(*span)
    return DayLine(found), tuple(unknown)


def _item(task: Task, tasks: list[Task], line: DayLine, origin: int) -> Item:
    is_milestone = task.kind == TaskKind.MILESTONE
    days = 0 if is_milestone else line.length(task.starts_at, task.ends_at)
    codes = [other.code for other in tasks]
    links: list[Link] = []
    for part in task.predecessors.split(","):
        try:
            links += parse_links(part, codes)
        except SequenceError:  # a task that this person may not see
            continue
    return Item(task.code, days, max(0, _start(task, line, origin)), tuple(links))


def _start(task: Task, line: DayLine, origin: int) -> int:
    if task.kind == TaskKind.MILESTONE:
        return line.end(task.starts_at) - origin
    return line.start(task.starts_at) - origin


def _end(task: Task, line: DayLine, origin: int) -> int:
    if task.kind == TaskKind.MILESTONE:
        return line.end(task.ends_at) - origin
    return line.start(task.starts_at) - origin + line.length(task.starts_at, task.ends_at)


def _actual(task: Task, line: DayLine, origin: int) -> Actual:
    expected = task.expected_at
    return Actual(
        None if task.started_at is None else line.start(task.started_at) - origin,
        None if task.finished_at is None else line.end(task.finished_at) - origin,
        task.done_pct,
        None if expected is None else line.end(expected) - origin,
    )


def _dates(start: int, end: int, line: DayLine, origin: int) -> tuple[date, date]:
    """The first and the last day of a place; a milestone has one."""
    last = line.last_day(origin + end)
    return (last if end <= start else line.first_day(origin + start)), last
