"""Calibrating routes on their km-posts: any number of roads in a handful of statements.

Between two posts the label runs linearly along the line; beyond the first and the last one metre
of the label is one metre of the road. A road without posts takes the labels that its file
declares for its ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from sen.domains.network.data import METRIC_SRID
from sen.domains.network.events import RouteRecalibrated
from sen.kernel.access.context import as_system
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish_many
from sen.lib.chainage import Calibration, ChainageError, KmPost, format_chainage

#: A post farther from the line than this belongs to another road, or its position is wrong.
MAX_POST_OFFSET_M: Final = 150.0

_POSITIONS: Final = f"""
WITH base AS MATERIALIZED (
  SELECT id, ST_Transform(geom, {METRIC_SRID}) AS g FROM network_road
  WHERE id = ANY(%(roads)s) AND geom IS NOT NULL),
sized AS MATERIALIZED (SELECT id, g, ST_Length(g) AS len FROM base)
SELECT s.id, s.len, p.id, p.label, p.measure_m::float8, x.f * s.len, x.off
FROM sized s
LEFT JOIN network_kmpost p ON p.road_id = s.id AND p.is_calibrating
LEFT JOIN LATERAL (
  SELECT ST_LineLocatePoint(s.g, t.g) AS f, ST_Distance(s.g, t.g) AS off
  FROM (SELECT ST_Transform(p.geom, {METRIC_SRID}) AS g) t) x ON true
ORDER BY s.id, p.measure_m
"""  # noqa: S608  constants only

_BUILD: Final = f"""
WITH base AS MATERIALIZED (
  SELECT id, owner_org_id, area_id, data_class, is_demo,
    CASE WHEN part IN ('LEFT', 'RIGHT') THEN main_id ELSE id END AS main_id,
    CASE WHEN part IN ('LEFT', 'RIGHT') THEN part ELSE 'MAIN' END AS part,
    ST_Transform(geom, {METRIC_SRID}) AS g, ST_Length(geom::geography) AS real_m,
    declared_start_m::float8 AS s0, declared_end_m::float8 AS s1
  FROM network_road WHERE id = ANY(%(roads)s)),
sized AS MATERIALIZED (
  SELECT *, ST_Length(g) AS len, real_m / ST_Length(g) AS scale FROM base),
post AS MATERIALIZED (
  SELECT road, m, pos, row_number() OVER w AS k, lead(m) OVER w AS m2, lead(pos) OVER w AS pos2,
    count(*) OVER (PARTITION BY road) AS n
  FROM unnest(%(post_roads)s::bigint[], %(measures)s::float8[], %(positions)s::float8[])
    AS t (road, m, pos)
  WINDOW w AS (PARTITION BY road ORDER BY pos)),
corner AS (
  SELECT s.id AS road, d.path[1] AS i, ST_X(d.geom) AS x, ST_Y(d.geom) AS y
  FROM sized s, LATERAL ST_DumpPoints(s.g) d),
step AS (
  SELECT *, coalesce(sqrt((x - lag(x) OVER w) ^ 2 + (y - lag(y) OVER w) ^ 2), 0) AS gone
  FROM corner WINDOW w AS (PARTITION BY road ORDER BY i)),
spot AS (
  SELECT road, x, y, sum(gone) OVER (PARTITION BY road ORDER BY i) AS pos, NULL::float8 AS m
  FROM step
  UNION ALL
  SELECT p.road, ST_X(at.g), ST_Y(at.g), p.pos, p.m
  FROM post p JOIN sized s ON s.id = p.road,
    LATERAL (SELECT ST_LineInterpolatePoint(s.g, least(p.pos / s.len, 1)) AS g) at),
ranked AS (
  SELECT *, count(m) OVER w AS k, lag(pos) OVER w AS before, lag(m) OVER w AS m_before,
    lead(pos) OVER w AS behind, lead(m) OVER w AS m_behind
  FROM spot WINDOW w AS (PARTITION BY road ORDER BY pos, m)),
-- A corner at a post, or twice the same corner, adds nothing but a step without length.
kept AS (
  SELECT * FROM ranked WHERE m IS NOT NULL OR NOT (
    coalesce(pos - before < 1e-4, false)
    OR coalesce(m_behind IS NOT NULL AND behind - pos < 1e-4, false))),
