"""What a raster still needs, how its points agree, and how a service of others is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from sen.domains.imagery.choices import RasterState
from sen.domains.imagery.selectors import health_of
from sen.kernel.web.register.links import PUBLIC, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel


@panel("imagery.rasters", title=_("Trên bản đồ"), order=-10)
def on_map(page: PanelContext) -> PanelBody | None:
    """The picture on the map, or what must be done before it is there."""
    row: Any = page.row
    allowed = page.actor.scope(row.access, "change").allows(row)
    context: dict[str, Any] = {
        "row": row,
        "may_change": allowed and base_of(page.request) != PUBLIC,
        "is_ready": row.state == RasterState.READY,
        "is_queued": row.state == RasterState.QUEUED,
        "is_failed": row.state == RasterState.FAILED,
        "is_placed": row.said.get("transform") is not None,
        "focus": "",
    }
    if row.geom is not None:
        centre = row.geom.centroid
        context["focus"] = f"{centre.x:.6f},{centre.y:.6f},{_zoom(row)}"
    return PanelBody("imagery/on_map.html", context)


def _zoom(row: Any) -> int:
    """A zoom at which the whole raster is seen."""
    west, _south, east, _north = row.geom.extent
    width = max(east - west, 1e-5)
    zoom = 9
    while zoom < 17 and 360 / 2 ** (zoom + 1) > width:
        zoom += 1
    return zoom


@panel("imagery.overlays", title=_("Tình trạng dịch vụ"), order=-10)
def health(page: PanelContext) -> PanelBody | None:
    """When the service answered last, and what it said when it failed."""
    found = health_of([page.row.pk]).get(page.row.pk)
    return PanelBody("imagery/health.html", {"health": found, "row": page.row})
