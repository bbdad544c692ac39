"""The box around the rows of a layer that a list shows, so that its map opens on them."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import Layer
from sen.kernel.geo.reading import read_one
from sen.kernel.geo.sql import Sql, condition, quote, row_condition

#: Rows beyond which a box says little: the map then stays on the whole province.
MOST_ROWS: Final = 5000

Box = tuple[float, float, float, float]


def extent(layer: Layer, actor: Actor, q: Q | None) -> Box | None:
    """West, south, east, north of the rows that ``actor`` may see; None for none or too many.

    Units:
        Degrees of WGS 84.
    """
    where = row_condition(layer.access(actor))
    if q is not None:
        where &= condition(layer.model, q)
    table = quote(layer.table)
    text = (
        "SELECT count(*), min(ST_XMin(g)), min(ST_YMin(g)), max(ST_XMax(g)), max(ST_YMax(g)) "  # noqa: S608  names of the registry
        f"FROM (SELECT {table}.geom g FROM {table} "
        f"WHERE {table}.geom IS NOT NULL AND {where.text} LIMIT {MOST_ROWS + 1}) found"
    )
    count, *box = read_one(actor, Sql(text, where.params))
    if not 0 < count <= MOST_ROWS:
        return None
    west, south, east, north = (round(float(edge), 6) for edge in box)
    return west, south, east, north
