"""What must be done before what: ties between tasks, earliest and latest days, the critical path.

Pure: no rows, no clock. Time is counted in working days. A task that starts at ``s`` and takes
``d`` days fills the working days ``s`` to ``s + d - 1`` and ends at ``s + d``; a milestone takes
none.

Source:
    Precedence diagramming as planning tools keep it: the four ties with lag, forward and backward
    pass; texts such as ``3FS+2d`` are those of MS Project.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sen.lib.errors import InputError, gettext_noop

#: More days between two tasks than this are a slip of the keyboard.
MOST_LAG_DAYS: Final = 3650
_TIED: Final = re.compile(
    r"(?P<code>.+?)\s*(?P<tie>FS|SS|FF|SF)?\s*"
    r"(?:(?P<lag>[+-]\s*\d{1,5})\s*(?:d|day|days|ed|ngày|ngay|n)?)?",
    re.IGNORECASE,
)


class Tie(StrEnum):
    """Which end of the earlier task holds which end of the later one."""

    FS = "FS"
    SS = "SS"
    FF = "FF"
    SF = "SF"


class SequenceError(InputError):
    """A tie that cannot be read, leads nowhere, or makes tasks wait for each other."""


@dataclass(frozen=True, slots=True)
class Link:
    """A task waits for another one.

    Units:
        ``lag``: working days, negative for an overlap.
    """

    before: str
    tie: Tie = Tie.FS
    lag: int = 0

    def __str__(self) -> str:
        if self.tie is Tie.FS and not self.lag:
            return self.before
        return f"{self.before}{self.tie}{self.lag:+d}" if self.lag else f"{self.before}{self.tie}"


def parse_links(text: str, known: Collection[str]) -> list[Link]:
    """Ties such as ``3; 5SS+2d; 7FF-1`` between tasks whose codes are known.

    Raises:
        SequenceError: a part cannot be read, names no task, or stands there twice.
    """
    by_code = {code.casefold(): code for code in known}
    found: dict[str, Link] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[;,\n]", text))):
        link = _parse(part, by_code)
        if link.before in found:
            raise SequenceError(
                gettext_noop("Công việc trước “%(code)s” được ghi hai lần."), code=link.before
            )
        found[link.before] = link
    return list(found.values())


def _parse(part: str, by_code: Mapping[str, str]) -> Link:
    if (code := by_code.get(part.casefold())) is not None:
        return Link(code)
    match = _TIED.fullmatch(part)
    code = by_code.get(match["code"].casefold()) if match else None
    if match is None or code is None:
        raise SequenceError(
            gettext_noop(
                "Không hiểu công việc trước “%(part)s”; hãy ghi số thứ tự của công việc trong dự "
                "án kèm ràng buộc, ví dụ 3; 5SS+2; 7FF-1."
            ),
            part=part,
        )
    lag = int(match["lag"].replace(" ", "")) if match["lag"] else 0
    if abs(lag) > MOST_LAG_DAYS:
        raise SequenceError(
            gettext_noop("Độ trễ %(lag)s ngày quá lớn; tối đa %(most)s ngày."),
            lag=lag,
            most=MOST_LAG_DAYS,
        )
    return Link(code, Tie((match["tie"] or "FS").upper()), lag)


@dataclass(frozen=True, slots=True)
class Item:
    """A task as far as its sequence needs it.

    Units:
        ``days``: working days; ``not_before``: working days since the start of counting.
    """

    code: str
    days: int
    not_before: int = 0
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """When a task may run: earliest, and latest without moving the end of the whole.

    ``driver``: the tie that sets the earliest start; None where its own date does.
    """

    start: int
    end: int
    late_start: int
    late_end: int
    driver: Link | None

    @property
    def float_days(self) -> int:
        return self.late_start - self.start

    @property
    def is_critical(self) -> bool:
        return self.float_days == 0


def in_order(items: Iterable[Item]) -> list[Item]:
    """The items so that each stands behind all for which it waits.

    Raises:
        SequenceError: some wait for each other; it names them in a circle.
    """
    by_code = {item.code: item for item in items}
    done: dict[str, Item] = {}
    for first in by_code.values():
        way: list[str] = []
        stack = [(first.code, False)]
        while stack:
            code, is_left = stack.pop()
            if is_left:
                way.pop()
                done[code] = by_code[code]
                continue
            if code in done:
                continue
            if code in way:
                circle = [*way[way.index(code) :], code]
                raise SequenceError(
                    gettext_noop(
                        "Các công việc chờ nhau theo vòng: %(circle)s. Hãy bỏ một ràng buộc trong "
                        "vòng này."
                    ),
                    circle=" → ".join(reversed(circle)),
                )
            way.append(code)
            stack.append((code, True))
            waits = [link.before for link in by_code[code].links if link.before in by_code]
            stack += [(other, False) for other in waits if other not in done]
    return list(done.values())


def _least_start(link: Link, days: int, start: int, end: int) -> int:
    """The earliest start that a tie allows a task of so many days."""
    held = (start if link.tie in (Tie.SS, Tie.SF) else end) + link.lag
    return held - days if link.tie in (Tie.FF, Tie.SF) else held


def _most_end(link: Link, days: int, late_start: int, late_end: int) -> int:
    """The latest end of the earlier task, of so many days, that a tie allows."""
    held = (late_end if link.tie in (Tie.FF, Tie.SF) else late_start) - link.lag
    return held + days if link.tie in (Tie.SS, Tie.SF) else held


def places_of(items: Sequence[Item]) -> dict[str, Place]:
    """Forward and backward pass.

    An item without ties starts at its own date; one with ties when they let it.

    Raises:
        SequenceError: some items wait for each other.
    """
    ordered = in_order(items)
    early: dict[str, tuple[int, int, Link | None]] = {}
    for item in ordered:
        held = [
            (_least_start(link, item.days, *early[link.before][:2]), link)
            for link in item.links
            if link.before in early
        ]
        least, driver = max(held, key=lambda one: one[0], default=(item.not_before, None))
        start = max(least, 0)
        early[item.code] = start, start + item.days, driver if start == least else None
    finish = max((end for _start, end, _driver in early.values()), default=0)
    latest = {item.code: finish for item in ordered}
    by_code = {item.code: item for item in ordered}
    for item in reversed(ordered):
        late_end = latest[item.code]
        for link in item.links:
            if link.before in latest:
                other = by_code[link.before]
                most = _most_end(link, other.days, late_end - item.days, late_end)
                latest[other.code] = min(latest[other.code], most)
    return {
        item.code: Place(
            *early[item.code][:2],
            latest[item.code] - item.days,
            latest[item.code],
            early[item.code][2],
        )
        for item in ordered
    }


def critical_path(places: Mapping[str, Place]) -> list[str]:
    """A chain without slack from what starts it to the end of the whole."""
    if not places:
        return []
    code = max(places, key=lambda one: (places[one].end, places[one].is_critical))
    chain = [code]
    while (driver := places[chain[-1]].driver) is not None:
        chain.append(driver.before)
    return chain[::-1]


@dataclass(frozen=True, slots=True)
class Actual:
    """What happened to a task so far; ends as in :class:`Place`."""

    started: int | None = None
    finished: int | None = None
    done_pct: int = 0
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a task will run as things stand; ``driver``: the tie that pushes it behind its plan."""

    start: int
    end: int
    driver: Link | None


