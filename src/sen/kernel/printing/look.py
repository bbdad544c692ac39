"""How the web map looks, for paper: the same colours and growth, in points instead of pixels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from sen.kernel import web
from sen.kernel.geo.layers import Layer
from sen.kernel.printing.reading import Row

#: A pixel of style sheets.
PT_PER_PX: Final = 0.75


@cache
def look() -> dict[str, Any]:
    """The palette that the web map is drawn with."""
    file = Path(web.__path__[0]) / "islands" / "map" / "look.json"
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def colour(name: str) -> str:
    """A colour of the ground by its name."""
    return str(look()["colours"]["light"][name])


def grown(value: float, growth: str, zoom: float) -> float:
    """A width or radius at a zoom, as MapLibre interpolates it with base 1.4.

    Units:
        In: pixels. Out: points.
    """
    stops: Sequence[Sequence[float]] = look()[growth]
    return value * _factor(stops, zoom) * PT_PER_PX


def _factor(stops: Sequence[Sequence[float]], zoom: float) -> float:
    if zoom <= stops[0][0]:
        return stops[0][1]
    for (low, small), (high, large) in pairwise(stops):
        if zoom <= high:
            share: float = (1.4 ** (zoom - low) - 1) / (1.4 ** (high - low) - 1)
            return small + (large - small) * share
    return stops[-1][1]


def colour_of(layer: Layer, row: Row) -> str:
    """The colour of a row by the value that the style looks at."""
    by = layer.style.by
    if by is None:
        return layer.style.color
    value = _value(layer, row, by.field)
    known = {str(name): one for name, one in by.values.items()}
    return known[value].color if value in known else (by.default or layer.style.color)


def width_of(layer: Layer, row: Row) -> float:
    """The width of a line in pixels at zoom 14."""
    by, usual = layer.style.by, layer.style.width or 2
    if by is None:
        return usual
    known = {str(name): one for name, one in by.values.items()}
    found = known.get(_value(layer, row, by.field))
    return found.width if found is not None and found.width is not None else usual


def name_of(layer: Layer, row: Row) -> str:
    """What is written beside a row; empty for nothing."""
    field = layer.style.label_field
    return _value(layer, row, field) if field else ""


def _value(layer: Layer, row: Row, field: str) -> str:
    value = row.values[layer.tile_fields.index(field)]
    return "" if value is None else str(value)
