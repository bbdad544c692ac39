"""What other domains may ask of `imagery`."""

from __future__ import annotations

from sen.domains.imagery.selectors import overlays, rasters, shown_rasters
from sen.domains.imagery.services import (
    add_raster,
    confirm_place,
    create_overlay,
    keep_points,
    publish_raster,
)

__all__ = [
    "add_raster",
    "confirm_place",
    "create_overlay",
    "keep_points",
    "overlays",
    "publish_raster",
    "rasters",
    "shown_rasters",
]
