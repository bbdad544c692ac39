"""What stands inside corridors, corridors of other dates, and what a change of rules changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.corridors.data import METRIC_SRID
from sen.domains.corridors.models import Corridor
from sen.domains.corridors.rules import corridor_width_m
from sen.domains.corridors.selectors.answering import BUFFER, corridors
from sen.domains.corridors.selectors.sources import shaped
from sen.domains.corridors.selectors.widths import Widths, reach_of
from sen.domains.norms.ports import Affected, Change, Effect
from sen.kernel.access.scope import Actor
from sen.lib.units import format_number

#: What a change of rules lists at most.
LISTED: Final = 20

_INSIDE: Final = """
WITH corridor AS ({corridors}), asset AS ({assets})
SELECT c.id, a.id
FROM asset a JOIN corridor c ON c.geom && a.geom AND ST_Intersects(c.geom, a.geom)
WHERE c.asset_id IS DISTINCT FROM a.id
ORDER BY c.id, a.id LIMIT %s
"""

_ON_DATE: Final = """
SELECT c.id, ST_AsGeoJSON(ST_Transform({buffer}, 4326), 7)
FROM unnest(%s::bigint[], %s::float8[]) q (id, reach)
JOIN corridors_corridor c ON c.id = q.id ORDER BY c.id
"""


def standing_in(actor: Actor, corridor: Corridor) -> QuerySet[Any]:
    """Assets inside one corridor, without the work that it belongs to."""
    rows = assets.assets(actor)
    if corridor.geom is None:
        return rows.none()
    inside = rows.filter(geom__intersects=corridor.geom).exclude(status="REMOVED")
    return inside.exclude(pk=corridor.asset_id) if corridor.asset_id else inside


def foreign_types() -> list[str]:
    """Types of assets that do not belong on a road: what a corridor is kept free of."""
    return [kind.code for kind in assets.asset_types if not kind.along_road]


def conflicts(actor: Actor, *, limit: int = 2000) -> list[tuple[int, int]]:
    """(corridor, asset) where a work that is no part of a road stands inside a corridor."""
    drawn = corridors(actor).filter(geom__isnull=False)
    standing = assets.assets(actor).filter(type__in=foreign_types()).exclude(status="REMOVED")
    first, params = shaped(drawn, ("id", "asset_id", "geom"))
    second, more = shaped(standing, ("id", "geom"))
    sql = _INSIDE.format(corridors=first, assets=second)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *more, limit])
        return [(int(c), int(a)) for c, a in cursor.fetchall()]


def drawn_on(actor: Actor, on: date, *, within: GEOSGeometry | None = None) -> Iterator[Any]:
    """(corridor, width, legal reference, polygon as GeoJSON) by the law of any date."""
    widths = Widths(on)
    rows = corridors(actor).defer("geom", "axis").order_by("id")
    if within is not None:
        rows = rows.filter(axis__intersects=within)
    said = {row.pk: (row, widths.of(row.along, row.norm_case, road_id=row.road_id)) for row in rows}
    reaches = {
        pk: reach
        for pk, (row, item) in said.items()
        if (reach := reach_of(item, row.edge_m, row.norm_case)) is not None
    }
    buffer = BUFFER.format(
        axis=f"ST_Transform(c.axis, {METRIC_SRID})", reach="q.reach", along="c.along"
    )
    with connection.cursor() as cursor:
        cursor.execute(_ON_DATE.format(buffer=buffer), [list(reaches), list(reaches.values())])
        for pk, text in cursor.fetchall():
            row, item = said[pk]
            yield row, item, text


def reckon_widths(actor: Actor, change: Change) -> Effect:
    """How many corridors get another width by a change of their rule."""
    rows = corridors(actor).filter(norm=change.norm)
    groups = rows.order_by().values("along", "norm_case").annotate(n=Count("id"))
    total, changed = 0, 0
    differing: list[tuple[Any, str, str]] = []
    for group in groups:
        total += group["n"]
        before = corridor_width_m(change.before(group["norm_case"]))
        after = corridor_width_m(change.after(group["norm_case"]))
        if before != after:
            changed += group["n"]
            differing.append((group["norm_case"], _metres(before), _metres(after)))
    if not differing:
        return Effect(total, changed, ())
    widths = {json.dumps(case, sort_keys=True): said for case, *said in differing}
    of_them = reduce(or_, (Q(norm_case=case) for case, *_said in differing))
    listed = [
        Affected(
            row.name,
            f"/ql/corridors/corridors/{row.pk}/",
            *widths[json.dumps(row.norm_case, sort_keys=True)],
        )
        for row in rows.filter(of_them).defer("geom", "axis").order_by("name", "id")[:LISTED]
    ]
    return Effect(total, changed, tuple(listed))


def _metres(width_m: float | None) -> str:
    return _("không nêu") if width_m is None else f"{format_number(width_m)} m"
