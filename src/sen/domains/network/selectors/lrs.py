"""From chainage to place and back, one at a time or thousands in one statement.

What the acting actor may not see is not found: the calibrated lines are guarded rows. Where a
road crosses itself the place nearest in the line's order is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from django.contrib.gis.geos import GEOSGeometry, MultiLineString, Point
from django.utils.translation import gettext as _

from sen.domains.network.choices import Side
from sen.domains.network.data import METRIC_SRID, LonLat, RoadPlace
from sen.domains.network.models import Road
from sen.domains.network.selectors.concurrency import on_bearing_roads
from sen.domains.network.selectors.sql import rows as _rows
from sen.kernel.errors import InvalidInputError
from sen.lib.chainage import format_chainage

#: A label this far beyond an end of the calibrated line is taken as the end: labels of old files
#: are rounded, and the last kilometre seldom is as long as they say.
END_SLACK_M: Final = 2.0
#: A point farther than this from every road lies on none.
NEAR_M: Final = 100.0

_VERSION: Final = """
network_routeversion v ON v.road_id = q.road
  AND CASE WHEN %(on)s::date IS NULL THEN v.valid_to IS NULL
      ELSE v.valid_from <= %(on)s::date AND coalesce(v.valid_to > %(on)s::date, true) END
"""

_POINTS: Final = f"""
SELECT q.place, ST_X(p.shape), ST_Y(p.shape)
FROM unnest(%(roads)s::bigint[], %(measures)s::float8[]) WITH ORDINALITY q (road, m, place)
JOIN {_VERSION}
CROSS JOIN LATERAL (SELECT ST_Transform(ST_Force2D(ST_GeometryN(
    ST_LocateAlong(v.line_m, least(greatest(q.m, v.start_m), v.end_m)), 1)), 4326) AS shape) p
WHERE q.m BETWEEN v.start_m - %(slack)s AND v.end_m + %(slack)s AND p.shape IS NOT NULL
"""  # noqa: S608  constants only

_LINES: Final = f"""
SELECT q.place, ST_AsEWKB(ST_Transform(ST_Force2D(ST_Multi(ST_CollectionExtract(
    ST_LocateBetween(v.line_m, greatest(q.a, v.start_m), least(q.b, v.end_m)), 2))), 4326))
FROM unnest(%(roads)s::bigint[], %(starts)s::float8[], %(ends)s::float8[])
  WITH ORDINALITY q (road, a, b, place)
JOIN {_VERSION}
WHERE q.a < q.b AND q.b > v.start_m AND q.a < v.end_m
"""  # noqa: S608  constants only

_CHAINAGES: Final = """
WITH q AS MATERIALIZED (
  SELECT place, road, shape, ST_Expand(shape, %(within)s) AS reach
  FROM unnest(%(lons)s::float8[], %(lats)s::float8[], %(roads)s::bigint[])
    WITH ORDINALITY AS t (lon, lat, road, place),
    LATERAL ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), %(srid)s) AS shape)
SELECT given.place, near.main_id, near.road_id, ST_M(line.foot),
  near.away * near.scale,
  coalesce(part.side, CASE WHEN (ST_X(line.b) - ST_X(line.a)) * (ST_Y(given.shape) - ST_Y(line.a))
    - (ST_Y(line.b) - ST_Y(line.a)) * (ST_X(given.shape) - ST_X(line.a)) > 0
    THEN 'LEFT' ELSE 'RIGHT' END),
  ST_X(wgs.shape), ST_Y(wgs.shape)
FROM q given
CROSS JOIN LATERAL ({near}) near
CROSS JOIN LATERAL (SELECT ST_LineLocatePoint(near.line_m, given.shape) AS f,
    0.5 / near.grid_m AS step) at
CROSS JOIN LATERAL (SELECT ST_LineInterpolatePoint(near.line_m, at.f) AS foot,
    ST_LineInterpolatePoint(near.line_m, greatest(at.f - at.step, 0)) AS a,
    ST_LineInterpolatePoint(near.line_m, least(at.f + at.step, 1)) AS b) line
CROSS JOIN LATERAL (SELECT ST_Transform(ST_Force2D(line.foot), 4326) AS shape) wgs
LEFT JOIN LATERAL (
  -- Which side a point is on says the carriageway that is nearest; only its own road has a turn.
  SELECT c.part AS side FROM network_routeversion c
  WHERE c.main_id = near.road_id AND c.part <> 'MAIN' AND {held_by_c}
    AND ST_Distance(c.line_m, given.shape) <= %(within)s
  ORDER BY ST_Distance(c.line_m, given.shape), c.road_id LIMIT 1) own ON near.part = 'MAIN'