measured AS (
  SELECT r.road, r.x, r.y, r.pos, CASE
    WHEN r.m IS NOT NULL THEN r.m
    WHEN f.road IS NULL THEN s.s0 + r.pos * coalesce((s.s1 - s.s0) / s.len, s.scale)
    WHEN a.road IS NULL THEN f.m - (f.pos - r.pos) * s.scale
    WHEN a.m2 IS NULL THEN a.m + (r.pos - a.pos) * s.scale
    ELSE a.m + (r.pos - a.pos) / (a.pos2 - a.pos) * (a.m2 - a.m) END AS m
  FROM kept r JOIN sized s ON s.id = r.road
  LEFT JOIN post a ON a.road = r.road AND a.k = r.k
  LEFT JOIN post f ON f.road = r.road AND f.k = 1),
line AS (
  SELECT road, ST_SetSRID(ST_MakeLine(ST_MakePointM(x, y, m) ORDER BY pos), {METRIC_SRID}) AS g
  FROM measured GROUP BY road)
INSERT INTO network_routeversion (road_id, owner_org_id, area_id, data_class, is_demo,
  version, main_id, part, note, valid_from, valid_to, start_m, end_m, length_m, scale,
  post_count, line_m)
SELECT s.id, s.owner_org_id, s.area_id, s.data_class, s.is_demo, 1, s.main_id, s.part, %(note)s,
  %(valid_from)s, %(valid_to)s::date, ST_M(ST_StartPoint(l.g)), ST_M(ST_EndPoint(l.g)), s.real_m,
  s.scale,
  coalesce((SELECT n FROM post p WHERE p.road = s.id AND p.k = 1), 0), l.g
FROM sized s JOIN line l ON l.road = s.id
ON CONFLICT (road_id, valid_from) DO UPDATE SET
  owner_org_id = excluded.owner_org_id, area_id = excluded.area_id,
  data_class = excluded.data_class, main_id = excluded.main_id, part = excluded.part,
  note = excluded.note, start_m = excluded.start_m, end_m = excluded.end_m,
  length_m = excluded.length_m, scale = excluded.scale, post_count = excluded.post_count,
  line_m = excluded.line_m
RETURNING road_id, start_m, end_m
"""  # noqa: S608  constants only

_CLOSE: Final = """
UPDATE network_routeversion SET valid_to = %(valid_from)s
WHERE road_id = ANY(%(roads)s) AND valid_to IS NULL AND valid_from < %(valid_from)s
"""

_ROADS: Final = """
UPDATE network_road r SET start_m = n.start_m, end_m = n.end_m, length_m = n.length_m
FROM (SELECT road_id, round(greatest(start_m, 0)::numeric, 3) AS start_m,
        round(greatest(end_m, 0)::numeric, 3) AS end_m, round(length_m::numeric, 1) AS length_m
      FROM network_routeversion WHERE road_id = ANY(%(roads)s) AND valid_to IS NULL) n
WHERE n.road_id = r.id
  AND (r.start_m, r.end_m, r.length_m) IS DISTINCT FROM (n.start_m, n.end_m, n.length_m)
"""

_POSTS: Final = """
UPDATE network_kmpost p SET position_m = n.pos
FROM (SELECT t.id, round((t.pos * v.scale)::numeric, 1) AS pos
      FROM unnest(%(post_ids)s::bigint[], %(positions)s::float8[], %(post_roads)s::bigint[])
        AS t (id, pos, road)
      JOIN network_routeversion v ON v.road_id = t.road AND v.valid_to IS NULL) n
WHERE n.id = p.id AND p.position_m IS DISTINCT FROM n.pos
"""

# What another road bears is counted there; a carriageway is counted with its road.
_COUNTED: Final = """
UPDATE network_road r SET counted_m = n.m
FROM (
  SELECT r.id, CASE WHEN r.length_m IS NULL THEN NULL
    WHEN r.part IN ('LEFT', 'RIGHT') OR r.status IN ('ABOLISHED', 'PLANNED') THEN 0
    ELSE round(greatest(r.length_m - coalesce((
      SELECT sum(ST_Length(ST_LocateBetween(v.line_m,
          least(c.borne_from_m, c.borne_to_m)::float8,
          greatest(c.borne_from_m, c.borne_to_m)::float8)) * v.scale)::numeric
      FROM network_concurrency c
      JOIN network_routeversion v ON v.road_id = c.borne_id AND v.valid_to IS NULL
      WHERE c.borne_id = r.id AND c.valid_to IS NULL), 0), 0), 1) END AS m
  FROM network_road r WHERE r.id = ANY(%(roads)s)) n
