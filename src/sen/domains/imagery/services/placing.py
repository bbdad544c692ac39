"""Saying where a raster lies: a confirmed system, or control points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from sen.domains.imagery.choices import Method, RasterState
from sen.domains.imagery.models import Raster
from sen.domains.imagery.rules import Fit
from sen.domains.imagery.selectors.placing import TARGETS, residuals, ways_to_read
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.usecase import check_version, use_case

MOST_POINTS: Final = 200


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
    return row


def _point(number: int, said: Mapping[str, float], row: Raster) -> dict[str, float]:
    inside = 0 <= said["px"] <= row.said["width"] and 0 <= said["py"] <= row.said["height"]
    if not inside:
        raise InvalidInputError(
            {"points": _("Điểm %(n)s nằm ngoài ảnh (%(w)s × %(h)s điểm ảnh).")
             % {"n": number, "w": row.said["width"], "h": row.said["height"]}}
        )  # fmt: skip
    return {name: float(said[name]) for name in ("px", "py", "lon", "lat")}


def _maybe(row: Raster) -> Fit | None:
    """The agreement while points are still being added."""
    try:
        return residuals(row)
    except InvalidInputError:
        return None


def _check_open(row: Raster) -> None:
    if row.state == RasterState.QUEUED:
        raise ConflictError(_("Ảnh đang được xử lý."), hint=_("Hãy đợi xử lý xong."))
