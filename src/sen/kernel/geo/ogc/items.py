"""Features as bytes: PostgreSQL writes the JSON, Python only frames it."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.db import DataError, models
from django.utils.translation import gettext as _

from sen.kernel.geo.changes import changes
from sen.kernel.geo.config import home
from sen.kernel.geo.layers import GeometryKind, Layer, LayerAccess
from sen.kernel.geo.ogc import cql2
from sen.kernel.geo.ogc.crs import Crs
from sen.kernel.geo.ogc.parameters import READ_TYPES, Box, ItemsQuery, wrong
from sen.kernel.geo.reading import read_one
from sen.kernel.geo.sql import Sql, last_field, quote, row_condition, value
from sen.kernel.geo.tiles import TileSet

#: A count of a part of a layer stops here; nobody needs it exactly, and it would cost more than
#: the page. The whole layer is counted exactly, once per version.
COUNT_CAP: Final = 10_000
#: A box smaller than this share of the home is looked up in the spatial index first.
SMALL_SHARE: Final = 1 / 16


@dataclass(frozen=True, slots=True)
class Items:
    """One page: features as JSON text joined by commas; ``matched`` None: more than the cap."""

    features: bytes
    returned: int
    matched: int | None
    last_id: int | None
    has_more: bool


def items(access: LayerAccess, query: ItemsQuery) -> Items:
    """Read one page in the order of ids."""
    try:
        return _items(access, query)
    except (DataError, psycopg.DataError) as error:
        # A power or a quotient of the filter that no number can hold.
        raise wrong("filter", _("một phép tính của bộ lọc vượt giới hạn của số")) from error


def _items(access: LayerAccess, query: ItemsQuery) -> Items:
    table = quote(access.layer.table)
    where = condition(access, query)
    page = where
    if query.after is not None:
        page &= Sql(f'{table}."id" > %s', [query.after])
    order = f'({table}."id" + 0)' if _is_small(query.box) else f'{table}."id"'
    found = read_one(access.actor, _page_sql(access, query.crs, page, order, query.limit))
    text, seen, last_id, _version = found
    returned = min(seen, query.limit)
    matched: int | None
    if query.after is None and seen <= query.limit:
        matched = returned
    else:
        matched = count(access, query, where)
    return Items(text.encode(), returned, matched, last_id, seen > query.limit)


def item(access: LayerAccess, item_id: int, crs: Crs) -> tuple[bytes, int] | None:
    """One feature with its version; None when there is none that the actor may see."""
    table = quote(access.layer.table)
    where = row_condition(access) & Sql(f'{table}."id" = %s', [item_id])
    statement = _page_sql(access, crs, where, f'{table}."id"', 1)
    text, _, _, version = read_one(access.actor, statement)
    return (text.encode(), int(version)) if text else None


def condition(access: LayerAccess, query: ItemsQuery) -> Sql:
    """Rows that the actor may see and that the query asks for."""
    layer = access.layer
    found = row_condition(access)
    if query.box is not None:
        found &= _box_condition(access, query.box)
    if query.start is not None or query.end is not None:
        found &= _time_condition(access, query)
    for name, wanted in query.filters.items():
        path = layer.fields[name]
        shown = _comparable(access, path)
        found &= Sql(f"{shown.text} = %s", [*shown.params, wanted])
    if query.filter is not None:
        tree = cql2.read(query.filter.text, query.filter.language)
        found &= cql2.compiled(access, tree, query.filter.crs)
    return found


def _written(access: LayerAccess, path: str) -> Sql:
    """The value as JSON carries it; clients keep times to the millisecond and round up badly."""
    found = value(access.layer.model, path, access.scopes)
    if isinstance(last_field(access.layer.model, path), models.DateTimeField):
        return Sql(f"date_trunc('milliseconds', {found.text})", found.params)
    return found


def _comparable(access: LayerAccess, path: str) -> Sql:
    """The value as the actor sees it, in a type that a parameter is read into."""
    model = access.layer.model
    found = value(model, path, access.scopes)
    item = last_field(model, path)
    if item is None:
        return Sql(f"({found.text} #>> '{{}}')", found.params)
    if isinstance(item, READ_TYPES):
        return found
    return Sql(f"({found.text})::text", found.params)


def _box_condition(access: LayerAccess, box: Box) -> Sql:
    geom = f"{quote(access.layer.table)}.geom"
    parts: list[str] = []
    params: list[Any] = []
    for corners in box.parts:
        shape = f"ST_MakeEnvelope(%s, %s, %s, %s, {box.crs.srid})"
        if box.crs.srid != 4326:
            shape = f"ST_Transform(ST_Segmentize({shape}, %s), 4326)"
        bounds = list(corners)
        if box.crs.srid != 4326:
            # A straight edge of a grid is a curve in degrees.
            bounds.append(max(corners[2] - corners[0], corners[3] - corners[1], 1e-6) / 32)
        text = f"{geom} && {shape}"
        if access.layer.geometry_kind is not GeometryKind.POINT or box.crs.srid != 4326:
            text += f" AND ST_Intersects({geom}, {shape})"
            bounds *= 2
        parts.append(f"({text})")
        params.extend(bounds)
    return Sql("(" + " OR ".join(parts) + ")", params)


def _time_condition(access: LayerAccess, query: ItemsQuery) -> Sql:
    layer = access.layer
    first, last = (value(layer.model, path, access.scopes) for path in layer.time_fields)
    found = Sql("TRUE")
    if query.end is not None:
        found &= Sql(f"coalesce({first.text} <= %s, true)", [*first.params, query.end])
    if query.start is not None:
        found &= Sql(f"coalesce({last.text} >= %s, true)", [*last.params, query.start])
    return found


def _is_small(box: Box | None) -> bool:
    if box is None:
        return False
    if box.crs.srid != 4326:
        return True
    west, south, east, north = home().bounds
    whole = (east - west) * (north - south)
    return (box.east - box.west) * (box.north - box.south) < whole * SMALL_SHARE


@dataclass(frozen=True, slots=True)
class _Frame:
    """The SQL of a page around its conditions."""

    before: str
    after: str
    params: tuple[Any, ...]


_frames: dict[tuple[Layer, str, str], _Frame] = {}


def _page_sql(access: LayerAccess, crs: Crs, where: Sql, order: str, limit: int) -> Sql:
    key = (access.layer, access.digest, crs.uri)
    frame = _frames.get(key)
    if frame is None:
        if len(_frames) > _REMEMBERED:
            _frames.clear()
        frame = _frames[key] = _frame(access, crs)
    text = f"{frame.before}{where.text} ORDER BY {order}{frame.after}"
    return Sql(text, [*frame.params, *where.params, limit + 1, limit])


def _frame(access: LayerAccess, crs: Crs) -> _Frame:
    layer = access.layer
    table = quote(layer.table)
    shown = [(name, _written(access, path)) for name, path in layer.fields.items()]
    columns = "".join(f", {found.text} AS {quote(f'p_{name}')}" for name, found in shown)
    properties = ", ".join(f"p.{quote(f'p_{name}')} AS {quote(name)}" for name, _ in shown)
    shape = "p.geom" if crs.srid == 4326 else f"ST_Transform(p.geom, {crs.srid})"
    if crs.is_flipped:
        shape = f"ST_FlipCoordinates({shape})"
    before = f"""
