"""Operands of a CQL2 filter: properties, literals and functions of them, as typed SQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import shapely
from django.db import models
from django.utils.translation import gettext as _
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from sen.kernel.geo.layers import LayerAccess
from sen.kernel.geo.ogc.crs import Crs
from sen.kernel.geo.ogc.parameters import ParameterError, wrong
from sen.kernel.geo.sql import Sql, last_field, quote, value

MAX_VERTICES: Final = 10_000
#: Names under which the place of a feature may be asked for, unless a property has it.
PLACE: Final = ("geom", "geometry")
_WHOLE: Final = 2**63


class Kind(StrEnum):
    """What an operand is, as comparisons see it."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    SHAPE = "shape"
    #: A key of a JSON column: it takes the kind of what it is compared with.
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Operand:
    """A value of known kind."""

    kind: Kind
    sql: Sql


@dataclass(frozen=True, slots=True)
class Asked:
    """The layer that a filter is for, and the system of its coordinates."""

    access: LayerAccess
    crs: Crs


def sql(template: str, *parts: Sql) -> Sql:
    """A template with ``{}`` for each part."""
    text = template.format(*(part.text for part in parts))
    return Sql(text, [param for part in parts for param in part.params])


def bad(text: str) -> ParameterError:
    return wrong("filter", text)


_FIELD_KINDS: Final[tuple[tuple[type[models.Field[Any, Any]], Kind], ...]] = (
    (models.BooleanField, Kind.BOOLEAN),
    (models.DateTimeField, Kind.INSTANT),
    (models.DateField, Kind.DATE),
    (models.IntegerField, Kind.NUMBER),
    (models.FloatField, Kind.NUMBER),
    (models.DecimalField, Kind.NUMBER),
    (models.ForeignKey, Kind.NUMBER),
    (models.CharField, Kind.TEXT),
    (models.TextField, Kind.TEXT),
)


def operand(asked: Asked, node: Any) -> Operand:
    """One operand.

    Raises:
        ParameterError: it means nothing, or names a property that the layer has not.
    """
    if isinstance(node, Mapping):
        return _from_object(asked, node)
    return _literal(node)


def _literal(node: Any) -> Operand:
    if isinstance(node, bool):
        return Operand(Kind.BOOLEAN, Sql("%s::boolean", [node]))
    if isinstance(node, str):
        if "\x00" in node:
            raise bad(_("có ký tự không dùng được"))
        return Operand(Kind.TEXT, Sql("%s::text", [node]))
    if isinstance(node, int | float):
        return number(node)
    raise bad(_("không hiểu giá trị %(value)s") % {"value": _short(node)})


def number(node: float) -> Operand:
    """A number; whole ones stay whole, so that an index of integers can be used."""
    if not math.isfinite(node) or abs(node) >= _WHOLE:
        raise bad(_("số quá lớn hoặc không xác định"))
    if float(node).is_integer():
        return Operand(Kind.NUMBER, Sql("%s::bigint", [int(node)]))
    return Operand(Kind.NUMBER, Sql("%s::numeric", [Decimal(repr(node))]))


def _from_object(asked: Asked, node: Mapping[str, Any]) -> Operand:
    for name, make in _OBJECTS.items():
        if name in node:
            return make(asked, node)
    raise bad(_("không hiểu %(value)s") % {"value": _short(node)})


def _property(asked: Asked, node: Mapping[str, Any]) -> Operand:
    name = node["property"]
    access = asked.access
    table = quote(access.layer.table)
    path = access.layer.fields.get(name) if isinstance(name, str) else None
    if path is None:
        if name == "id":
            return Operand(Kind.NUMBER, Sql(f'{table}."id"'))
        if name in PLACE:
            return Operand(Kind.SHAPE, Sql(f"{table}.geom"))
        known = ", ".join(["id", PLACE[0], *access.layer.fields])
        said = _("không có thuộc tính “%(name)s”; các thuộc tính có: %(known)s")
        raise bad(said % {"name": _short(name), "known": known})
    found = value(access.layer.model, path, access.scopes)
    item = last_field(access.layer.model, path)
    if item is None:
        return Operand(Kind.OPEN, found)
    kind = next((kind for cls, kind in _FIELD_KINDS if isinstance(item, cls)), None)
    if kind is None:
        return Operand(Kind.TEXT, sql("({})::text", found))
    return Operand(kind, found)


def _date(asked: Asked, node: Mapping[str, Any]) -> Operand:
    return Operand(Kind.DATE, Sql("%s::date", [day_of(node["date"])]))


def _timestamp(asked: Asked, node: Mapping[str, Any]) -> Operand:
    return Operand(Kind.INSTANT, Sql("%s::timestamptz", [instant_of(node["timestamp"])]))