WHERE n.id = r.id AND r.counted_m IS DISTINCT FROM n.m
"""

#: The line of a stretch of the current route ``v``; ``%s`` are its two labels.
STRETCH: Final = """ST_Transform(ST_Force2D(ST_Multi(ST_CollectionExtract(ST_LocateBetween(
  v.line_m, greatest(%s::float8, v.start_m), least(%s::float8, v.end_m)), 2))), 4326)"""

_EVENTS: Final = f"""
UPDATE network_routeevent e SET geom = n.shape
FROM (SELECT e.id, {STRETCH % ("e.from_m", "e.to_m")} AS shape
      FROM network_routeevent e
      JOIN network_routeversion v ON v.road_id = e.road_id AND v.valid_to IS NULL
      WHERE e.road_id = ANY(%(roads)s)
        AND coalesce(e.valid_to > v.valid_from, true)) n
WHERE n.id = e.id AND (e.geom IS NULL OR NOT ST_OrderingEquals(e.geom, n.shape))
"""  # noqa: S608  constants only


@dataclass(frozen=True, slots=True)
class _Posts:
    """The calibrating posts of many roads as columns."""

    ids: list[int]
    roads: list[int]
    measures: list[float]
    positions: list[float]


def calibrate(
    road_ids: Sequence[int], valid_from: date, *, note: str = "", tell: bool = True
) -> dict[int, str]:
    """Calibrate roads anew from a date on; returns what is wrong, by road.

    Nothing is written for a road that has something wrong. Places of records follow. Other
    domains learn of it by ``RouteRecalibrated``, unless an operation tells them more (``tell``).
    """
    with as_system("calibrate routes on their km-posts"):
        posts, wrong = _read_posts(road_ids, valid_from)
        usable = [road for road in dict.fromkeys(road_ids) if road not in wrong]
        with connection.cursor() as cursor:
            known = _known(cursor, usable)
            values = {
                "roads": usable,
                "valid_from": valid_from,
                "valid_to": None,
                "note": note,
                **_columns(posts),
            }
            cursor.execute(_CLOSE, values)
            cursor.execute(_BUILD, values)
            built = cursor.fetchall()
            _refuse_double_sides(cursor, usable)
            for statement in (_ROADS, _COUNTED, _POSTS, _EVENTS):
                cursor.execute(statement, values)
        publish_many(
            (
                RouteRecalibrated(road_id=road, valid_from=valid_from, start_m=start, end_m=end),
                road,
            )
            for road, start, end in built
            if tell and road in known
        )
    return wrong


def count_lengths(road_ids: Sequence[int]) -> None:
    """Write by how much each road lengthens the network."""
    with as_system("lengths of the network"), connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"roads": list(road_ids)})


_DOUBLE: Final = """
SELECT a.name, b.name, va.start_m, va.end_m, vb.start_m, vb.end_m
FROM network_routeversion va
JOIN network_routeversion vb ON vb.main_id = va.main_id AND vb.part = va.part
  AND vb.valid_to IS NULL AND vb.road_id <> va.road_id
  AND vb.start_m < va.end_m - 5e-4 AND va.start_m < vb.end_m - 5e-4
JOIN network_road a ON a.id = va.road_id AND a.status <> 'ABOLISHED'
JOIN network_road b ON b.id = vb.road_id AND b.status <> 'ABOLISHED'
WHERE va.road_id = ANY(%s) AND va.valid_to IS NULL AND va.part <> 'MAIN' LIMIT 1
"""


def _refuse_double_sides(cursor: Any, road_ids: Sequence[int]) -> None:
    """At any place a road has one line of each side.

    Raises:
        InvalidInputError: two carriageways of one side cover the same labels.
    """
    cursor.execute(_DOUBLE, [list(road_ids)])
    for one, two, *ends in cursor.fetchall():
        a, b, c, d = (format_chainage(max(0, round(end))) for end in ends)
        raise InvalidInputError(
            {
                "part": _(
                    "Hai phần đường cùng bên chồng lý trình: %(one)s %(a)s–%(b)s và "
                    "%(two)s %(c)s–%(d)s."
                )
                % {"one": one, "a": a, "b": b, "two": two, "c": c, "d": d}
            },
            hint=_("Hãy sửa cọc hoặc lý trình hai đầu của một trong hai phần đường."),
        )


_OLD_LABELS: Final = f"""
SELECT p.old_measure_m::float8,
  ST_LineLocatePoint(g.line, ST_Transform(p.geom, {METRIC_SRID})) * ST_Length(g.line), p.label
