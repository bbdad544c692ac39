"""Is this inside a corridor, on a date: answered for a point, a line or an area."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.utils.translation import gettext as _

from sen.domains.corridors.data import METRIC_SRID, Finding
from sen.domains.corridors.models import Corridor
from sen.domains.corridors.selectors.sources import shaped
from sen.domains.corridors.selectors.widths import Widths, reach_of
from sen.kernel.access.querysets import ScopedQuerySet
from sen.kernel.access.scope import Actor

#: Corridors whose axis is farther than this from what is asked for are of no interest.
NEAR_M: Final = 400.0
#: An urban road without a red line is named when it is as near as this.
URBAN_M: Final = 30.0
#: Corridors that are near but not touched are named up to this distance.
CLOSE_M: Final = 50.0
_DEGREES: Final = NEAR_M / 100_000

#: A bridge ends where the law says; what runs on is drawn round.
BUFFER: Final = (
    "ST_Buffer({axis}, {reach}, CASE WHEN {along} = 'BRIDGE' "
    "THEN 'endcap=flat join=round quad_segs=16' ELSE 'quad_segs=16' END)"
)

_NEAR: Final = """
WITH visible AS ({visible}),
asked AS (SELECT ST_Transform(ST_GeomFromEWKB(%s), {srid}) AS shape, ST_GeomFromEWKB(%s) AS wgs)
SELECT v.id, v.along, v.name, v.norm_case, v.edge_m, v.road_id, v.remark,
  ST_Distance(ST_Transform(v.axis, {srid}), a.shape) AS away
FROM visible v, asked a
WHERE v.axis && ST_Expand(a.wgs, {degrees})
  AND ST_DWithin(ST_Transform(v.axis, {srid}), a.shape, {near})
"""

_TOUCH: Final = """
SELECT q.id, ST_Distance({buffer}, ST_Transform(ST_GeomFromEWKB(%s), {srid}))
FROM unnest(%s::bigint[], %s::float8[]) q (id, reach)
JOIN corridors_corridor c ON c.id = q.id
"""


def corridors(actor: Actor) -> ScopedQuerySet[Corridor]:
    """All corridors that the actor may see."""
    return Corridor.objects.visible_to(actor)


def findings_at(actor: Actor, shape: GEOSGeometry, on: date) -> list[Finding]:
    """Corridors that a shape (WGS 84) touches or comes near, by the law of a date."""
    widths = Widths(on)
    near = [_judged(row, widths) for row in _near(actor, shape)]
    to_edge = _distances(shape, [item for item in near if item[1] is not None])
    found = []
    for finding, reach in near:
        if reach is None:
            if finding.axis_m <= URBAN_M:
                found.append(finding)
            continue
        to_m = to_edge[finding.id]
        if to_m <= CLOSE_M:
            found.append(_placed(finding, to_m))
    return sorted(found, key=lambda f: (not f.is_inside, f.is_unknown, f.to_m or 0, f.axis_m))


def _near(actor: Actor, shape: GEOSGeometry) -> list[tuple[Any, ...]]:
    names = ("id", "along", "name", "norm_case", "edge_m", "road_id", "remark", "axis")
    visible, params = shaped(corridors(actor), names)
    ewkb = bytes(shape.ewkb)
    sql = _NEAR.format(visible=visible, srid=METRIC_SRID, degrees=_DEGREES, near=NEAR_M)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, ewkb, ewkb])
        return list(cursor.fetchall())


def _judged(row: tuple[Any, ...], widths: Widths) -> tuple[Finding, float | None]:
    row_id, along, name, case, edge_m, road_id, remark, away = row
    case = json.loads(case) if isinstance(case, str) else case
    said = widths.of(along, case, road_id=road_id)
    reach = reach_of(said, edge_m, case)
    finding = Finding(
        id=row_id,
        along=along,
        title=name,
        axis_m=float(away),
        reach_m=reach,
        to_m=None,
        corridor_m=said.corridor_m,
        legal_ref=said.legal_ref,
        document=said.document,
        verification=said.verification,
        remark=_(said.remark) if said.remark else remark and _(remark),
    )
    return finding, reach


def _placed(finding: Finding, to_m: float) -> Finding:
    return replace(finding, to_m=round(to_m, 2))


def _distances(shape: GEOSGeometry, items: list[tuple[Finding, float | None]]) -> dict[int, float]:
    """From the shape to the polygon of each corridor; 0 inside."""
    if not items:
        return {}
    buffer = BUFFER.format(
        axis=f"ST_Transform(c.axis, {METRIC_SRID})", reach="q.reach", along="c.along"
    )
    sql = _TOUCH.format(buffer=buffer, srid=METRIC_SRID)
    ids, reaches = [item.id for item, _r in items], [reach for _item, reach in items]
    with connection.cursor() as cursor:
        cursor.execute(sql, [bytes(shape.ewkb), ids, reaches])
        return {row_id: float(away) for row_id, away in cursor.fetchall()}