CROSS JOIN LATERAL (SELECT CASE WHEN near.part = 'MAIN' THEN own.side
    WHEN near.road_id IS DISTINCT FROM given.road THEN near.part END AS side) part
WHERE near.away <= %(within)s
"""
_NEAR: Final = """
  SELECT v.road_id, v.main_id, v.part, v.line_m, v.scale, v.length_m / v.scale AS grid_m,
    ST_Distance(v.line_m, given.shape) AS away
  FROM network_routeversion v WHERE """
_HELD: Final = "{v}.valid_from <= %(on)s::date AND coalesce({v}.valid_to > %(on)s::date, true)"
#: The line itself comes before those of its carriageways where both are as near.
_NAMED_ROAD: Final = (
    _NEAR + "{held} AND (v.road_id = given.road OR v.main_id = given.road)"
    " ORDER BY round(ST_Distance(v.line_m, given.shape)::numeric, 3), v.part <> 'MAIN', v.road_id"
    " LIMIT 1"
)
# The date is compared so that no index but the spatial one can serve: without statistics, right
# after an import, the planner would take the one on current versions and read them all.
_CURRENT: Final = "coalesce(v.valid_to, 'infinity') = 'infinity'"
_NEAREST_ROAD: Final = (
    _NEAR + "v.box && given.reach AND {held}"
    " ORDER BY round(ST_Distance(v.line_m, given.shape)::numeric, 3), v.part <> 'MAIN', v.road_id"
    " LIMIT 1"
)


class NotOnRouteError(InvalidInputError):
    """The road has no calibrated line, or the label lies beyond its ends."""

    code = "not-on-route"


def points_at(
    *,
    places: Sequence[tuple[int, float]],
    on: date | None = None,
    sides: Sequence[str] | None = None,
) -> list[LonLat | None]:
    """The places of (road id, label), in order; None where the road does not reach.

    With ``sides`` a place on the left or right lies on the line of that carriageway, where the
    road has one there.

    Units:
        Labels in metres; degrees of WGS 84 come out.
    """
    found: list[LonLat | None] = [None] * len(places)
    lines = _lines_of(places, sides)
    values = {
        "roads": lines,
        "measures": [float(measure) for _road, measure in places],
        "on": on,
        "slack": END_SLACK_M,
    }
    for place, lon, lat in _rows(_POINTS, values):
        found[place - 1] = (lon, lat)
    return found


def _lines_of(places: Sequence[tuple[int, float]], sides: Sequence[str] | None) -> list[int]:
    """The roads themselves, or the carriageways of theirs that lie on the sides asked for."""
    if sides is None or not any(side in (Side.LEFT, Side.RIGHT) for side in sides):
        return [road for road, _measure in places]
    own: dict[tuple[int, str], list[tuple[float, float, int]]] = defaultdict(list)
    for main, part, line, start, end in _rows(
        "SELECT main_id, part, road_id, start_m, end_m FROM network_routeversion"
        " WHERE main_id = ANY(%(roads)s) AND part <> 'MAIN' AND valid_to IS NULL",
        {"roads": list({road for road, _measure in places})},
    ):
        own[main, part].append((start, end, line))
    return [
        next(
            (
                line
                for start, end, line in own[road, str(side)]
                if start - END_SLACK_M <= measure <= end + END_SLACK_M
            ),
            road,
        )
        for (road, measure), side in zip(places, sides, strict=True)
    ]


def point_at(*, road: Road | int, chainage_m: float, on: date | None = None) -> Point:
    """The place of a label on a road.

    Raises:
        NotOnRouteError: the road has no line, or does not reach so far.
    """
    road_id = road if isinstance(road, int) else road.pk
    found = points_at(places=[(road_id, float(chainage_m))], on=on)[0]
    if found is None:
        raise _off_route(road_id, float(chainage_m))
    return Point(*found, srid=4326)


def lines_between(
    *, stretches: Sequence[tuple[int, float, float]], on: date | None = None
) -> list[MultiLineString | None]:
    """The stretches of (road id, from, to), in order; None where the road does not reach.

    A stretch is cut at the ends of its road.
    """
    found: list[MultiLineString | None] = [None] * len(stretches)
    values = {
        "roads": [road for road, _a, _b in stretches],
        "starts": [float(start) for _road, start, _b in stretches],
        "ends": [float(end) for _road, _a, end in stretches],
        "on": on,
    }
    for place, shape in _rows(_LINES, values):
        line = GEOSGeometry(memoryview(shape))
        if isinstance(line, MultiLineString) and not line.empty:
            found[place - 1] = line
    return found


def line_between(
    *, road: Road | int, from_m: float, to_m: float, on: date | None = None
) -> MultiLineString:
    """The stretch of a road between two labels.

    Raises:
        NotOnRouteError: nothing of the road lies between them.
    """
    road_id = road if isinstance(road, int) else road.pk
    found = lines_between(stretches=[(road_id, float(from_m), float(to_m))], on=on)[0]
    if found is None:
        raise _off_route(road_id, float(from_m))
    return found


def chainages_of(
    *,
    points: Sequence[LonLat],
    road_ids: Sequence[int | None] | None = None,
    within_m: float = NEAR_M,
    on: date | None = None,
) -> list[RoadPlace | None]:
    """Where points lie: on the road named for each, else on the nearest; None beyond ``within_m``.

    A road whose carriageways have lines of their own is measured on the nearest of them. Where two
    roads run on one carriageway the bearing one is meant, unless the other is named.

    Shapes:
        ``road_ids``: as many as ``points``, or None for the nearest road everywhere.
    """
    found: list[RoadPlace | None] = [None] * len(points)
    named = list(road_ids) if road_ids is not None else [None] * len(points)
    for is_named in (True, False):
        wanted = [i for i, road in enumerate(named) if (road is not None) is is_named]
        if not wanted:
            continue
        values = {
            "lons": [points[i][0] for i in wanted],
            "lats": [points[i][1] for i in wanted],
            "roads": [named[i] for i in wanted],
            "within": within_m,
            "srid": METRIC_SRID,
            "on": on,
        }
        places = {
            wanted[place - 1]: _place(named[wanted[place - 1]], *read)
            for place, *read in _rows(_chainage_sql(is_named, on), values)
        }
        if not is_named and places:
            moved = on_bearing_roads(list(places.values()), on=on)
            places = dict(zip(places, moved, strict=True))
        for i, place in places.items():
            found[i] = place
    return found


def _chainage_sql(is_named: bool, on: date | None) -> str:
    if on is not None:
        held, held_by_c = _HELD.format(v="v"), _HELD.format(v="c")
    else:
        held = "v.valid_to IS NULL" if is_named else _CURRENT
        held_by_c = "c.valid_to IS NULL"
    near = (_NAMED_ROAD if is_named else _NEAREST_ROAD).replace("{held}", held)
    return _CHAINAGES.replace("{near}", near).replace("{held_by_c}", held_by_c)


def _place(
    named: int | None,
    main_id: int,
    line_id: int,
    measure: float,
    offset: float,
    side: str,
    lon: float,
    lat: float,
) -> RoadPlace:
    # Who names a carriageway is answered about it.
    road_id = line_id if named == line_id else main_id
    return RoadPlace(road_id, measure, offset, Side(side), lon, lat, line_id)


def chainage_of(
    *,
    lon: float,
    lat: float,
    road: Road | int | None = None,
    within_m: float = NEAR_M,
    on: date | None = None,
) -> RoadPlace | None:
    """Where a point in WGS 84 lies on a road, or on the nearest road within a distance."""
    road_id = road if isinstance(road, int) or road is None else road.pk
    return chainages_of(points=[(lon, lat)], road_ids=[road_id], within_m=within_m, on=on)[0]


def _off_route(road_id: int, measure: float) -> NotOnRouteError:
    ends = _rows(
        "SELECT start_m, end_m FROM network_routeversion"
        " WHERE road_id = %(road)s AND valid_to IS NULL",
        {"road": road_id},
    )
    if not ends:
        return NotOnRouteError(
            {"chainage": _("Tuyến chưa có tim đường nên chưa xác định được vị trí theo lý trình.")}
        )
    return NotOnRouteError(
        {
            "chainage": _("%(place)s nằm ngoài tuyến: tuyến chỉ có từ %(start)s đến %(end)s.")
            % {"place": label(measure), "start": label(ends[0][0]), "end": label(ends[0][1])}
        }
    )


def label(measure_m: float) -> str:
    """A label for people; before Km0 the metres are counted backwards: ``Km0-050``."""
    if measure_m < 0:
        return "Km0-" + format_chainage(round(-measure_m)).partition("+")[2]
    return format_chainage(measure_m)