FROM network_kmpost p
JOIN network_road r ON r.id = p.road_id,
LATERAL (SELECT ST_Transform(r.geom, {METRIC_SRID}) AS line) g
WHERE p.road_id = %s AND p.old_measure_m IS NOT NULL ORDER BY 1
"""  # noqa: S608  constants only


def calibrate_past(road_id: int, valid_from: date, valid_to: date, note: str) -> str:
    """Keep what posts were called before as the calibration of a past time.

    Returns what is wrong, in words; nothing is written then.
    """
    with as_system("calibrate a route on its old labels"), connection.cursor() as cursor:
        cursor.execute(_OLD_LABELS, [road_id])
        found = cursor.fetchall()
        if not found:
            return _("Tuyến này không có cọc nào ghi lý trình cũ.")
        cursor.execute(
            "SELECT min(valid_from) FROM network_routeversion WHERE road_id = %s"
            " AND valid_from < %s AND coalesce(valid_to > %s, true)",
            [road_id, valid_to, valid_from],
        )
        (taken,) = cursor.fetchone()
        if taken is not None:
            return _("Thời gian này đã có lần hiệu chỉnh áp dụng từ %(day)s.") % {
                "day": taken.strftime("%d/%m/%Y")
            }
        posts = [KmPost(measure, position, name) for measure, position, name in found]
        try:
            Calibration(posts, posts[-1].position_m + 1)
        except ChainageError as error:
            return _(error.template) % dict(error.params)
        values: dict[str, Any] = {
            "roads": [road_id],
            "valid_from": valid_from,
            "valid_to": valid_to,
            "note": note,
            "post_roads": [road_id] * len(posts),
            "measures": [post.measure_m for post in posts],
            "positions": [post.position_m for post in posts],
        }
        cursor.execute(_BUILD, values)
    return ""


def _columns(posts: _Posts) -> dict[str, Any]:
    return {
        "post_ids": posts.ids,
        "post_roads": posts.roads,
        "measures": posts.measures,
        "positions": posts.positions,
    }


def _known(cursor: Any, road_ids: Sequence[int]) -> set[int]:
    cursor.execute(
        "SELECT DISTINCT road_id FROM network_routeversion WHERE road_id = ANY(%s)",
        [list(road_ids)],
    )
    return {road for (road,) in cursor.fetchall()}


def _read_posts(road_ids: Sequence[int], valid_from: date) -> tuple[_Posts, dict[int, str]]:
    """The posts of roads whose posts make sense, and what is wrong with the others."""
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, {"roads": list(road_ids)})
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT road_id, valid_from FROM network_routeversion"
            " WHERE road_id = ANY(%s) AND valid_to IS NULL AND valid_from > %s",
            [list(road_ids), valid_from],
        )
        later = dict(cursor.fetchall())
    wrong = {
        road: _("Tuyến đã được hiệu chỉnh từ ngày %(day)s; hãy chọn ngày áp dụng không sớm hơn.")
        % {"day": day.strftime("%d/%m/%Y")}
        for road, day in later.items()
    }
    lengths: dict[int, float] = {}
    by_road: dict[int, list[tuple[int, KmPost, float]]] = defaultdict(list)
    for road, length, post_id, name, measure, position, offset in rows:
        lengths[road] = length
        if post_id is not None:
            by_road[road].append((post_id, KmPost(measure, position, name), offset))
    for road in set(road_ids) - lengths.keys():
        wrong[road] = _("Tuyến chưa có tim đường.")
    good = _Posts([], [], [], [])
    for road, found in by_road.items():
        if complaint := _complaint(found, lengths[road]):
            wrong.setdefault(road, complaint)
            continue
        good.ids.extend(post_id for post_id, _post, _offset in found)
        good.roads.extend([road] * len(found))
        good.measures.extend(post.measure_m for _id, post, _offset in found)
        good.positions.extend(post.position_m for _id, post, _offset in found)
    return good, wrong


def _complaint(found: Sequence[tuple[int, KmPost, float]], length_m: float) -> str:
    far = [f"{post} ({offset:.0f} m)" for _id, post, offset in found if offset > MAX_POST_OFFSET_M]
    if far:
        return _("Cọc nằm quá xa tim đường: %(posts)s. Hãy kiểm tra tọa độ của cọc.") % {
            "posts": ", ".join(far[:10])
        }
    try:
        Calibration([post for _id, post, _offset in found], length_m)
    except ChainageError as error:
        params: Mapping[str, Any] = error.params
        return _(error.template) % params
    return ""
