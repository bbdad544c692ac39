"""Conditions of a CQL2 filter: comparisons, place, time and their combinations, as SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from sen.kernel.geo.layers import LayerAccess
from sen.kernel.geo.ogc.cql2.operands import (
    Asked,
    Kind,
    Operand,
    as_boolean,
    as_number,
    as_shape,
    as_text,
    bad,
    day_of,
    instant_of,
    operand,
    sql,
)
from sen.kernel.geo.ogc.crs import Crs
from sen.kernel.geo.sql import Sql

MAX_LIST: Final = 1_000
#: Days are days of the province, not of UTC.
_ZONE: Final = f"AT TIME ZONE '{settings.TIME_ZONE}'"


def compiled(access: LayerAccess, tree: Any, crs: Crs) -> Sql:
    """The condition of a whole filter.

    Raises:
        ParameterError: it asks for something that there is not, or compares what cannot be.
    """
    return sql("({})", _condition(Asked(access, crs), tree))


def _condition(asked: Asked, node: Any) -> Sql:
    if isinstance(node, bool):
        return Sql("TRUE" if node else "FALSE")
    if isinstance(node, Mapping) and isinstance(node.get("op"), str):
        name, given = node["op"].lower(), node.get("args")
        make = _CONDITIONS.get(name)
        if make is not None:
            return make(asked, name, given if isinstance(given, list) else [given])
        if name[:2] in ("s_", "t_", "a_"):
            known = ", ".join(sorted(_CONDITIONS))
            said = _("không có phép “%(name)s”; các phép có: %(known)s")
            raise bad(said % {"name": name[:40], "known": known})
    return as_boolean(operand(asked, node))


def _all(asked: Asked, name: str, given: list[Any]) -> Sql:
    if not given:
        raise _count(name)
    parts = [_condition(asked, node) for node in given]
    return sql("(" + f" {name.upper()} ".join(["{}"] * len(parts)) + ")", *parts)


def _not(asked: Asked, name: str, given: list[Any]) -> Sql:
    return sql("(NOT {})", _condition(asked, _one(name, given)))


def _is_null(asked: Asked, name: str, given: list[Any]) -> Sql:
    found = operand(asked, _one(name, given))
    shown = as_text(found) if found.kind is Kind.OPEN else found.sql
    return sql("({} IS NULL)", shown)


def _compare(asked: Asked, name: str, given: list[Any]) -> Sql:
    left, right = _pair(name, given)
    a, b = _alike(operand(asked, left), operand(asked, right), given)
    if name not in ("=", "<>") and a.kind in (Kind.BOOLEAN, Kind.SHAPE):
        raise bad(_("“%(name)s” không so sánh được hai giá trị này") % {"name": name})
    if a.kind is Kind.SHAPE:
        raise bad(_("so sánh hai hình bằng S_EQUALS"))
    return sql("({} " + name + " {})", a.sql, b.sql)


def _between(asked: Asked, name: str, given: list[Any]) -> Sql:
    if len(given) == 2 and isinstance(given[1], list):
        given = [given[0], *given[1]]
    if len(given) != 3:
        raise _count(name)
    low = _compare(asked, ">=", [given[0], given[1]])
    return sql("({} AND {})", low, _compare(asked, "<=", [given[0], given[2]]))


def _like(asked: Asked, name: str, given: list[Any]) -> Sql:
    left, pattern = _pair(name, given)
    pair = (as_text(operand(asked, left)), as_text(operand(asked, pattern)))
    return sql("({} LIKE {})", *pair)


def _in(asked: Asked, name: str, given: list[Any]) -> Sql:
    left, listed = _pair(name, given)
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_LIST:
        raise bad(_("danh sách của IN phải có từ 1 đến %(most)s giá trị") % {"most": MAX_LIST})
    parts = [_compare(asked, "=", [left, item]) for item in listed]
    return sql("(" + " OR ".join(["{}"] * len(parts)) + ")", *parts)


def _one(name: str, given: list[Any]) -> Any:
    if len(given) != 1:
        raise _count(name)
    return given[0]


def _pair(name: str, given: list[Any]) -> tuple[Any, Any]:
    if len(given) != 2:
        raise _count(name)
    return given[0], given[1]


def _count(name: str) -> Exception:
    return bad(_("“%(name)s” không đủ hoặc thừa thành phần") % {"name": name})


def _alike(a: Operand, b: Operand, given: list[Any]) -> tuple[Operand, Operand]:
    """Both in one kind.

    Raises:
        ParameterError: they have nothing in common.
    """
    if a.kind is Kind.OPEN and b.kind is Kind.OPEN:
        return _to(Kind.TEXT, a, given[0]), _to(Kind.TEXT, b, given[1])
    for kind in (*_ORDER, a.kind, b.kind):
        if kind in (a.kind, b.kind) and kind is not Kind.OPEN:
            return _to(kind, a, given[0]), _to(kind, b, given[1])
    raise AssertionError(given)


#: A date beside an instant makes both dates; a text beside either is read as one.
_ORDER: Final = (Kind.DATE, Kind.INSTANT, Kind.NUMBER, Kind.BOOLEAN)


def _to(kind: Kind, found: Operand, node: Any) -> Operand:
    if found.kind is kind:
        return found
    if kind is Kind.DATE and found.kind is Kind.INSTANT:
        return Operand(kind, sql(f"({{}} {_ZONE})::date", found.sql))
    if kind in (Kind.DATE, Kind.INSTANT) and isinstance(node, str):
        if kind is Kind.DATE:
            return Operand(kind, Sql("%s::date", [day_of(node)]))
        return Operand(kind, Sql("%s::timestamptz", [instant_of(node)]))
    if found.kind is Kind.OPEN and kind in _OPENED:
        return Operand(kind, _OPENED[kind](found))
    said = _("không so sánh được %(one)s với %(other)s")
    raise bad(said % {"one": _KIND_NAMES()[found.kind], "other": _KIND_NAMES()[kind]})


_OPENED: Final[dict[Kind, Callable[[Operand], Sql]]] = {
    Kind.TEXT: as_text,
    Kind.NUMBER: as_number,
    Kind.BOOLEAN: as_boolean,
}


def _KIND_NAMES() -> dict[Kind, str]:  # noqa: N802  a table in the language of the request
    return {
        Kind.TEXT: _("chuỗi chữ"),
        Kind.NUMBER: _("số"),
        Kind.BOOLEAN: _("đúng/sai"),
        Kind.DATE: _("ngày"),
        Kind.INSTANT: _("thời điểm"),
        Kind.SHAPE: _("hình"),
        Kind.OPEN: _("thuộc tính"),
    }


def _place(asked: Asked, name: str, given: list[Any]) -> Sql:
    left, right = _pair(name, given)
    a, b = as_shape(operand(asked, left)), as_shape(operand(asked, right))
    return sql(_PLACES[name], a, b, a, b) if "&&" in _PLACES[name] else sql(_PLACES[name], a, b)


#: The box first: it alone is answered by the index under row-level security.
_PLACES: Final = {
    "s_intersects": "({} && {} AND ST_Intersects({}, {}))",
    "s_equals": "({} && {} AND ST_Equals({}, {}))",
    "s_touches": "({} && {} AND ST_Touches({}, {}))",
    "s_crosses": "({} && {} AND ST_Crosses({}, {}))",
    "s_within": "({} && {} AND ST_Within({}, {}))",
    "s_contains": "({} && {} AND ST_Contains({}, {}))",
    "s_overlaps": "({} && {} AND ST_Overlaps({}, {}))",
    "s_disjoint": "ST_Disjoint({}, {})",
}


def _time(asked: Asked, name: str, given: list[Any]) -> Sql:
    """Two spans of time by Allen's relations; an instant is a span without length."""
    left, right = _pair(name, given)
    (a0, a1), (b0, b1) = _span(asked, left), _span(asked, right)
    ends = {"a0": a0, "a1": a1, "b0": b0, "b1": b1}
    words = _TIMES[name].split()
    text = " ".join("{}" if word in ends else word for word in words)
    return sql(f"({text})", *(ends[word] for word in words if word in ends))


