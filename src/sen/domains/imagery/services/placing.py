"""Saying where a raster lies: a confirmed system, or control points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.imagery.choices import Method, RasterState
from sen.domains.imagery.models import Raster
from sen.domains.imagery.rules import LEAST, Fit, FitError, fit
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.imports.crs import Reading, readings
from sen.kernel.imports.pictures import land
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.services import enqueue
from sen.kernel.usecase import check_version, use_case
from sen.lib.vn2000 import SRIDS, from_wgs84_array

#: The systems that a bent scan may be brought to.
TARGETS: Final = (5897, 9210)
MOST_POINTS: Final = 200


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


@use_case("imagery.raster.change")
def confirm_place(
    *, actor: Actor, row: Raster, version: int | None, srid: int, reason: str = ""
) -> Raster:
    """Confirm the system of a raster that lies straight, and have it converted.

    Raises:
        ConflictError: it has no transform, or is being converted.
        InvalidInputError: the system is unknown.
    """
    check_version(row, version)
    _check_open(row)
    if row.said.get("transform") is None:
        raise ConflictError(
            _("Ảnh này không có tọa độ."), hint=_("Hãy nhập điểm khống chế cho ảnh.")
        )
    if srid not in {way.srid for way in ways_to_read(row)}:
        raise InvalidInputError({"srid": _("Hãy chọn một trong các hệ tọa độ đã nêu.")})
    row.srid, row.state, row.error, row.points, row.method = srid, RasterState.QUEUED, "", [], ""
    row.rms_m = None
    row.save()
    queue_conversion(actor, row)
    return row


@use_case("imagery.raster.change")
def keep_points(
    *,
    actor: Actor,
    row: Raster,
    version: int | None,
    points: Sequence[Mapping[str, float]],
    method: str,
    srid: int,
    bend: bool,
    reason: str = "",
) -> Raster:
    """Keep control points with their residuals; ``bend`` also has the raster converted.

    Raises:
        InvalidInputError: too few points for the bending, or points that do not determine it.
    """
    check_version(row, version)
    _check_open(row)
    if srid not in TARGETS:
        raise InvalidInputError({"srid": _("Hãy chọn hệ tọa độ của ảnh sau khi nắn.")})
    if method not in Method.__members__:
        raise InvalidInputError({"method": _("Hãy chọn phép nắn.")})
    kept = [_point(number, one, row) for number, one in enumerate(points[:MOST_POINTS], 1)]
    row.points, row.method, row.srid = kept, method, srid
    agreed = residuals(row) if bend else _maybe(row)
    row.rms_m = round(agreed.rms_m, 3) if agreed else None
    if bend:
        row.state, row.error = RasterState.QUEUED, ""
    row.save()
    if bend:
        queue_conversion(actor, row)
    return row


def _point(number: int, said: Mapping[str, float], row: Raster) -> dict[str, float]:
    inside = 0 <= said["px"] <= row.said["width"] and 0 <= said["py"] <= row.said["height"]
    if not inside:
        raise InvalidInputError(
            {"points": _("Điểm %(n)s nằm ngoài ảnh (%(w)s × %(h)s điểm ảnh).")
             % {"n": number, "w": row.said["width"], "h": row.said["height"]}}
        )  # fmt: skip
    return {name: float(said[name]) for name in ("px", "py", "lon", "lat")}


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


def _maybe(row: Raster) -> Fit | None:
    """The agreement while points are still being added."""
    try:
        return residuals(row)
    except InvalidInputError:
        return None


def _check_open(row: Raster) -> None:
    if row.state == RasterState.QUEUED:
        raise ConflictError(_("Ảnh đang được xử lý."), hint=_("Hãy đợi xử lý xong."))


def queue_conversion(actor: Actor, row: Raster) -> JobRun:
    from sen.domains.imagery.jobs import convert_raster  # the job calls the services

    title = _("Đưa ảnh lên bản đồ: %(name)s") % {"name": row.name}
    return enqueue(convert_raster, actor=actor, title=title, once_key=str(row.pk), raster_id=row.pk)


def description(row: Raster) -> dict[str, Any]:
    """What the conversion is told."""
    from sen.domains.imagery.adapters.painting import crs_text

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