def day_of(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        said = _("“%(value)s” không phải ngày, ví dụ 2026-11-24")
        raise bad(said % {"value": _short(text)}) from error


def instant_of(text: Any) -> datetime:
    """An instant of RFC 3339; a bare date is its first moment in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        said = _("“%(value)s” không phải thời điểm theo RFC 3339, ví dụ 2026-11-24T08:00:00Z")
        raise bad(said % {"value": _short(text)}) from error
    if len(text) == 10:
        return datetime.combine(found.date(), time(), UTC)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _shape(asked: Asked, node: Mapping[str, Any]) -> Operand:
    """A geometry as GeoJSON writes it, or a box, in the system of the filter."""
    try:
        found = _box(node["bbox"]) if "bbox" in node else shape(node)
        coordinates = shapely.get_coordinates(found)
        is_sound = not found.is_empty and bool(math.isfinite(coordinates.sum()))
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise _unsound(node) from error
    except shapely.errors.ShapelyError as error:
        raise _unsound(node) from error
    if not is_sound:
        raise _unsound(node)
    if len(coordinates) > MAX_VERTICES:
        raise bad(_("hình có quá %(most)s đỉnh") % {"most": MAX_VERTICES})
    return Operand(Kind.SHAPE, _in_degrees(asked.crs, shapely.force_2d(found)))


def _unsound(node: Mapping[str, Any]) -> ParameterError:
    return bad(_("hình không đúng: %(value)s") % {"value": _short(node)})


def _box(corners: Any) -> BaseGeometry:
    numbers = [float(corner) for corner in corners]
    if len(numbers) not in (4, 6):
        raise ValueError(len(numbers))
    half = len(numbers) // 2
    return box(numbers[0], numbers[1], numbers[half], numbers[half + 1])


def _in_degrees(crs: Crs, found: BaseGeometry) -> Sql:
    if crs.is_flipped:
        found = shapely.transform(found, lambda points: points[:, ::-1])
    if not found.is_valid:
        found = shapely.make_valid(found)
    if crs.srid == 4326:
        west, south, east, north = found.bounds
        if west < -180 or east > 180 or south < -90 or north > 90:
            raise bad(_("kinh độ từ -180 đến 180, vĩ độ từ -90 đến 90"))
    text = f"ST_GeomFromWKB(%s, {crs.srid})"
    if crs.srid != 4326:
        text = f"ST_Transform({text}, 4326)"
    return Sql(text, [shapely.to_wkb(found)])


def _operation(asked: Asked, node: Mapping[str, Any]) -> Operand:
    name = str(node["op"]).lower()
    given = node.get("args")
    arguments = given if isinstance(given, list) else [given]
    if name in ("casei", "accenti"):
        (inner,) = _exactly(name, arguments, 1)
        # The search form of the house for both together: what a search box finds, a filter finds.
        return Operand(Kind.TEXT, sql(_FOLDS[name], as_text(operand(asked, inner))))
    if name in _ARITHMETIC:
        left, right = _exactly(name, arguments, 2)
        pair = (as_number(operand(asked, left)), as_number(operand(asked, right)))
        return Operand(Kind.NUMBER, sql(_ARITHMETIC[name], *pair))
    known = ", ".join([*_FOLDS, *_ARITHMETIC])
    said = _("không có hàm “%(name)s”; các hàm có: %(known)s")
    raise bad(said % {"name": _short(name), "known": known})


def _exactly(name: str, arguments: list[Any], count: int) -> list[Any]:
    if len(arguments) != count:
        raise bad(_("%(name)s cần %(count)s tham số") % {"name": name, "count": count})
    return arguments


#: Decomposed letters lose their marks; the letter đ has none to lose.
_FOLDS: Final = {
    "casei": "lower({})",
    "accenti": "translate(normalize(regexp_replace(normalize({}, NFD),"
    " '[\\u0300-\\u036f]+', '', 'g'), NFC), 'đĐ', 'dD')",
}
_ARITHMETIC: Final = {
    "+": "({} + {})",
    "-": "({} - {})",
    "*": "({} * {})",
    "/": "({}::numeric / nullif({}, 0))",
    "%": "mod({}::numeric, nullif({}, 0)::numeric)",
    "div": "div({}::numeric, nullif({}, 0)::numeric)",
    "^": "power({}::numeric, {}::numeric)",
}
_OBJECTS: Final[dict[str, Callable[[Asked, Mapping[str, Any]], Operand]]] = {
    "property": _property,
    "op": _operation,
    "date": _date,
    "timestamp": _timestamp,
    "bbox": _shape,
    "coordinates": _shape,
    "geometries": _shape,
}


def as_text(found: Operand) -> Sql:
    if found.kind is Kind.OPEN:
        return sql("({} #>> '{{}}')", found.sql)
    if found.kind is Kind.TEXT:
        return found.sql
    raise bad(_("cần một chuỗi chữ"))


def as_number(found: Operand) -> Sql:
    """A key of JSON that holds no number has no value as a number."""
    if found.kind is Kind.OPEN:
        text = "(CASE WHEN jsonb_typeof({}) = 'number' THEN ({} #>> '{{}}')::numeric END)"
        return sql(text, found.sql, found.sql)
    if found.kind is Kind.NUMBER:
        return found.sql
    raise bad(_("cần một số"))


def as_boolean(found: Operand) -> Sql:
    if found.kind is Kind.OPEN:
        text = "(CASE WHEN jsonb_typeof({}) = 'boolean' THEN ({} #>> '{{}}')::boolean END)"
        return sql(text, found.sql, found.sql)
    if found.kind is Kind.BOOLEAN:
        return found.sql
    raise bad(_("cần một điều kiện đúng hoặc sai"))


def as_shape(found: Operand) -> Sql:
    if found.kind is Kind.SHAPE:
        return found.sql
    raise bad(_("cần một hình: thuộc tính geom, hoặc hình viết theo WKT hay GeoJSON"))


def _short(node: Any) -> str:
    text = str(node)
    return text if len(text) <= 60 else f"{text[:59]}…"