_TIMES: Final = {
    "t_after": "a0 > b1",
    "t_before": "a1 < b0",
    "t_disjoint": "a1 < b0 OR a0 > b1",
    "t_intersects": "a0 <= b1 AND a1 >= b0",
    "t_equals": "a0 = b0 AND a1 = b1",
    "t_during": "a0 > b0 AND a1 < b1",
    "t_contains": "a0 < b0 AND a1 > b1",
    "t_starts": "a0 = b0 AND a1 < b1",
    "t_startedby": "a0 = b0 AND a1 > b1",
    "t_finishes": "a0 > b0 AND a1 = b1",
    "t_finishedby": "a0 < b0 AND a1 = b1",
    "t_meets": "a1 = b0",
    "t_metby": "a0 = b1",
    "t_overlaps": "a0 < b0 AND a1 > b0 AND a1 < b1",
    "t_overlappedby": "a0 > b0 AND a0 < b1 AND a1 > b1",
}


def _span(asked: Asked, node: Any) -> tuple[Sql, Sql]:
    if isinstance(node, Mapping) and "interval" in node:
        ends = node["interval"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise bad(_("INTERVAL cần hai đầu"))
        return _end(asked, ends[0], "-infinity"), _end(asked, ends[1], "infinity")
    found = _end(asked, node, "")
    return found, found


def _end(asked: Asked, node: Any, unbounded: str) -> Sql:
    if unbounded and node in ("..", "", None):
        return Sql(f"'{unbounded}'::timestamptz")
    if isinstance(node, str):
        return Sql("%s::timestamptz", [instant_of(node)])
    found = operand(asked, node)
    if found.kind is Kind.INSTANT:
        return found.sql
    if found.kind is Kind.DATE:
        return sql(f"({{}}::timestamp {_ZONE})", found.sql)
    raise bad(_("cần một thời điểm, một ngày hoặc INTERVAL"))


_CONDITIONS: Final[dict[str, Callable[[Asked, str, list[Any]], Sql]]] = {
    "and": _all,
    "or": _all,
    "not": _not,
    "isnull": _is_null,
    "between": _between,
    "like": _like,
    "in": _in,
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), _compare),
    **dict.fromkeys(_PLACES, _place),
    **dict.fromkeys(_TIMES, _time),
}
