"""The query language: what is read is written the same, and nothing else than a fault is raised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.domains.telemetry.sta.keys import moment_of
from sen.domains.telemetry.sta.odata.addresses import address_of
from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.odata.functions import FUNCTIONS
from sen.domains.telemetry.sta.odata.nodes import (
    Among,
    Binary,
    Call,
    Kind,
    Literal,
    Logic,
    Node,
    Path,
    Quantified,
    Unary,
    written,
)
from sen.domains.telemetry.sta.odata.options import options_of, pairs_of
from sen.domains.telemetry.sta.odata.parser import COMPARISONS, parse

moments = st.integers(-2_208_988_800_000_000, 7_258_118_400_000_000).map(moment_of)
durations = st.sampled_from(["P1D", "PT2H30M", "P1Y2M", "PT0.5S", "P2W"])
names = st.sampled_from(
    ["name", "result", "đơn_vị", "Datastream", "Thing", "properties", "@iot.id", "id", "x1"]
)
numbers = st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=True)
literals = st.one_of(
    st.just(Literal(Kind.NULL, None)),
    st.booleans().map(lambda v: Literal(Kind.BOOL, v)),
    numbers.map(lambda v: Literal(Kind.NUMBER, v)),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12).map(
        lambda v: Literal(Kind.TEXT, v)
    ),
    moments.map(lambda v: Literal(Kind.INSTANT, v)),
    st.tuples(moments, moments).map(lambda v: Literal(Kind.INTERVAL, tuple(sorted(v)))),
    st.tuples(moments, durations).map(lambda v: Literal(Kind.INTERVAL, v)),
    st.dates(date(1900, 1, 1), date(2200, 1, 1)).map(lambda v: Literal(Kind.DATE, v)),
    st.times().map(lambda v: Literal(Kind.TIME, v)),
    durations.map(lambda v: Literal(Kind.DURATION, v)),
    st.sampled_from(["POINT(1 2)", "POLYGON((0 0,1 0,1 1,0 0))"]).map(
        lambda v: Literal(Kind.GEOMETRY, v)
    ),
)
paths = st.lists(names, min_size=1, max_size=3).map(lambda v: Path(tuple(v)))


def calls(inner: Any) -> Any:
    def of(name: str) -> Any:
        count = FUNCTIONS[name].counts[-1]
        parts = st.lists(inner, min_size=count, max_size=count)
        return parts.map(lambda found: Call(name, tuple(found)))

    return st.sampled_from(sorted(FUNCTIONS)).flatmap(of)


def is_positive(node: Node) -> bool:
    """``-5`` is read as a number, so only what is no positive number is negated."""
    return isinstance(node, Literal) and node.kind is Kind.NUMBER


def larger(inner: Any) -> Any:
    operators = [*sorted(COMPARISONS), "add", "sub", "mul", "div", "mod"]
    many = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Binary, st.sampled_from(operators), inner, inner),
        st.builds(Logic, st.sampled_from(["and", "or"]), many),
        st.builds(Unary, st.just("not"), inner),
        st.builds(Unary, st.just("-"), inner.filter(lambda node: not is_positive(node))),
        st.builds(Among, inner, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Quantified, st.sampled_from(["any", "all"]), paths, st.just("d"), inner),
        calls(inner),
    )


expressions = st.recursive(literals | paths, larger, max_leaves=12)


@given(expressions)
@settings(max_examples=400, deadline=None)
def test_what_is_written_is_read_as_the_same(node: Node) -> None:
    assert parse(written(node)) == node


WORDS = [
    "name", "eq", "and", "not", "(", ")", ",", "/", "'a'", "'", "5", "-", "1e9", "any", "d:",
    "2026-01-01T00:00:00Z", "2026-13-01", "P1D", "geo.distance(", "length(", "in", "null", " ",
    "geography'POINT(1 2)'", "duration'PT'", "9" * 400, "@iot.id", "$it",
    "0001-01-01T00:00:00+14:00",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=40))
@settings(max_examples=600, deadline=None)
def test_nonsense_is_a_fault_with_a_place(text: str) -> None:
    fault = fault_of(lambda: parse(text))
    if fault is not None:
        assert fault.at is not None
        assert 0 <= fault.at <= len(text)
    for read in (lambda: options_of([("$expand", text)]), lambda: address_of(text)):
        fault = fault_of(read)
        assert fault is None or fault.message


def fault_of(read: Callable[[], object]) -> SyntaxFault | None:
    """The fault that is found; any other exception fails the test."""
    try:
        read()
    except SyntaxFault as fault:
        return fault
    return None


@pytest.mark.parametrize(
    "text",
    ["(" * 5000 + "1" + ")" * 5000, "not " * 1400 + "a", "-" * 1400 + "a", "a" + " add a" * 700],
)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(SyntaxFault):
        parse(text)


def test_precedence_is_that_of_the_standard() -> None:
    assert written(parse("a or b and c eq 1 add 2 mul 3")) == (
        "a or (b and (c eq (1 add (2 mul 3))))"
    )
    assert written(parse("not a eq 1 and b")) == "(not (a eq 1)) and b"
    assert parse("a sub 1 sub 2") == Binary(
        "sub",
        Binary("sub", Path(("a",)), Literal(Kind.NUMBER, 1)),
        Literal(Kind.NUMBER, 2),
    )


def test_values_are_read_as_what_they_are() -> None:
    def value(text: str) -> Literal:
        node = parse(text)
        assert isinstance(node, Literal)
        return node

    assert value("2026-01-01T07:00:00+07:00") == Literal(
        Kind.INSTANT, datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert value("P1D/2026-01-02T00:00:00Z").value[0] == "P1D"
    assert value("12:30:01.5") == Literal(Kind.TIME, time(12, 30, 1, 500000))
    assert value("'it''s'") == Literal(Kind.TEXT, "it's")
    assert value("-3.5e2") == Literal(Kind.NUMBER, -350.0)


def test_expand_is_read_with_options_at_every_depth() -> None:
    text = (
        "Datastreams($filter=name eq 'a;b,(c)' and result gt 1;$orderby=name desc;"
        "$expand=Observations($top=1;$skip=2;$select=result),Sensor),Locations/HistoricalLocations"
    )
    options = options_of([("$expand", text), ("$count", "true")])
    streams = options.expand["Datastreams"]
    assert streams.expand["Observations"].top == 1
    assert streams.expand["Observations"].select == ("result",)
    assert streams.orderby[0].descending
    assert "HistoricalLocations" in options.expand["Locations"].expand
    assert options_of(pairs_of(options)) == options
