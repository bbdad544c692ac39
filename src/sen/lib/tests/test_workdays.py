from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.workdays import VIETNAM_TIME, CalendarError, OfficeHours, Pause, WorkCalendar

HOURS = OfficeHours.parse("07:00-11:30, 13:00-16:30")


def day(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=VIETNAM_TIME).date()


def at(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=VIETNAM_TIME)


def days_between(first: str, last: str) -> list[dt.date]:
    return [day(first) + dt.timedelta(n) for n in range((day(last) - day(first)).days + 1)]


HOLIDAYS = [
    *days_between("16/02/2026", "20/02/2026"),
    *(day(text) for text in ("01/01/2026", "02/01/2026", "27/04/2026", "30/04/2026")),
    *(day(text) for text in ("01/05/2026", "24/11/2026", "01/01/2027")),
    *days_between("31/08/2026", "02/09/2026"),
    *days_between("04/02/2027", "10/02/2027"),
]
CALENDAR = WorkCalendar(
    day("01/01/2025"),
    day("31/12/2027"),
    HOURS,
    holidays=HOLIDAYS,
    makeup_days=[day("10/01/2026"), day("22/08/2026")],
)


def test_days() -> None:
    assert not CALENDAR.is_working_day(day("02/01/2026"))
    assert CALENDAR.is_working_day(day("10/01/2026"))
    assert not CALENDAR.is_working_day(day("24/11/2026"))
    assert CALENDAR.next_working_day(day("14/02/2026")) == day("23/02/2026")
    assert CALENDAR.next_working_day(day("23/02/2026")) == day("23/02/2026")
    assert len(CALENDAR.working_days) == 783 - 20 + 2


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("30/12/2025", 3, "06/01/2026"),
        ("08/01/2026", 2, "10/01/2026"),
        ("13/02/2026", 1, "23/02/2026"),
        ("14/02/2026", 1, "23/02/2026"),
        ("14/02/2026", 0, "23/02/2026"),
        ("23/02/2026", -1, "13/02/2026"),
        ("15/02/2026", -1, "13/02/2026"),
    ],
)
def test_adding_days(start: str, count: int, end: str) -> None:
    assert CALENDAR.add_working_days(day(start), count) == day(end)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("30/12/2025 15:00", 3, "06/01/2026 15:00"),
        ("03/02/2027 10:00", 5, "17/02/2027 10:00"),
        ("23/11/2026 16:30", 1, "25/11/2026 16:30"),
        ("23/11/2026 20:00", 1, "25/11/2026 16:30"),
        ("22/11/2026 09:00", 1, "23/11/2026 16:30"),
        ("25/11/2026 12:00", 0.5, "26/11/2026 07:30"),
        ("25/11/2026 11:00", 0, "25/11/2026 11:00"),
        ("25/11/2026 12:00", 0, "25/11/2026 12:00"),
    ],
)
def test_deadlines(received: str, days: float, due: str) -> None:
    assert CALENDAR.deadline(at(received), days) == at(due)


def test_pauses_move_the_deadline() -> None:
    received = at("30/12/2025 15:00")
    pause: Pause = (at("05/01/2026 09:00"), at("09/01/2026 14:00"))
    plain = CALENDAR.deadline(received, 10)
    moved = CALENDAR.deadline(received, 10, [pause])
    assert plain is not None
    assert moved is not None
    assert CALENDAR.working_time(plain, moved) == CALENDAR.working_time(
        at("05/01/2026 09:00"), at("09/01/2026 14:00")
    )
    inner: Pause = (at("06/01/2026 09:00"), at("07/01/2026 09:00"))
    early: Pause = (at("01/12/2025 09:00"), at("02/12/2025 09:00"))
    assert CALENDAR.deadline(received, 10, [inner, pause, early]) == moved
    late: Pause = (at("01/06/2026 09:00"), None)
    assert CALENDAR.deadline(received, 10, [pause, late]) == moved


def test_the_clock_stands_in_an_open_pause() -> None:
    received = at("25/11/2026 08:00")
    open_pause: Pause = (at("26/11/2026 08:00"), None)
    assert CALENDAR.deadline(received, 5, [open_pause]) is None
    spent = CALENDAR.working_time(received, at("30/11/2026 10:00"), [open_pause])
    assert spent == dt.timedelta(hours=8)


