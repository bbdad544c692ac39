"""The configuration of ``<sen-map>``: which layers the actor may see, and how they look."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.geo.changes import changes
from sen.kernel.geo.layers import (
    GROUND,
    By,
    Label,
    Layer,
    Style,
    categories,
    layer_editors,
    visible_layers,
)
from sen.kernel.geo.pictures import visible_pictures
from sen.kernel.geo.reading import read
from sen.kernel.geo.sql import Sql, literal, quote, row_condition
from sen.kernel.geo.tiles import TileSet, tileset
from sen.kernel.registry import Store

#: Mainland Viet Nam, for a house in which no domain says where its home is.
VIETNAM: Final = (102.1, 8.4, 109.6, 23.5)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a map opens.

    Units:
        ``bounds``: west, south, east, north in degrees of WGS 84.
    """

    bounds: tuple[float, float, float, float]
    zoom: float | None = None

    @property
    def center(self) -> tuple[float, float]:
        west, south, east, north = self.bounds
        return round((west + east) / 2, 5), round((south + north) / 2, 5)


#: The first home that a domain knows is where maps open.
homes: Store[Callable[[], Home | None]] = Store("map home")
#: Remarks shown on every map, such as that boundaries are approximate.
notices: Store[Callable[[Actor], Sequence[Label]]] = Store("map notice")


#: Seconds for which the home is not asked for again.
HOME_REUSE_S: Final = 300
UNKNOWN_REUSE_S: Final = 10
_home: list[tuple[float, Home]] = []
_populated: dict[tuple[str, ...], frozenset[str]] = {}


def home() -> Home:
    """Where maps open."""
    now = time.monotonic()
    if _home and now < _home[0][0]:
        return _home[0][1]
    with acting_as(ANONYMOUS):
        found = next((place for provider in homes if (place := provider()) is not None), None)
    _home[:] = [(now + (HOME_REUSE_S if found else UNKNOWN_REUSE_S), found or Home(VIETNAM, 6))]
    return _home[0][1]


def forget_home() -> None:
    """Ask again; after an import of boundaries and between tests."""
    _home.clear()
    _populated.clear()


def map_config(actor: Actor, names: Sequence[str] = (), language: str = "vi") -> dict[str, Any]:
    """The whole configuration; an empty ``names`` means every layer that holds something.

    The ground is always part of it: a layer alone would float on an empty sheet.
    """
    asked = [
        layer
        for layer in visible_layers(actor)
        if not names or layer.basemap or layer.name in names
    ]
    filled = populated(asked, actor)
    shown = [layer for layer in asked if layer.name in filled]
    used = {layer.category for layer in shown}
    place = home()
    attributions = dict.fromkeys(str(layer.attribution) for layer in shown if layer.attribution)
    return {
        "center": place.center,
        "zoom": place.zoom or 9,
        "bounds": place.bounds,
        "basemap": None,
        "language": language,
        "categories": [
            {"id": item.id, "title": str(item.title)} for item in categories if item.id in used
        ],
        "layers": [layer_config(layer, actor) for layer in shown],
        "pictures": [] if names else [picture.config() for picture in visible_pictures(actor)],
        "search_url": "/map/goto",
        "attributions": list(attributions),
        "notices": [str(text) for provider in notices for text in provider(actor)],
    }


def populated(candidates: Sequence[Layer], actor: Actor) -> frozenset[str]:
    """Names of the layers of which there is a row that the actor may see."""
    accesses = [layer.access(actor) for layer in candidates]
    key = (changes.identity, *(TileSet(a.layer.name, (a,)).url for a in accesses))
    if key not in _populated and accesses:
        parts = [(a.layer, row_condition(a)) for a in accesses]
        text = " UNION ALL ".join(
            f"SELECT {literal(layer.name)} WHERE EXISTS "  # noqa: S608  names of the registry
            f"(SELECT 1 FROM {quote(layer.table)} WHERE {where.text})"
            for layer, where in parts
        )
        params = [param for _, where in parts for param in where.params]
        if len(_populated) > 200:
            _populated.clear()
        _populated[key] = frozenset(row[0] for row in read(actor, Sql(text, params)))
    return _populated.get(key, frozenset())


def tiles_url(layer: Layer, actor: Actor) -> str:
    """The URL template of a layer's tiles as the actor may see them now."""
    shown = tileset(GROUND if layer.basemap else layer.name, actor)
    return shown.url if shown is not None else ""


def layer_config(layer: Layer, actor: Actor) -> dict[str, Any]:
    """One layer of the configuration."""
    title = layer.title if actor.is_authenticated else (layer.public_title or layer.title)
    editor = layer_editors.get(layer.name) if actor.is_authenticated else None
    offers = editor.offers(actor) if editor is not None else {}
    return {
        "id": layer.name,
        "title": str(title),
        "category": layer.category,
        "kind": layer.geometry_kind.value,
        "tiles": tiles_url(layer, actor),
        "source_layer": layer.name,
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "visible": layer.visible,
        "style": style_config(layer.style),
        "detail_url": layer.detail_url,
        "legend": legend(layer),
        "basemap": layer.basemap,
    } | ({"edit": dict(offers)} if offers else {})


def style_config(style: Style) -> dict[str, Any]:
    """A style without the parts that were left out."""
    said: dict[str, Any] = {
        "color": style.color,
        "width": style.width,
        "radius": style.radius,
        "opacity": style.opacity,
        "label_field": style.label_field or None,
        "by": _by_config(style.by) if style.by else None,
    }
    return {name: part for name, part in said.items() if part is not None}


def _by_config(by: By) -> dict[str, Any]:
    values: dict[str, dict[str, Any]] = {}
    for value, look in by.values.items():
        values[str(value)] = {"color": look.color, "label": str(look.label or value)}
        if look.width is not None:
            values[str(value)]["width"] = look.width
    return {"field": by.field, "values": values, "default": by.default}


def legend(layer: Layer) -> list[dict[str, str]]:
    """Colours with their meaning, in the order of the style."""
    if layer.style.by is None:
        return [{"color": layer.style.color, "label": str(layer.title)}]
    return [
        {"color": look.color, "label": str(look.label or value)}
        for value, look in layer.style.by.values.items()
    ]
