"""Pictures on the map: rasters of the house and layers of other offices' map services.

A domain registers a provider in ``web/layers.py``; what it returns is already narrowed to what the
actor may see::

    pictures.add("imagery.rasters", rasters_on_map)  # def rasters_on_map(actor) -> list[Picture]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import Label
from sen.kernel.registry import Store

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The part of a map that a picture is to fill.

    Units:
        ``bounds``: metres of the system ``srid``; ``width`` and ``height``: pixels.
    """

    srid: int
    bounds: Box
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A layer of the map that is a picture.

    ``paint`` gives the part for a printed sheet as PNG; None when nothing of it lies there.
    ``remark`` says what is wrong with it at present.

    Units:
        ``bounds``: west, south, east, north in degrees of WGS 84. ``opacity``: 0 to 1.
    """

    id: str
    title: Label
    group: Label
    tiles: str
    paint: Callable[[Sheet], bytes | None]
    bounds: Box | None = None
    tile_size: int = 256
    minzoom: int = 0
    maxzoom: int = 20
    opacity: float = 1.0
    visible: bool = False
    order: int = 100
    attribution: str = ""
    date: str = ""
    remark: str = ""
    info_url: str = ""
    legend_url: str = ""
    detail_url: str = ""

    def config(self) -> dict[str, Any]:
        """What ``<sen-map>`` is told of it."""
        said = {
            "id": self.id,
            "title": str(self.title),
            "group": str(self.group),
            "tiles": self.tiles,
            "tile_size": self.tile_size,
            "minzoom": self.minzoom,
            "maxzoom": self.maxzoom,
            "opacity": self.opacity,
            "visible": self.visible,
            "bounds": self.bounds,
            "attribution": self.attribution,
            "date": self.date,
            "remark": self.remark,
            "info_url": self.info_url,
            "legend_url": self.legend_url,
            "detail_url": self.detail_url,
        }
        return {name: value for name, value in said.items() if value not in ("", None)}


pictures: Final[Store[Callable[[Actor], Sequence[Picture]]]] = Store("pictures of the map")


def visible_pictures(actor: Actor) -> list[Picture]:
    """All pictures that the actor may see, the lowest first."""
    found = [picture for provider in pictures for picture in provider(actor)]
    return sorted(found, key=lambda picture: picture.order)
