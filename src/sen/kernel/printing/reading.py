"""The rows that a sheet shows: in the projection of the sheet, cut to it, for one actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import shapely
from django.http import QueryDict
from shapely.geometry.base import BaseGeometry as Shape

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import Layer, layer_filters, visible_layers
from sen.kernel.geo.reading import read
from sen.kernel.geo.sql import Sql, condition, quote, row_condition, tile_value
from sen.kernel.printing.frame import Frame

#: Rows of a map that is drawn while somebody waits, and of one that a job draws.
MOST_NOW: Final = 6_000
MOST_EVER: Final = 120_000
#: Details finer than this on paper are left out.
FINEST_MM: Final = 0.04


class TooMuchError(Exception):
    """The sheet would hold more rows than may be drawn at once."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is drawn: its shape in metres of the sheet and what styling needs."""

    id: int
    shape: Shape
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class LayerRows:
    """The rows of a layer on a sheet; ``too_small``: the scale is too small to show it."""

    layer: Layer
    rows: list[Row] = field(default_factory=list)
    too_small: bool = False


def read_layers(
    frame: Frame, actor: Actor, names: Sequence[str], *, narrowed: str = "", most: int = MOST_NOW
) -> list[LayerRows]:
    """The ground and the layers of a sheet, in the order of drawing.

    Raises:
        TooMuchError: more than ``most`` rows.
    """
    wanted = [one for one in visible_layers(actor) if one.basemap or one.name in names]
    left = most
    found: list[LayerRows] = []
    for layer in wanted:
        part = read_layer(frame, actor, layer, narrowed=narrowed, most=left)
        left -= len(part.rows)
        found.append(part)
    return found


def read_layer(
    frame: Frame, actor: Actor, layer: Layer, *, narrowed: str = "", most: int = MOST_NOW
) -> LayerRows:
    """The rows of one layer on a sheet.

    Raises:
        TooMuchError: more than ``most`` rows.
    """
    # Paper is finer than a screen: one zoom more than the screen would show at this size.
    zoom = int(frame.zoom) + 1
    if zoom < layer.minzoom:
        return LayerRows(layer, too_small=True)
    found = read(actor, _statement(frame, actor, layer, zoom, narrowed, most))
    if len(found) > most:
        raise TooMuchError(most)
    rows = []
    for row_id, wkb, *values in found:
        shape = shapely.from_wkb(bytes(wkb)) if wkb is not None else None
        if shape is not None and not shape.is_empty:
            rows.append(Row(row_id, shape, tuple(values)))
    return LayerRows(layer, rows)


def _statement(
    frame: Frame, actor: Actor, layer: Layer, zoom: int, narrowed: str, most: int
) -> Sql:
    access = layer.access(actor)
    where = row_condition(access)
    _limit, rule = layer.zoom_condition(zoom)
    for q in (rule, _filter(layer, narrowed)):
        if q is not None:
            where &= condition(layer.model, q)
    table = quote(layer.table)
    values = [tile_value(layer, name, access.scopes) for name in layer.tile_fields]
    columns = "".join(f", {one.text}" for one in values)
    params = [param for one in values for param in one.params]
    finest = FINEST_MM * frame.scale / 1000
    shape = (
        f"ST_AsBinary(ST_Simplify(ST_Transform("
        f"ST_ClipByBox2D({table}.geom, box.g), {frame.srid}), {finest}, true))"
    )
    text = (
        f"SELECT {table}.id, {shape}{columns} "  # noqa: S608  names of the registry
        f"FROM {table}, (SELECT ST_MakeEnvelope(%s, %s, %s, %s, 4326) g) box "
        f"WHERE {table}.geom && box.g AND {where.text} ORDER BY {table}.id LIMIT {most + 1}"
    )
    return Sql(text, [*params, *frame.degrees, *where.params])


def _filter(layer: Layer, narrowed: str) -> Any:
    query = QueryDict(narrowed)
    known = layer_filters.get(query.get("ids-of", ""))
    return known.condition(query) if known is not None and known.model is layer.model else None
