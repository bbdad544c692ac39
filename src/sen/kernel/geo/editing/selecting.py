"""Choosing features of a layer on the map, by id or by an area: from the rows, not from tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import Layer
from sen.kernel.geo.reading import read
from sen.kernel.geo.sql import Sql, condition, literal, quote, row_condition, value

#: As many as a bulk edit takes.
MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Chosen:
    """One chosen row, with a shape that is good enough to be marked."""

    row_id: int
    label: str
    geometry: str


def chosen(
    actor: Actor,
    layer: Layer,
    *,
    wkb: bytes | None = None,
    ids: Sequence[int] | None = None,
    q: Q | None = None,
) -> tuple[list[Chosen], bool]:
    """Rows of the layer that cross an area, or have the ids; and whether these are all."""
    access = layer.access(actor)
    table = quote(layer.table)
    where = row_condition(access) & Sql(f"{table}.geom IS NOT NULL")
    if wkb is not None:
        shape = "ST_SetSRID(ST_GeomFromWKB(%s), 4326)"
        where &= Sql(f"ST_Intersects({table}.geom, {shape})", [wkb])
    if ids is not None:
        where &= Sql(f'{table}."id" = ANY(%s)', [list(ids)])
    if q is not None:
        where &= condition(layer.model, q)
    path = layer.style.label_field or layer.fields.get("name") or next(iter(layer.fields.values()))
    label = value(layer.model, path, access.scopes)
    text = (
        f'SELECT {table}."id", coalesce(({label.text})::text, {literal("")}), '  # noqa: S608
        f"ST_AsGeoJSON(ST_SimplifyPreserveTopology({table}.geom, 0.00005), 6, 0) "
        f'FROM {table} WHERE {where.text} ORDER BY {table}."id" LIMIT {MOST + 1}'
    )
    params: list[Any] = [*label.params, *where.params]
    rows = read(actor, Sql(text, params))
    found = [Chosen(row_id, name or f"#{row_id}", shape) for row_id, name, shape in rows[:MOST]]
    return found, len(rows) <= MOST
