"""Working days and working time over a calendar that the caller supplies.

Holidays, swapped days and office hours are data: the calendar of a year is announced late and is
changed by single letters (2 January 2026 was swapped seven days before). A `WorkCalendar` is built
from such data and is immutable; when the data change, build a new one and compute again.

The trick: working time is numbered. `WorkCalendar.position` says how many working seconds have
passed since the calendar begins, `WorkCalendar.instant` is its inverse; every question is then an
addition or a subtraction.

Source:
    Bộ luật Dân sự 2015, Điều 147 and 148 (a period counted in days begins on the day after the
    event); Nghị định 118/2025/NĐ-CP as amended by 367/2025 (the clock of a dossier stands while
    the citizen supplements it).
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from sen.lib.errors import InputError, gettext_noop

VIETNAM_TIME: Final = ZoneInfo("Asia/Ho_Chi_Minh")
SATURDAY_AND_SUNDAY: Final = frozenset({5, 6})
_DAY_MINUTES: Final = 24 * 60

Pause: TypeAlias = tuple[dt.datetime, dt.datetime | None]
"""Begin and end of a time in which the clock stands; no end while it still stands."""


class CalendarError(InputError):
    """The calendar contradicts itself, or a date lies outside it."""


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The sessions of a working day.

    Units:
        ``sessions``: pairs of minutes since midnight, in order, not overlapping.

    Raises:
        CalendarError: There is no session, or the sessions overlap or run backwards.
    """

    sessions: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        flat = [minute for session in self.sessions for minute in session]
        bounds = [-1, *flat, _DAY_MINUTES + 1]
        if not flat or any(one >= other for one, other in pairwise(bounds)):
            raise CalendarError(
                gettext_noop(
                    "Giờ làm việc %(sessions)s không hợp lệ: các buổi phải nối tiếp nhau trong "
                    "ngày, giờ bắt đầu trước giờ kết thúc."
                ),
                sessions=str(self),
            )

    @classmethod
    def parse(cls, text: str) -> OfficeHours:
        """Read hours such as ``07:00-11:30, 13:00-16:30``.

        Raises:
            CalendarError: The text is no list of sessions.
        """
        sessions = []
        for part in text.split(","):
            match = re.fullmatch(
                r"\s*(\d{1,2})[:hg](\d{2})\s*[-–]\s*(\d{1,2})[:hg](\d{2})\s*", part
            )
            if match is None:
                raise CalendarError(
                    gettext_noop(
                        "“%(text)s” không phải là giờ làm việc. "
                        "Hãy ghi như 07:00-11:30, 13:00-16:30."
                    ),
                    text=text,
                )
            start_h, start_min, end_h, end_min = (int(group) for group in match.groups())
            sessions.append((start_h * 60 + start_min, end_h * 60 + end_min))
        return cls(tuple(sessions))

    @property
    def day_s(self) -> int:
        """Working seconds of a day."""
        return sum(end - start for start, end in self.sessions) * 60

    def __str__(self) -> str:
        return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in self.sessions)


