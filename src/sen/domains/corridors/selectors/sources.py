"""Axes of corridors: set-based statements over what roads, assets and fairways are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.db.models import Func, QuerySet, TextField

from sen.domains.assets import api as assets
from sen.domains.corridors.data import METRIC_SRID
from sen.domains.corridors.models import Fairway
from sen.domains.network import api as network
from sen.domains.network.choices import RoadStatus
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.resource import resources

#: The same columns for every kind: what :mod:`services.drawing` writes from.
COLUMNS: Final = (
    "code, along, name, road_id, asset_id, fairway_id, norm_case, edge_m, axis,"
    " owner_org_id, area_id, data_class, is_demo"
)
#: A rest of a road between stretches that is shorter than this is none.
SHORTEST_M: Final = 5

Statement = tuple[str, list[Any]]

_ROADS: Final = """
WITH road AS ({roads}), stretch AS ({stretches}),
wide AS (
  SELECT road_id, value_number::float8 AS width_m,
    ST_CollectionExtract(ST_Collect(geom), 2) AS axis
  FROM stretch WHERE geom IS NOT NULL GROUP BY road_id, value_number),
covered AS (SELECT road_id, ST_Collect(ST_Transform(geom, {srid})) AS shape
  FROM stretch WHERE geom IS NOT NULL GROUP BY road_id),
rest AS (
  SELECT r.id AS road_id, r.width_m::float8 AS width_m,
    CASE WHEN c.shape IS NULL THEN r.geom ELSE ST_Transform(ST_Difference(
      ST_Transform(r.geom, {srid}), ST_Buffer(c.shape, 1)), 4326) END AS axis
  FROM road r LEFT JOIN covered c ON c.road_id = r.id),
piece AS (
  SELECT road_id, width_m, axis FROM wide
  UNION ALL
  SELECT road_id, width_m, axis FROM rest
  WHERE NOT ST_IsEmpty(axis) AND ST_Length(ST_Transform(axis, {srid})) > {shortest})
SELECT 'R:' || r.code || ':' || coalesce(p.width_m::text, '-') AS code, 'ROAD' AS along,
  CASE WHEN r.number = '' THEN r.name ELSE r.number || ' – ' || r.name END AS name,
  r.id AS road_id, NULL::bigint AS asset_id, NULL::bigint AS fairway_id,
  jsonb_build_object('technical_class', r.technical_class) AS norm_case,
  coalesce(p.width_m, 0) / 2 AS edge_m, p.axis, r.owner_org_id, r.area_id, r.data_class,
  r.is_demo
FROM (SELECT road_id, width_m, ST_CollectionExtract(ST_Collect(axis), 2) AS axis
      FROM piece GROUP BY road_id, width_m) p
JOIN road r ON r.id = p.road_id
"""

_BRIDGES: Final = """
WITH asset AS ({assets}), road AS ({roads}),
ends AS (SELECT * FROM unnest(%s::bigint[], %s::float8[]) e (id, end_m)),
placed AS (
  SELECT a.*, e.end_m, coalesce((a.attributes->>'length_m')::float8, 0) AS length_m,
    coalesce((a.attributes->>'width_m')::float8, 0) AS width_m,
    ST_Transform(a.geom, {srid}) AS at_m, ST_Transform(r.geom, {srid}) AS road_m
  FROM asset a JOIN ends e ON e.id = a.id LEFT JOIN road r ON r.id = a.road_id),
lined AS (
  SELECT p.*, f.f, (p.length_m / 2 + p.end_m) / nullif(ST_Length(p.road_m), 0) AS half
  FROM placed p LEFT JOIN LATERAL (
    SELECT ST_LineLocatePoint(p.road_m, ST_Centroid(p.at_m)) AS f) f ON p.road_m IS NOT NULL)
SELECT 'A:' || code AS code, 'BRIDGE' AS along, name, road_id, id AS asset_id,
  NULL::bigint AS fairway_id, jsonb_build_object('length_m', length_m) AS norm_case,
  CASE WHEN half IS NULL AND ST_Dimension(geom) = 0 THEN length_m / 2 ELSE width_m / 2 END
    AS edge_m,
  CASE WHEN ST_Dimension(geom) = 1 THEN geom WHEN half IS NULL THEN geom
    ELSE ST_Transform(ST_LineSubstring(road_m, greatest(0, f - half), least(1, f + half)), 4326)
  END AS axis,
  owner_org_id, area_id, data_class, is_demo
FROM lined
"""

_POINTS: Final = """
WITH asset AS ({assets}), road AS ({roads}),
placed AS (
  SELECT a.*, coalesce((a.attributes->>'length_m')::float8, 0) AS length_m,
    ST_Transform(a.geom, {srid}) AS at_m, ST_Transform(r.geom, {srid}) AS road_m
  FROM asset a LEFT JOIN road r ON r.id = a.road_id),
lined AS (
  SELECT p.*, f.f, (p.length_m / 2) / nullif(ST_Length(p.road_m), 0) AS half
  FROM placed p LEFT JOIN LATERAL (
    SELECT ST_LineLocatePoint(p.road_m, ST_Centroid(p.at_m)) AS f) f ON p.road_m IS NOT NULL)
