"""Going to a place by what a person types: a chainage, coordinates, a name.

A domain adds what it understands in ``web/layers.py``; it returns nothing for other texts::

    goto_resolvers.add("network.chainage", chainage)  # def chainage(text, actor) -> list[Place]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.geo.config import home
from sen.kernel.geo.layers import Label, Layer, visible_layers
from sen.kernel.geo.ogc.documents import title_of
from sen.kernel.geo.reading import read
from sen.kernel.geo.sql import Sql, quote, row_condition, value
from sen.kernel.registry import Store
from sen.lib.errors import InputError
from sen.lib.text import fold
from sen.lib.vn2000 import CoordinateError, format_dms, parse_coordinate

LONGEST: Final = 200
SHOWN: Final = 8
#: Matches of one layer that are ranked; a common word stops early.
CANDIDATES: Final = 20
POINT_ZOOM: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where the map may go.

    Units:
        ``lon``, ``lat``: degrees of WGS 84. ``geometry``: GeoJSON to mark, if it is no point.
    """

    title: Label
    lon: float
    lat: float
    subtitle: Label = ""
    zoom: float = POINT_ZOOM
    geometry: dict[str, Any] | None = None


Resolver = Callable[[str, Actor], Sequence[Place]]
#: Asked in the order of registration.
goto_resolvers: Final[Store[Resolver]] = Store("map search")


def goto(text: str, actor: Actor) -> list[Place]:
    """Places that a text may mean, the surest first.

    Raises:
        SenError, InputError: a resolver knows the text for its own, or it is clearly a
            coordinate, but something in it is wrong.
    """
    text = text.strip()[:LONGEST]
    if not text:
        return []
    found: list[Place] = []
    complaint: Exception | None = None
    for resolve in goto_resolvers:
        try:
            found += resolve(text, actor)
        except (SenError, InputError) as error:
            complaint = complaint or error
    found = found or coordinates(text) or names(text, actor)
    if not found and complaint is not None:
        raise complaint
    return found[:SHOWN]


def coordinates(text: str) -> list[Place]:
    """Readings of typed coordinates, WGS 84 and VN-2000; none when the text is no coordinate.

    Raises:
        InputError: digits only, but no place in Viet Nam.
    """
    if sum(character.isdigit() for character in text) < 4:
        return []
    try:
        candidates = parse_coordinate(text, bbox=home().bounds)
    except CoordinateError:
        if _is_numeric(text):
            raise
        return []
    inside = [candidate for candidate in candidates if candidate.inside] or candidates
    return [
        Place(
            title=format_dms(candidate.lon, candidate.lat),
            subtitle=_("Tọa độ %(system)s") % {"system": candidate.label},
            lon=round(candidate.lon, 7),
            lat=round(candidate.lat, 7),
        )
        for candidate in inside
    ]


def _is_numeric(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return letters * 3 < sum(character.isdigit() for character in text)


def names(text: str, actor: Actor) -> list[Place]:
    """Features of the layers whose folded name holds every word."""
    words = fold(text).split()
    if not words or len("".join(words)) < 2:
        return []
    parts = [
        part
        for number, layer in enumerate(visible_layers(actor))
        if (part := _name_sql(layer, actor, words, number)) is not None
    ]
    if not parts:
        return []
    union = " UNION ALL ".join(f"({part.text})" for part in parts)
    rows = read(actor, Sql(union, [param for part in parts for param in part.params]))
    shown = list(visible_layers(actor))
    folded = " ".join(words)
    rows.sort(key=lambda row: _rank(str(row[1]), folded))
    return list(_places(rows, shown, actor))


def _places(rows: list[tuple[Any, ...]], shown: list[Layer], actor: Actor) -> Iterator[Place]:
    seen: set[tuple[str, float, float]] = set()
    for number, title, lon, lat, width in rows:
        key = (title, round(lon, 3), round(lat, 3))
        if key not in seen:
            seen.add(key)
            yield Place(
                title=title,
                subtitle=title_of(shown[number], actor),
                lon=round(lon, 7),
                lat=round(lat, 7),
                zoom=_zoom_for(width),
            )
        if len(seen) == SHOWN:
            return


def _name_sql(layer: Layer, actor: Actor, words: Sequence[str], number: int) -> Sql | None:
    """Matches of one layer; None when its rows have no folded name."""
    path = layer.style.label_field or ("name" if "name" in layer.fields.values() else "")
    if not path or "search" not in {field.name for field in layer.model._meta.fields}:
        return None
    access = layer.access(actor)
    table = quote(layer.table)
    label = value(layer.model, path, access.scopes)
    where = row_condition(access) & Sql(f"{table}.geom IS NOT NULL")
    for word in words:
        where &= Sql(f"{table}.search LIKE %s", [f"%{_escaped(word)}%"])
    text = (
        f"SELECT {number}, {label.text}::text, ST_X(ST_PointOnSurface({table}.geom)), "  # noqa: S608
        f"ST_Y(ST_PointOnSurface({table}.geom)), greatest(ST_XMax({table}.geom) - "
        f"ST_XMin({table}.geom), ST_YMax({table}.geom) - ST_YMin({table}.geom)) "
        f"FROM {table} WHERE {where.text} AND {label.text} IS NOT NULL LIMIT {CANDIDATES}"
    )
    return Sql(text, [*label.params, *where.params, *label.params])


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _rank(title: str, folded: str) -> tuple[int, int, str]:
    name = fold(title)
    if name == folded:
        return 0, len(name), name
    if name.startswith(folded):
        return 1, len(name), name
    return (2 if f" {folded}" in name else 3), len(name), name


def _zoom_for(width_deg: float) -> float:
    """A zoom at which something of this width fills most of a screen."""
    if width_deg < 1e-6:
        return POINT_ZOOM
    return round(min(POINT_ZOOM, max(8.0, math.log2(360 / width_deg) + 0.5)), 1)


def as_answer(places: Sequence[Place]) -> dict[str, Any]:
    """The answer of ``/map/goto``: all of them, and the first as the place itself."""
    items = [
        {name: part for name, part in _plain(place).items() if part is not None} for place in places
    ]
    if not items:
        return {"items": []}
    return {**items[0], "label": items[0]["title"], "items": items}


def _plain(place: Place) -> dict[str, Any]:
    return asdict(place) | {"title": str(place.title), "subtitle": str(place.subtitle)}