def _clock(minute: int) -> str:
    """Write a minute of the day as ``07:30``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class WorkCalendar:
    """Working days from one date to another, with the hours worked on each.

    Args:
        first: First date that the data cover.
        last: Last date that the data cover.
        hours: Sessions of a working day.
        holidays: Days off besides the weekly ones.
        makeup_days: Weekly days off on which people work instead.
        weekly_off: Weekdays off, Monday is 0.
        zone: Zone in which the office keeps its hours.

    Units:
        Positions in working seconds; parts of a second are dropped.

    Raises:
        CalendarError: The dates run backwards, one day is both off and made up, or no day is left.
    """

    def __init__(
        self,
        first: dt.date,
        last: dt.date,
        hours: OfficeHours,
        *,
        holidays: Iterable[dt.date] = (),
        makeup_days: Iterable[dt.date] = (),
        weekly_off: frozenset[int] = SATURDAY_AND_SUNDAY,
        zone: dt.tzinfo = VIETNAM_TIME,
    ) -> None:
        off, extra = frozenset(holidays), frozenset(makeup_days)
        if both := off & extra:
            raise CalendarError(
                gettext_noop("Ngày %(days)s vừa là ngày nghỉ vừa là ngày làm bù."),
                days=", ".join(f"{day:%d/%m/%Y}" for day in sorted(both)),
            )
        self.first, self.last, self.hours, self.zone = first, last, hours, zone
        self._days: list[dt.date] = [
            day
            for day in (
                first + dt.timedelta(days=offset) for offset in range((last - first).days + 1)
            )
            if day in extra or (day.weekday() not in weekly_off and day not in off)
        ]
        if not self._days:
            raise CalendarError(
                gettext_noop("Lịch từ %(first)s đến %(last)s không có ngày làm việc nào."),
                first=f"{first:%d/%m/%Y}",
                last=f"{last:%d/%m/%Y}",
            )

    @property
    def working_days(self) -> Sequence[dt.date]:
        """All working days in order."""
        return tuple(self._days)

    def is_working_day(self, day: dt.date) -> bool:
        """Say whether people work on a day.

        Raises:
            CalendarError: The day lies outside the calendar.
        """
        return self._rank(day) != self._rank_after(day)

    def next_working_day(self, day: dt.date) -> dt.date:
        """Return the day itself when people work on it, else the next day on which they do.

        Raises:
            CalendarError: The day or the result lies outside the calendar.
        """
        return self._day(self._rank(day))

    def add_working_days(self, day: dt.date, count: int) -> dt.date:
        """Return the working day that lies ``count`` working days after (before) a day.

        The day itself is not counted. With 0 the result is the next working day, the day itself
        included, since a period that would end on a day off ends on the next working day.

        Raises:
            CalendarError: The day or the result lies outside the calendar.
        """
        if count > 0:
            return self._day(self._rank_after(day) + count - 1)
        return self._day(self._rank(day) + count)

    def count_working_days(self, start: dt.date, end: dt.date) -> int:
        """Count the working days after ``start`` up to ``end``; negative when ``end`` is earlier.

        Raises:
            CalendarError: A day lies outside the calendar.
        """
        return self._rank_after(end) - self._rank_after(start)

    def position(self, at: dt.datetime) -> int:
        """Return the working seconds from the beginning of the calendar to an instant.

        Raises:
            CalendarError: The instant lies outside the calendar.
            ValueError: The instant has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        local = at.astimezone(self.zone)
        rank = self._rank(local.date())
        seconds = rank * self.hours.day_s
        if rank == self._rank_after(local.date()):
            return seconds
        clock = (local.hour * 60 + local.minute) * 60 + local.second
        return seconds + sum(
            max(0, min(clock, end * 60) - start * 60) for start, end in self.hours.sessions
        )

    def instant(self, position_s: int) -> dt.datetime:
        """Return the earliest instant at which so many working seconds have passed.

        Position 0 is the first opening of the calendar.

        Raises:
            CalendarError: The position lies outside the calendar.
        """
        rank, rest = divmod(position_s, self.hours.day_s)
        if rest == 0 and rank > 0:
            rank, rest = rank - 1, self.hours.day_s
        day = self._day(rank)
        for start, end in self.hours.sessions:
            length = (end - start) * 60
            if rest <= length:
                break
            rest -= length
        midnight = dt.datetime.combine(day, dt.time(), tzinfo=self.zone)
        return midnight + dt.timedelta(seconds=start * 60 + rest)

    def add_working_time(
        self, start: dt.datetime, duration: dt.timedelta, pauses: Iterable[Pause] = ()
    ) -> dt.datetime | None:
        """Return the instant at which so much working time has run since ``start``.

        Pauses stop the clock; they may overlap and may begin before ``start``. None while a pause
        that began before the end has no end itself: the clock stands.

        Raises:
            CalendarError: An instant lies outside the calendar.
            ValueError: The duration is negative, or an instant has no time zone.
        """
        if duration < dt.timedelta(0):
            raise ValueError("a duration must not be negative")
        begin = self.position(start)
        end = begin + int(duration.total_seconds())
        for pause_start, pause_end in self._stops(pauses, begin):
            if pause_start >= end:
                break
            if pause_end is None:
                return None
            end += pause_end - pause_start
        return start.astimezone(self.zone) if end == begin else self.instant(end)

    def deadline(
        self, received: dt.datetime, days: float, pauses: Iterable[Pause] = ()
    ) -> dt.datetime | None:
        """Return when a dossier is due that was received at an instant.

        A working day is a full day of office hours: three days from Tuesday 15:00 end on Friday
        15:00. Received after hours, the clock starts at the next opening.

        Units:
            ``days``: working days, halves allowed.

        Raises:
            CalendarError: An instant lies outside the calendar.
            ValueError: The number of days is negative, or an instant has no time zone.
        """
        duration = dt.timedelta(seconds=round(days * self.hours.day_s))
        return self.add_working_time(received, duration, pauses)

    def working_time(
        self, start: dt.datetime, end: dt.datetime, pauses: Iterable[Pause] = ()
    ) -> dt.timedelta:
        """Return the working time between two instants less the pauses; negative when backwards.

        An open pause lasts to ``end``.

        Raises:
            CalendarError: An instant lies outside the calendar.
            ValueError: An instant has no time zone.
        """
        if end < start:
            return -self.working_time(end, start, pauses)
        first, last = self.position(start), self.position(end)
        stopped = sum(
            max(0, min(last if pause_end is None else pause_end, last) - pause_start)
            for pause_start, pause_end in self._stops(pauses, first)
        )
        return dt.timedelta(seconds=last - first - stopped)

    def working_minutes(
        self, start: dt.datetime, end: dt.datetime, pauses: Iterable[Pause] = ()
    ) -> int:
        """Return `working_time` in whole minutes, parts of a minute dropped."""
        return int(self.working_time(start, end, pauses).total_seconds() / 60)

    def _stops(self, pauses: Iterable[Pause], begin: int) -> list[tuple[int, int | None]]:
        """Return the pauses after a position, merged and in order, as positions."""
        spans = sorted(
            (
                (
                    max(self.position(start), begin),
                    None if end is None else max(self.position(end), begin),
                )
                for start, end in pauses
            ),
            key=lambda span: span[0],
        )
        merged: list[tuple[int, int | None]] = []
        for start, end in spans:
            if not merged:
                merged.append((start, end))
                continue
            last_start, last_end = merged[-1]
            if last_end is None:
                break
            if start > last_end:
                merged.append((start, end))
            else:
                merged[-1] = (last_start, None if end is None else max(end, last_end))
        return merged

    def _rank(self, day: dt.date) -> int:
        """Count the working days before a day."""
        self._check(day)
        return bisect_left(self._days, day)

    def _rank_after(self, day: dt.date) -> int:
        """Count the working days up to and including a day."""
        self._check(day)
        return bisect_right(self._days, day)

    def _day(self, rank: int) -> dt.date:
        """Return the working day of a rank."""
        if not 0 <= rank < len(self._days):
            raise CalendarError(
                gettext_noop(
                    "Kết quả nằm ngoài lịch làm việc từ %(first)s đến %(last)s. "
                    "Hãy bổ sung ngày nghỉ và ngày làm bù của năm còn thiếu."
                ),
                first=f"{self.first:%d/%m/%Y}",
                last=f"{self.last:%d/%m/%Y}",
            )
        return self._days[rank]

    def _check(self, day: dt.date) -> None:
        """Raise when a day lies outside the calendar."""
        if not self.first <= day <= self.last:
            raise CalendarError(
                gettext_noop(
                    "Ngày %(day)s nằm ngoài lịch làm việc từ %(first)s đến %(last)s. "
                    "Hãy bổ sung ngày nghỉ và ngày làm bù của năm còn thiếu."
                ),
                day=f"{day:%d/%m/%Y}",
                first=f"{self.first:%d/%m/%Y}",
                last=f"{self.last:%d/%m/%Y}",
            )
