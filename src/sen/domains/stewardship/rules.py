"""When things are due: pure arithmetic of calendars."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sen.domains.stewardship.choices import Recurrence, Shift

_FORMS: Final = {
    Recurrence.YEARLY: re.compile(r"(\d{2})-(\d{2})"),
    Recurrence.MONTHLY: re.compile(r"(\d{1,2})"),
    Recurrence.ONCE: re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
}
#: A leap year, so that 29 February can be named.
_ANY_YEAR: Final = 2028


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One due day, before it is moved off a day off, and the name of its period."""

    on: date
    period: str


def is_day(recurrence: Recurrence, text: str) -> bool:
    """Whether ``text`` names a day of the recurrence."""
    found = _FORMS[recurrence].fullmatch(text)
    if found is None:
        return False
    parts = [int(part) for part in found.groups()]
    if recurrence is Recurrence.MONTHLY:
        return 1 <= parts[0] <= 31
    try:
        date(*parts) if len(parts) == 3 else date(_ANY_YEAR, *parts)
    except ValueError:
        return False
    return True


def due_days(recurrence: Recurrence, days: Sequence[str], first: date, last: date) -> list[Due]:
    """The due days from ``first`` to ``last``, in order.

    A day that a month lacks is its last one.
    """
    found = {due for due in _all(recurrence, days, first, last) if first <= due.on <= last}
    return sorted(found)


def _all(recurrence: Recurrence, days: Sequence[str], first: date, last: date) -> Iterator[Due]:
    for text in days:
        if recurrence is Recurrence.ONCE:
            on = date.fromisoformat(text)
            yield Due(on, on.strftime("%d/%m/%Y"))
        elif recurrence is Recurrence.YEARLY:
            month, day = (int(part) for part in text.split("-"))
            for year in range(first.year, last.year + 1):
                on = _in_month(year, month, day)
                period = str(year) if len(days) == 1 else f"{month:02d}/{year}"
                yield Due(on, period)
        else:
            for year, month in _months(first, last):
                yield Due(_in_month(year, month, int(text)), f"{month:02d}/{year}")


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    at = first.year * 12 + first.month - 1
    while at <= last.year * 12 + last.month - 1:
        yield at // 12, at % 12 + 1
        at += 1


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def moved(on: date, shift: Shift, is_working_day: Callable[[date], bool]) -> date:
    """The day off which a due day is moved when nobody works on it."""
    step = {Shift.BEFORE: -1, Shift.AFTER: 1}.get(shift)
    while step is not None and not is_working_day(on):
        on += timedelta(days=step)
    return on


def reminder_due(days_left: int, remind_days: Sequence[int], reminded: Sequence[int]) -> int | None:
    """The reminder that is to be sent now: the nearest one that was reached; None: none.

    Those that were missed are not sent late one after the other.
    """
    reached = [days for days in remind_days if days_left <= days and days not in reminded]
    if days_left < 0 or not reached:
        return None
    return min(reached)


def level_due(days_late: int, escalate_days: Sequence[int]) -> int:
    """How many levels of superiors ought to know of something so many days late."""
    return sum(1 for days in escalate_days if days_late >= days)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """What a unit did with its tasks.

    Units:
        ``on_time_percent``: of those done or overdue; None when there are none.
    """

    done_on_time: int
    done_late: int
    overdue: int
    waiting: int

    @property
    def on_time_percent(self) -> float | None:
        judged = self.done_on_time + self.done_late + self.overdue
        return None if judged == 0 else 100 * self.done_on_time / judged
