"""Random filters: what the database finds is what the same condition finds in Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.telemetry.sta.tests.conftest import Api
from sen.domains.telemetry.sta.tests.test_writing import streams_of

BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


@dataclass(frozen=True)
class Row:
    first: datetime
    end: datetime | None
    result: float | None

    @property
    def last(self) -> datetime:
        return self.end or self.first


@dataclass(frozen=True, repr=False)
class Condition:
    """A filter, and what it means: no result equals nothing (OData 4.01, 5.1.1)."""

    text: str
    holds: Callable[[Row], bool]

    def __repr__(self) -> str:
        return self.text


def _moment(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


#: Every fourth lasts two hours, every fifth has no number.
ROWS = [
    Row(
        _moment(n),
        _moment(n + 2) if n % 4 == 0 else None,
        None if n % 5 == 0 else float(n % 7) - 2.5,
    )
    for n in range(24)
]
HOURS = st.integers(-2, 27)
NUMBERS = st.integers(-4, 5).map(lambda n: n / 2)


def _of_result(operator: str, number: float, factor: int) -> Condition:
    def holds(row: Row) -> bool:
        if row.result is None:
            return operator == "ne"
        return OPERATORS[operator](row.result * factor, number)

    left = "result" if factor == 1 else f"result mul {factor}"
    return Condition(f"{left} {operator} {number}", holds)


def _of_moment(operator: str, hour: int) -> Condition:
    """A moment beside what may last: lt and le look at its end, gt and ge at its begin."""
    other = _moment(hour)

    def holds(row: Row) -> bool:
        if operator in ("eq", "ne"):
            same = row.first == other and row.last == other
            return same == (operator == "eq")
        seen = row.last if operator in ("lt", "le") else row.first
        return OPERATORS[operator](seen, other)

    return Condition(f"phenomenonTime {operator} {_text(other)}", holds)


def _of_interval(name: str, hour: int, length: int) -> Condition:
    begin, end = _moment(hour), _moment(hour + length)
    interval = f"{_text(begin)}/{_text(end)}"

    def holds(row: Row) -> bool:
        lasts = row.end is not None
        match name:
            case "before":
                return row.last < begin
            case "after":
                return row.first > end
            case "during":
                return row.first >= begin and (row.last <= end if lasts else row.last < end)
            case "overlaps":
                return row.first < end and (begin < row.last if lasts else begin <= row.last)
            case "starts":
                return row.first == begin
            case _:
                return row.last == end

    return Condition(f"{name}(phenomenonTime,{interval})", holds)


def _not(one: Condition) -> Condition:
    return Condition(f"not ({one.text})", lambda row: not one.holds(row))


def _both(pair: tuple[Condition, Condition]) -> Condition:
    a, b = pair
    return Condition(f"({a.text} and {b.text})", lambda row: a.holds(row) and b.holds(row))


def _either(pair: tuple[Condition, Condition]) -> Condition:
    a, b = pair
    return Condition(f"({a.text} or {b.text})", lambda row: a.holds(row) or b.holds(row))


SIMPLE = st.one_of(
    st.builds(_of_result, st.sampled_from(sorted(OPERATORS)), NUMBERS, st.integers(1, 3)),
    st.builds(_of_moment, st.sampled_from(sorted(OPERATORS)), HOURS),
    st.builds(
        _of_interval,
        st.sampled_from(["before", "after", "during", "overlaps", "starts", "finishes"]),
        HOURS,
        st.integers(1, 9),
    ),
)
CONDITIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        inner.map(_not),
        st.tuples(inner, inner).map(_both),
        st.tuples(inner, inner).map(_either),
    ),
    max_leaves=5,
)


def test_the_database_finds_what_python_finds(api: Api) -> None:
    _thing, stream = streams_of(api)
    for row in ROWS:
        last = f"/{_text(row.end)}" if row.end else ""
        body = {"phenomenonTime": f"{_text(row.first)}{last}", "result": row.result}
        api.post(f"Datastreams({stream})/Observations", body)
    of_day = {_text(row.first): row for row in ROWS}

    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(CONDITIONS)
    def same(condition: Condition) -> None:
        found = api.get(
            f"Datastreams({stream})/Observations",
            filter=f"phenomenonTime ge 2026-05-01T00:00:00Z and ({condition.text})",
            select="phenomenonTime",
            top=100,
        )["value"]
        times = {item["phenomenonTime"][:19] + "Z" for item in found}
        assert times == {text for text, row in of_day.items() if condition.holds(row)}

    same()
