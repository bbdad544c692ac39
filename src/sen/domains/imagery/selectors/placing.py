"""Where rasters may lie, and how their control points agree."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.imagery.choices import Method
from sen.domains.imagery.models import Raster
from sen.domains.imagery.rules import LEAST, Fit, FitError, crs_text, fit
from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.crs import Reading, readings
from sen.kernel.imports.pictures import land
from sen.lib.vn2000 import SRIDS, from_wgs84_array

#: The systems that a bent scan may be brought to.
TARGETS: Final = (5897, 9210)


def corners(raster: Raster) -> list[tuple[float, float]]:
    """Points over the raster, as its own transform places them."""
    a, b, c, d, e, f = raster.said["transform"]
    wide, high = raster.said["width"], raster.said["height"]
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    spots = [(wide * i, high * j) for i in steps for j in steps]
    return [(a * x + b * y + c, d * x + e * y + f) for x, y in spots]


def ways_to_read(raster: Raster) -> list[Reading]:
    """The systems in which a raster may be, the most likely first, with where it would fall."""
    import shapely

    from sen.kernel.geo.config import home

    points = [shapely.to_wkb(shapely.Point(*xy)) for xy in corners(raster)]
    found = readings(
        points, raster.said.get("srid"), home().bounds, told=raster.said["told"], land=land()
    )
    return [way for way in found if not way.swapped]


def ground_of(row: Raster) -> list[tuple[float, float]]:
    """The control points in metres of the chosen system."""
    lons = [one["lon"] for one in row.points]
    lats = [one["lat"] for one in row.points]
    east, north = from_wgs84_array(lons, lats, row.srid or TARGETS[0])
    return [(float(x), float(y)) for x, y in zip(east, north, strict=True)]


def residuals(row: Raster) -> Fit:
    """How the kept points agree.

    Raises:
        InvalidInputError: they do not determine the bending.
    """
    method = Method(row.method)
    try:
        return fit([(one["px"], one["py"]) for one in row.points], ground_of(row), method)
    except FitError as error:
        least = LEAST[method]
        text = (
            _("Phép nắn này cần ít nhất %(n)s điểm, mới có %(have)s.")
            % {"n": least, "have": len(row.points)}
            if len(row.points) < least
            else _("Các điểm gần thẳng hàng hoặc trùng nhau; hãy thêm điểm ở góc khác của ảnh.")
        )
        raise InvalidInputError({"points": text}) from error


def description(row: Raster) -> dict[str, Any]:
    """What the conversion is told."""
    said: dict[str, Any] = {"crs": crs_text(row.srid or TARGETS[0])}
    if row.points:
        spots = zip(row.points, ground_of(row), strict=True)
        said["gcps"] = [[one["px"], one["py"], x, y] for one, (x, y) in spots]
        said["method"] = row.method
        said["order"] = {"AFFINE": 1, "POLY2": 2, "POLY3": 3}.get(row.method, 1)
    else:
        said["transform"] = row.said["transform"]
    return said


def known_system(srid: int) -> str:
    """What people call the system of a raster."""
    return SRIDS[srid].name if srid in SRIDS else f"EPSG:{srid}"