WITH page AS MATERIALIZED (
  SELECT {table}."id" AS id, {table}."version" AS version, {table}.geom AS geom{columns}
  FROM {table} WHERE """  # noqa: S608  names of the registry
    after = f""" LIMIT %s)
SELECT coalesce(string_agg(
    '{{"type":"Feature","id":' || p.id ||
    ',"geometry":' || coalesce(ST_AsGeoJSON({shape}, {crs.decimals}, 0), 'null') ||
    ',"properties":' || row_to_json((SELECT q FROM (SELECT {properties}) q))::text || '}}',
    ',' ORDER BY p.id), ''), (SELECT count(*) FROM page), max(p.id), max(p.version)
FROM (SELECT * FROM page ORDER BY id LIMIT %s) p"""  # noqa: S608  names of the registry
    params = tuple(param for _, found in shown for param in found.params)
    return _Frame(before, after, params)


_counts: OrderedDict[tuple[Any, ...], int] = OrderedDict()
_extents: OrderedDict[tuple[Any, ...], tuple[float, tuple[float, ...] | None]] = OrderedDict()
_REMEMBERED: Final = 512
#: Seconds for which an extent is told again: it costs a pass over the table and hardly changes.
EXTENT_REUSE_S: Final = 300


def count(access: LayerAccess, query: ItemsQuery, where: Sql) -> int | None:
    """How many rows match; exact for the whole layer, else up to ``COUNT_CAP``."""
    table = quote(access.layer.table)
    is_whole = query.box is None and query.start is None and query.end is None
    if is_whole and not query.filters and query.filter is None:
        key = _key(access)
        if key not in _counts:
            text = f"SELECT count(*) FROM {table} WHERE {where.text}"  # noqa: S608
            _remember(_counts, key, int(read_one(access.actor, Sql(text, where.params))[0]))
        return _counts[key]
    text = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {where.text} LIMIT %s) c"  # noqa: S608
    capped = Sql(text, [*where.params, COUNT_CAP + 1])
    found = int(read_one(access.actor, capped)[0])
    return found if found <= COUNT_CAP else None


def extent(access: LayerAccess) -> tuple[float, ...] | None:
    """West, south, east, north of what the actor may see; None for nothing."""
    key = (changes.identity, access.layer.name, access.digest)
    known = _extents.get(key)
    if known is not None and time.monotonic() - known[0] < EXTENT_REUSE_S:
        return known[1]
    where = row_condition(access)
    table = quote(access.layer.table)
    text = (
        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM "  # noqa: S608
        f"(SELECT ST_Extent({table}.geom) e FROM {table} WHERE {where.text}) q"
    )
    found = read_one(access.actor, Sql(text, where.params))
    box = None if found[0] is None else tuple(round(float(edge), 7) for edge in found)
    _remember(_extents, key, (time.monotonic(), box))
    return box


def _key(access: LayerAccess) -> tuple[Any, ...]:
    version = changes.version(TileSet(access.layer.name, (access,)).sources)
    return changes.identity, access.layer.name, access.digest, version


def _remember(store: OrderedDict[tuple[Any, ...], Any], key: tuple[Any, ...], found: Any) -> None:
    store[key] = found
    while len(store) > _REMEMBERED:
        store.popitem(last=False)
