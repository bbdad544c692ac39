"""Where a row lies: the map on the page of every row whose register has a layer."""

from __future__ import annotations

import math
from typing import Final

from django.contrib.gis.geos import GEOSGeometry, Point
from django.utils.translation import gettext_lazy as _

from sen.kernel.geo.layers import layers
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel

POINT_ZOOM: Final = 16.0
#: The world in degrees at zoom 0 is one tile of 512 pixels; a panel shows about 600.
WORLD_DEG: Final = 360.0


@panel("*", title=_("Trên bản đồ"), order=-4)
def place(page: PanelContext) -> PanelBody | None:
    """The row among its neighbours, zoomed so that all of it is seen."""
    shape = getattr(page.row, "geom", None)
    masked = "geom" in page.actor.scope(page.resource.rule).masked(page.row)
    if not isinstance(shape, GEOSGeometry) or masked or page.resource.layer not in layers:
        return None
    middle = middle_of(shape)
    context = {
        "focus": f"{middle.x:.6f},{middle.y:.6f},{zoom_for(shape):.1f}",
        "layers": ",".join(dict.fromkeys(("communes", "roads", page.resource.layer))),
        "name": str(page.row),
        "position": f"{middle.y:.6f}, {middle.x:.6f}",
    }
    return PanelBody("sen/register/place.html", context)


def middle_of(shape: GEOSGeometry) -> Point:
    """A point for the middle of the map: on the shape itself where it is an area."""
    middle = shape.point_on_surface if shape.dims == 2 else shape.centroid
    return middle if isinstance(middle, Point) else Point(*shape.centroid.coords)


def zoom_for(shape: GEOSGeometry) -> float:
    """The zoom at which the whole shape fits into the panel."""
    west, south, east, north = shape.extent
    span = max(east - west, (north - south) * 1.6)
    if span <= 0:
        return POINT_ZOOM
    return max(5.0, min(POINT_ZOOM, math.log2(WORLD_DEG / span) - 0.2))
