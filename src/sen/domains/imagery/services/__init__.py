"""Use cases of `imagery`."""

from __future__ import annotations

from sen.domains.imagery.services.health import note_health
from sen.domains.imagery.services.overlays import create_overlay, delete_overlay, update_overlay
from sen.domains.imagery.services.placing import confirm_place, keep_points
from sen.domains.imagery.services.publishing import publish_raster
from sen.domains.imagery.services.rasters import add_raster, delete_raster, update_raster

__all__ = [
    "add_raster",
    "confirm_place",
    "create_overlay",
    "delete_overlay",
    "delete_raster",
    "keep_points",
    "note_health",
    "publish_raster",
    "update_overlay",
    "update_raster",
]
