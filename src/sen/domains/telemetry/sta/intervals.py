"""Moments and intervals compared, in SQL.

A moment may last: ``phenomenonTime`` of an observation has a second end in some rows and none in
others, so a condition says what holds in each case. Where it can be said of the beginning alone it
is said so, since the days that have to be looked at follow from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from sen.domains.telemetry.sta.odata.nodes import Kind
from sen.domains.telemetry.sta.values import Value

SIGNS: Final = {"eq": "=", "ne": "IS DISTINCT FROM", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
FLIPPED: Final = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def interval_comparison(operator: str, left: Value, right: Value) -> str:
    if left.kind is Kind.INSTANT:
        return interval_comparison(FLIPPED[operator], right, left)
    first, last = left.sql, left.end or left.sql
    begin, end = right.sql, right.end or right.sql
    match operator:
        case "eq":
            return f"({first} = {begin} AND {last} = {end})"
        case "ne":
            return f"(({first} = {begin} AND {last} = {end}) IS NOT TRUE)"
        case "lt":
            return f"({last} < {begin})"
        case "le":
            return f"({last} <= {end})"
        case "gt":
            return f"({first} > {end})"
        case _:
            return f"({first} >= {begin})"


def may_last(value: Value) -> bool:
    """Whether it is a moment in one row and an interval in another (``phenomenonTime``)."""
    return value.kind is Kind.INSTANT and bool(value.end)


def _by_row(a: Value, b: Value, make: Callable[[Value, Value], str]) -> str:
    """A condition by what each of the values is in the row that is looked at."""
    for this, other, mirrored in ((a, b, False), (b, a, True)):
        if may_last(this):
            shapes = (Value(Kind.INSTANT, this.sql), Value(Kind.INTERVAL, this.sql, this.end))
            moment, lasting = (
                _by_row(*((other, shape) if mirrored else (shape, other)), make) for shape in shapes
            )
            return f"(CASE WHEN {this.end} IS NULL THEN {moment} ELSE {lasting} END)"
    return make(a, b)


def lasting_comparison(operator: str, left: Value, right: Value) -> str:
    if not may_last(left):
        return lasting_comparison(FLIPPED[operator], right, left)
    begin, end = right.sql, right.sql if may_last(right) else right.end or right.sql

    def compared(a: Value, b: Value) -> str:
        if Kind.INTERVAL in (a.kind, b.kind):
            return interval_comparison(operator, a, b)
        return f"({a.sql} {SIGNS[operator]} {b.sql})"

    if operator in ("gt", "ge") and not may_last(right):
        # It begins there whether it lasts or not; the days that are looked at follow from it.
        return compared(Value(Kind.INSTANT, left.sql), right)
    exact = _by_row(left, right, compared)
    bounds = {"lt": f"< {begin}", "le": f"<= {end}", "eq": f"= {begin}"}
    if operator not in bounds or may_last(right):
        return exact
    return f"({left.sql} {bounds[operator]} AND {exact})"


def lasting_relation(name: str, a: Value, b: Value) -> str:
    """A relation; where it can hold at all is said first, so that other days are left out."""
    if not (may_last(a) or may_last(b)):
        return _relation(name, a, b)
    exact = _by_row(a, b, partial(_relation, name))
    if not may_last(a) or may_last(b):
        return exact
    begin, end = b.sql, b.end or b.sql
    bounds = {
        "before": f"{a.sql} < {begin}",
        "after": f"{a.sql} > {end}",
        "during": f"{a.sql} >= {begin} AND {a.sql} <= {end}",
        "overlaps": f"{a.sql} <= {end}",
        "starts": f"{a.sql} = {begin}",
    }
    return f"({bounds[name]} AND {exact})" if name in bounds else exact


def _relation(name: str, a: Value, b: Value) -> str:
    """A relation of two intervals, closed at the begin and open at the end; a moment is closed."""
    first, last = a.sql, a.end or a.sql
    begin, end = b.sql, b.end or b.sql
    before_end = "<" if b.end else "<="
    before_last = "<" if a.end else "<="
    match name:
        case "before":
            return f"({last} < {begin})"
        case "after":
            return f"({first} > {end})"
        case "meets":
            return f"({last} = {begin} OR {end} = {first})"
        case "during":
            inside = "<=" if a.end else before_end
            return f"({first} >= {begin} AND {last} {inside} {end})"
        case "overlaps":
            return f"({first} {before_end} {end} AND {begin} {before_last} {last})"
        case "starts":
            return f"({first} = {begin})"
        case _:
            return f"({last} = {end})"