def test_differences() -> None:
    assert CALENDAR.working_minutes(at("25/11/2026 11:00"), at("25/11/2026 13:30")) == 60
    assert CALENDAR.working_minutes(at("25/11/2026 13:30"), at("25/11/2026 11:00")) == -60
    assert CALENDAR.count_working_days(day("20/11/2026"), day("25/11/2026")) == 2
    assert CALENDAR.count_working_days(day("25/11/2026"), day("20/11/2026")) == -2


def test_other_zones_mean_the_same_instant() -> None:
    local = at("25/11/2026 08:00")
    assert CALENDAR.position(local.astimezone(dt.UTC)) == CALENDAR.position(local)
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.position(local.replace(tzinfo=None))


def test_outside_the_calendar() -> None:
    with pytest.raises(CalendarError, match=r"Ngày 01/01/2028 nằm ngoài .* đến 31/12/2027"):
        CALENDAR.is_working_day(day("01/01/2028"))
    with pytest.raises(CalendarError, match="Kết quả nằm ngoài"):
        CALENDAR.deadline(at("30/12/2027 08:00"), 10)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.deadline(at("30/11/2027 08:00"), -1)


@pytest.mark.parametrize(
    "text", ["", "07:00", "11:30-07:00", "07:00-11:30, 11:00-16:30", "07:00-25:00"]
)
def test_bad_hours(text: str) -> None:
    with pytest.raises(CalendarError, match=r"(?i)giờ làm việc"):
        OfficeHours.parse(text)


def test_contradicting_days() -> None:
    holiday = day("01/01/2026")
    with pytest.raises(CalendarError, match="01/01/2026 vừa là ngày nghỉ vừa là ngày làm bù"):
        WorkCalendar(holiday, holiday, HOURS, holidays=[holiday], makeup_days=[holiday])
    with pytest.raises(CalendarError, match="không có ngày làm việc"):
        WorkCalendar(holiday, holiday, HOURS, holidays=[holiday])


INSTANTS = st.integers(0, 3 * 365 * 1440 - 150 * 1440).map(
    lambda minute: at("01/01/2025 00:00") + dt.timedelta(minutes=minute)
)
PAUSES = st.lists(
    st.tuples(INSTANTS, st.integers(0, 40 * 1440)).map(
        lambda pause: (pause[0], pause[0] + dt.timedelta(minutes=pause[1]))
    ),
    max_size=4,
)


def slow_minutes(start: dt.datetime, end: dt.datetime, pauses: list[Pause]) -> int:
    """Count the working minutes one by one."""
    count = 0
    while start < end:
        clock = start.hour * 60 + start.minute
        works = any(first <= clock < last for first, last in HOURS.sessions)
        stopped = any(first <= start and (last is None or start < last) for first, last in pauses)
        count += works and not stopped and start.date() in CALENDAR.working_days
        start += dt.timedelta(minutes=1)
    return count


@given(INSTANTS, st.integers(0, 3000), PAUSES)
def test_working_time_is_what_a_slow_count_says(
    start: dt.datetime, minutes: int, pauses: list[Pause]
) -> None:
    end = start + dt.timedelta(minutes=minutes)
    assert CALENDAR.working_minutes(start, end, pauses) == slow_minutes(start, end, pauses)


@given(INSTANTS, st.integers(0, 40), st.integers(0, 40))
def test_deadlines_keep_the_order_and_the_length(start: dt.datetime, one: int, more: int) -> None:
    first, second = CALENDAR.deadline(start, one), CALENDAR.deadline(start, one + more)
    assert first is not None
    assert second is not None
    assert first <= second
    assert CALENDAR.working_time(start, second).total_seconds() == (one + more) * HOURS.day_s


@given(INSTANTS)
def test_instant_inverts_position(start: dt.datetime) -> None:
    position = CALENDAR.position(start)
    assert CALENDAR.position(CALENDAR.instant(position)) == position
    assert position == 0 or CALENDAR.instant(position) <= start
