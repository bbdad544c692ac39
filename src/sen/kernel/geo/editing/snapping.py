"""Exact shapes around a place that is being edited; tiles hold simplified ones.

A line or an area with many corners is cut to the neighbourhood: corners that the cut made lie
outside the asked box, so nothing is ever snapped to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.geo.layers import Layer, layers, visible_layers
from sen.kernel.geo.reading import read
from sen.kernel.geo.sql import Sql, quote, row_condition

#: Widest neighbourhood that is answered, in degrees: some 13 km.
WIDEST_DEG: Final = 0.12
#: Most shapes of one answer; a screen with more of them has no room to draw.
MOST: Final = 1500
#: Shapes with more corners are cut to the neighbourhood.
WHOLE_POINTS: Final = 300
_MARGIN: Final = 0.25

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One shape to snap to, as GeoJSON text in the stored precision."""

    layer: str
    row_id: int
    geometry: str


def read_box(text: str) -> Box:
    """West, south, east, north of a query.

    Raises:
        InvalidInputError: it is no box, or wider than a neighbourhood.
    """
    from django.utils.translation import gettext as _

    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInputError({"bbox": _("Ghi bbox=tây,nam,đông,bắc bằng độ WGS 84.")}) from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InvalidInputError({"bbox": _("Ghi bbox=tây,nam,đông,bắc bằng độ WGS 84.")})
    if max(east - west, north - south) > WIDEST_DEG:
        raise InvalidInputError({"bbox": _("Vùng quá rộng để bắt điểm; hãy phóng to.")})
    return west, south, east, north


def snapped_layers(actor: Actor, names: Sequence[str]) -> list[Layer]:
    """The asked layers and those that everything is drawn to, such as roads."""
    return [
        layer
        for layer in visible_layers(actor)
        if not layer.basemap and (layer.name in names or layer.snaps)
    ]


def neighbours(
    actor: Actor, box: Box, names: Sequence[str], *, but: tuple[str, int] | None = None
) -> tuple[list[Neighbour], bool]:
    """Shapes that cross a box, without the edited one; and whether these are all."""
    parts = [_part(layer, actor, box, but) for layer in snapped_layers(actor, names)]
    if not parts:
        return [], True
    union = " UNION ALL ".join(f"({part.text})" for part in parts)
    params: list[Any] = [param for part in parts for param in part.params]
    rows = read(actor, Sql(f"SELECT * FROM ({union}) q LIMIT {MOST + 1}", params))  # noqa: S608
    found = [Neighbour(name, row_id, shape) for name, row_id, shape in rows[:MOST] if shape]
    return found, len(rows) <= MOST


def _part(layer: Layer, actor: Actor, box: Box, but: tuple[str, int] | None) -> Sql:
    table = quote(layer.table)
    where = row_condition(layer.access(actor))
    west, south, east, north = box
    wide, high = (east - west) * _MARGIN, (north - south) * _MARGIN
    outer = [west - wide, south - high, east + wide, north + high]
    where &= Sql(f"{table}.geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)", list(box))
    if but is not None and but[0] == layer.name:
        where &= Sql(f'{table}."id" <> %s', [but[1]])
    shape = (
        f"CASE WHEN ST_NPoints({table}.geom) <= {WHOLE_POINTS} THEN {table}.geom "
        f"ELSE ST_Intersection({table}.geom, ST_MakeEnvelope(%s, %s, %s, %s, 4326)) END"
    )
    text = (
        f'SELECT %s::text, {table}."id", ST_AsGeoJSON({shape}, 15, 0) '  # noqa: S608  own names
        f"FROM {table} WHERE {where.text} LIMIT {MOST + 1}"
    )
    return Sql(text, [layer.name, *outer, *where.params])


def layer_named(name: str, actor: Actor) -> Layer | None:
    """A layer of which the actor may see rows."""
    layer = layers.get(name)
    if layer is None or layer.basemap or layer.access(actor).is_empty:
        return None
    return layer