SELECT 'A:' || code AS code, %s AS along, name, road_id, id AS asset_id,
  NULL::bigint AS fairway_id, jsonb_build_object('object', %s::text) AS norm_case,
  0::float8 AS edge_m,
  CASE WHEN %s AND half > 0 THEN ST_Transform(ST_Collect(
      ST_LineInterpolatePoint(road_m, greatest(0, f - half)),
      ST_LineInterpolatePoint(road_m, least(1, f + half))), 4326)
    ELSE geom END AS axis,
  owner_org_id, area_id, data_class, is_demo
FROM lined
"""

_FAIRWAYS: Final = """
WITH fairway AS ({fairways})
SELECT 'W:' || code AS code, 'WATERWAY' AS along, name, NULL::bigint AS road_id,
  NULL::bigint AS asset_id, id AS fairway_id,
  jsonb_build_object('waterway_class', grade) AS norm_case, width_m::float8 / 2 AS edge_m,
  geom AS axis, owner_org_id, area_id, data_class, is_demo
FROM fairway
"""

_GUARD: Final = ("owner_org_id", "area_id", "data_class", "is_demo")
_ROAD_FIELDS: Final = ("id", "code", "number", "name", "technical_class", "width_m", "geom")
_ASSET_FIELDS: Final = ("id", "code", "name", "road_id", "attributes", "geom")
DRAWN_ROADS: Final = (RoadStatus.OPEN.value, RoadStatus.CLOSED.value)


def road_axes(actor: Actor, on: date, ids: Collection[int] | None) -> Statement:
    """Roads in stretches of one width."""
    rows = network.roads(actor).filter(geom__isnull=False, status__in=DRAWN_ROADS)
    stretches = resources["network.events"].rows(actor).filter(kind="width", valid_from__lte=on)
    stretches = stretches.exclude(valid_to__lte=on)
    if ids is not None:
        rows, stretches = rows.filter(pk__in=list(ids)), stretches.filter(road_id__in=list(ids))
    roads, first = shaped(rows, (*_ROAD_FIELDS, *_GUARD))
    events, second = shaped(stretches, ("road_id", "value_number", "geom"))
    sql = _ROADS.format(roads=roads, stretches=events, srid=METRIC_SRID, shortest=SHORTEST_M)
    return sql, [*first, *second]


def bridges(actor: Actor, ids: Collection[int] | None) -> QuerySet[Any]:
    """Bridges that have a corridor."""
    return _assets(actor, "bridge", ids)


def bridge_axes(actor: Actor, ids: Collection[int] | None, ends: dict[int, float]) -> Statement:
    """Bridges along their roads, with what the corridor goes on beyond the abutments."""
    asked, first = shaped(bridges(actor, ids), (*_ASSET_FIELDS, *_GUARD))
    roads, second = shaped(network.roads(actor).filter(geom__isnull=False), ("id", "geom"))
    sql = _BRIDGES.format(assets=asked, roads=roads, srid=METRIC_SRID)
    return sql, [*first, *second, list(ends), list(ends.values())]


def point_axes(
    actor: Actor, ids: Collection[int] | None, *, kind: str, along: str, law: str
) -> Statement:
    """Mouths of tunnels, landings of ferries."""
    asked, first = shaped(_assets(actor, kind, ids), (*_ASSET_FIELDS, *_GUARD))
    roads, second = shaped(network.roads(actor).filter(geom__isnull=False), ("id", "geom"))
    sql = _POINTS.format(assets=asked, roads=roads, srid=METRIC_SRID)
    return sql, [*first, *second, along, law, along == "TUNNEL"]


def fairway_axes(actor: Actor, ids: Collection[int] | None) -> Statement:
    """Fairways."""
    rows = Fairway.objects.visible_to(actor)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    fairways, params = shaped(rows, ("id", "code", "name", "grade", "width_m", "geom", *_GUARD))
    return _FAIRWAYS.format(fairways=fairways), params


def _assets(actor: Actor, kind: str, ids: Collection[int] | None) -> QuerySet[Any]:
    rows: QuerySet[Any] = assets.assets(actor, type=kind).exclude(status="REMOVED")
    return rows.filter(pk__in=list(ids)) if ids is not None else rows


def shaped(rows: Any, names: tuple[str, ...]) -> Statement:
    """A queryset as a statement for others to build on; shapes stay shapes, not bytes."""
    shapes = [name for name in names if name in ("geom", "axis")]
    drawn = {
        f"drawn_{name}": Func(name, template="%(expressions)s", output_field=TextField())
        for name in shapes
    }
    plain = [name for name in names if name not in shapes]
    query = rows.order_by().annotate(**drawn).values_list(*plain, *drawn).query
    sql, params = query.sql_with_params()
    listed = ", ".join([*plain, *(f"drawn_{name} AS {name}" for name in shapes)])
    return f"SELECT {listed} FROM ({sql}) said", list(params)  # noqa: S608  names of columns