def outlook_of(
    items: Sequence[Item], actual: Mapping[str, Actual], today: int
) -> dict[str, Outlook]:
    """Carry what happened on: unfinished work goes on from ``today``, later tasks wait for it.

    Raises:
        SequenceError: some items wait for each other.
    """
    found: dict[str, Outlook] = {}
    for item in in_order(items):
        now = actual.get(item.code, Actual())
        held = [
            (
                _least_start(link, item.days, found[link.before].start, found[link.before].end),
                link,
            )
            for link in item.links
            if link.before in found
        ]
        least, driver = max(held, key=lambda one: one[0], default=(item.not_before, None))
        if now.finished is not None:
            start = now.started if now.started is not None else now.finished - item.days
            found[item.code] = Outlook(min(start, now.finished), now.finished, None)
        elif now.started is not None:
            left = -(-item.days * (100 - now.done_pct) // 100)
            end = max(today + left, now.expected or 0)
            found[item.code] = Outlook(min(now.started, end), end, None)
        else:
            start = max(item.not_before, least, today)
            is_pushed = driver is not None and start == least > item.not_before
            end = max(start + item.days, now.expected or 0)
            found[item.code] = Outlook(start, end, driver if is_pushed else None)
    return found


def pushed_by(code: str, outlook: Mapping[str, Outlook]) -> list[str]:
    """Everything that a task pushes behind its plan, directly and through others."""
    found: list[str] = []
    waiting = [code]
    while waiting:
        at = waiting.pop(0)
        for other, place in outlook.items():
            if place.driver is not None and place.driver.before == at and other not in found:
                found.append(other)
                waiting.append(other)
    return found


class DayLine:
    """Working days in a row: dates to positions and back."""

    def __init__(self, days: Sequence[date]) -> None:
        self.days = list(days)

    def start(self, on: date) -> int:
        """The position of a day, or of the next one on which people work."""
        return bisect_left(self.days, on)

    def end(self, on: date) -> int:
        """The position behind a day."""
        return bisect_right(self.days, on)

    def first_day(self, position: int) -> date:
        """The day that begins at a position."""
        return self.days[min(max(position, 0), len(self.days) - 1)]

    def last_day(self, position: int) -> date:
        """The day that ends at a position."""
        return self.first_day(position - 1)

    def length(self, first: date, last: date) -> int:
        """Working days of a span; work of one day takes one though it falls on a day off."""
        return max(self.end(last) - self.start(first), 1)


def weekdays(first: date, last: date) -> list[date]:
    """Mondays to Fridays of a span, for years whose holidays nobody knows yet."""
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in span if day.weekday() < 5]
