"""What `imagery` publishes."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class RasterPublished(Event):
    """A raster was converted and can be seen on the map."""

    type = "vn.dongthap.sen.imagery.raster.published.v1"
    raster_id: int


@dataclass(frozen=True, kw_only=True)
class RasterRemoved(Event):
    """A raster was taken out of the register with its files."""

    type = "vn.dongthap.sen.imagery.raster.removed.v1"
    raster_id: int


@dataclass(frozen=True, kw_only=True)
class OverlayChecked(Event):
    """A layer of another office's service stopped answering, or answers again."""

    type = "vn.dongthap.sen.imagery.overlay.checked.v1"
    overlay_id: int
    is_healthy: bool
    error: str
