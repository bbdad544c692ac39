"""Ties between tasks, floats and critical paths."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.projects.sequence import (
    Actual,
    DayLine,
    Item,
    Link,
    SequenceError,
    Tie,
    critical_path,
    in_order,
    outlook_of,
    parse_links,
    places_of,
    pushed_by,
    weekdays,
)

#: A busy machine draws slowly.
QUICK = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@st.composite
def networks(draw: st.DrawFn) -> list[Item]:
    """Tasks that wait for earlier ones only, in any order."""
    count = draw(st.integers(1, 9))
    items = []
    for place in range(count):
        befores = draw(st.sets(st.integers(0, place - 1), max_size=3)) if place else set()
        links = tuple(
            Link(str(one), draw(st.sampled_from(Tie)), draw(st.integers(-3, 5)))
            for one in sorted(befores)
        )
        items.append(Item(str(place), draw(st.integers(0, 12)), draw(st.integers(0, 9)), links))
    return draw(st.permutations(items))


def holds(link: Link, one: Any, other: Any) -> bool:
    """Whether a tie is kept between the places of two tasks."""
    held = one.start if link.tie in (Tie.SS, Tie.SF) else one.end
    of = other.end if link.tie in (Tie.FF, Tie.SF) else other.start
    return bool(of >= held + link.lag)


@QUICK
@given(networks())
def test_every_tie_holds_floats_are_never_negative_and_something_is_critical(
    items: list[Item],
) -> None:
    places = places_of(items)
    finish = max(place.end for place in places.values())
    for item in items:
        place = places[item.code]
        assert place.end - place.start == item.days == place.late_end - place.late_start
        assert 0 <= place.start <= place.late_start
        assert place.late_end <= finish
        for link in item.links:
            assert holds(link, places[link.before], place)
    assert any(place.is_critical for place in places.values())


@QUICK
@given(networks())
def test_latest_days_hold_every_tie_too_so_that_a_float_is_really_free(items: list[Item]) -> None:
    places = places_of(items)
    for moved in items:
        for link in moved.links:
            before, after = places[link.before], places[moved.code]
            late_held = before.late_start if link.tie in (Tie.SS, Tie.SF) else before.late_end
            late_of = after.late_end if link.tie in (Tie.FF, Tie.SF) else after.late_start
            assert late_of >= late_held + link.lag


@QUICK
@given(networks())
def test_the_critical_path_is_as_long_as_the_project_and_no_way_is_longer(
    items: list[Item],
) -> None:
    places = places_of(items)
    by_code = {item.code: item for item in items}
    finish = max(place.end for place in places.values())
    chain = critical_path(places)
    at = places[chain[0]].start
    for code, following in itertools.pairwise(chain):
        link = places[following].driver
        assert link is not None
        assert link.before == code
        at += _step(link, by_code[code].days, by_code[following].days)
        assert at == places[following].start
    assert at + by_code[chain[-1]].days == finish
    assert all(places[code].is_critical for code in chain)

    @cache
    def longest(code: str) -> int:
        item = by_code[code]
        if not item.links:
            return item.not_before
        ways = [
            longest(link.before) + _step(link, by_code[link.before].days, item.days)
            for link in item.links
        ]
        return max(0, *ways)

    assert finish == max(longest(item.code) + item.days for item in items)


def _step(link: Link, days: int, next_days: int) -> int:
    """From the start of one task to the start of the next along a tie."""
    step = link.lag + (days if link.tie in (Tie.FS, Tie.FF) else 0)
    return step - (next_days if link.tie in (Tie.FF, Tie.SF) else 0)


@QUICK
@given(networks(), st.data())
def test_whoever_waits_in_a_circle_is_named(items: list[Item], data: st.DataObject) -> None:
    ordered = in_order(items)
    last = ordered[-1]
    first = data.draw(st.sampled_from(ordered))
    closed = [
        Item(i.code, i.days, 0, (*i.links, Link(last.code))) if i.code == first.code else i
        for i in items
    ]
    waits = _waits_for(last.code, first.code, {item.code: item for item in closed})
    if waits:
        with pytest.raises(SequenceError, match=f"{first.code}|{last.code}"):
            places_of(closed)
    else:
        assert places_of(closed)


def _waits_for(code: str, other: str, by_code: dict[str, Item]) -> bool:
    seen: set[str] = set()
    waiting = [code]
    while waiting:
        at = waiting.pop()
        if at == other:
            return True
        if at not in seen:
            seen.add(at)
            waiting += [link.before for link in by_code[at].links]
    return False


def test_the_circle_is_said_in_the_order_of_work() -> None:
    items = [
        Item("1", 2, 0, (Link("3"),)),
        Item("2", 2, 0, (Link("1"),)),
        Item("3", 2, 0, (Link("2"),)),
    ]
    with pytest.raises(SequenceError, match="1 → 2 → 3 → 1"):
        places_of(items)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3", "3"),
        ("3FS+2d", "3FS+2"),
        ("3fs + 2 ngày; 5SS", "3FS+2, 5SS"),
        ("1.2FF-1, M1", "1.2FF-1, M1"),
        ("A-4; 5sf+10 days", "A-4, 5SF+10"),
        ("", ""),
    ],
)
def test_ties_are_read_as_planning_tools_write_them(text: str, said: str) -> None:
    known = ("3", "5", "1.2", "M1", "A-4")
    links = parse_links(text, known)
    assert ", ".join(map(str, links)) == said
    assert parse_links("; ".join(map(str, links)), known) == links


@pytest.mark.parametrize("text", ["9", "3XX", "3FS+50%", "3; 3SS", "3FS+99999"])
def test_what_is_no_tie_is_refused_in_words(text: str) -> None:
    with pytest.raises(SequenceError):
        parse_links(text, ("3", "5"))


@QUICK
@given(networks(), st.integers(0, 40), st.data())
def test_an_outlook_keeps_ties_of_what_has_not_begun(
    items: list[Item], today: int, data: st.DataObject
) -> None:
    actual = {}
    for item in items:
        done = data.draw(st.sampled_from((None, 0, 40)))
        actual[item.code] = Actual() if done is None else Actual(item.not_before, None, done)
    found = outlook_of(items, actual, today)
    for item in items:
        place = found[item.code]
        assert place.end >= min(today, place.end)
        assert place.start <= place.end
        if actual[item.code].started is None:
            assert place.start >= max(today, item.not_before)
            assert all(holds(link, found[link.before], place) for link in item.links)


def test_a_late_task_pushes_what_waits_for_it_and_nothing_else() -> None:
    items = [
        Item("1", 10),
        Item("2", 5, 10, (Link("1"),)),
        Item("3", 5, 15, (Link("2", lag=2),)),
        Item("4", 5, 30, (Link("1"),)),
    ]
    late = outlook_of(items, {"1": Actual(0, None, 50)}, today=12)
    assert [late[code].end for code in "1234"] == [17, 22, 29, 35]
    assert pushed_by("1", late) == ["2", "3"]
    on_time = outlook_of(items, {"1": Actual(0, 10, 100)}, today=10)
    assert pushed_by("1", on_time) == []


def test_days_and_positions_agree_over_days_off() -> None:
    line = DayLine(weekdays(date(2026, 1, 1), date(2026, 3, 31)))
    friday, monday = date(2026, 1, 9), date(2026, 1, 12)
    assert line.start(friday + timedelta(days=1)) == line.start(monday)
    assert line.length(friday, monday) == 2
    assert line.length(friday + timedelta(days=1), friday + timedelta(days=2)) == 1
    assert line.last_day(line.end(friday)) == friday
    assert line.first_day(line.start(monday)) == monday
