"""In which coordinate system a file is: every sensible reading, ranked, explained and drawn.

Files say a wrong central meridian, leave the datum out, carry X and Y in the order of the land
registry, or write degrees under a system of metres. The sure way to see it is a picture of where
the data fall; the choice is a person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from django.utils.translation import gettext as _
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry as Shape

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports import shapes
from sen.lib.vn2000 import SRIDS, diagnose

WGS84: Final = 4326
WEB_MERCATOR: Final = 3857
UTM_WGS84: Final = (32648, 32649)
PREFERRED: Final = (WGS84, 5897, 9210, 3405)
#: Pictures show so many points.
DRAWN: Final = 400
MOST: Final = 6
#: From this share of the points on a way of reading is a good one.
LIKELY: Final = 0.8
#: A datum that is left out moves the data by about this in Viet Nam.
DATUM_M: Final = 190


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand the coordinates of a file.

    Units:
        ``share``: 0 to 1, of the points that fall into the province; ``points``: degrees of WGS 84.
    """

    srid: int
    swapped: bool
    share: float
    why: tuple[str, ...] = ()
    is_said: bool = False
    is_boxed: bool = False
    points: Any = field(default=None, compare=False)

    @property
    def key(self) -> str:
        return f"{self.srid}{'s' if self.swapped else ''}"

    @property
    def name(self) -> str:
        return name_of(self.srid)

    @property
    def is_likely(self) -> bool:
        """Most of the data lie in the province: not all, for drawings reach over borders."""
        return self.is_boxed and self.share >= LIKELY

    @property
    def percent(self) -> int:
        return round(self.share * 100)


def name_of(srid: int) -> str:
    """What people call a coordinate system."""
    if srid == WGS84:
        return _("WGS 84 (kinh độ, vĩ độ)")
    if srid in SRIDS:
        return SRIDS[srid].name
    try:
        return str(CRS.from_epsg(srid).name)
    except CRSError:
        return f"EPSG:{srid}"


def readings(
    wkb: Sequence[bytes | None],
    said: int | None,
    bounds: shapes.BBox,
    *,
    told: str = "",
    land: Shape | None = None,
) -> list[Reading]:
    """The ways to read the coordinates, the most likely first; what the file says is among them.

    ``told`` is what the file says of its system in its own words; ``land`` the province, where its
    outline is known: neighbouring meridians often put the data into the same box.
    """
    points = shapes.sample(wkb)
    if not len(points):
        return []
    ways = diagnose(map(tuple, points), bounds, preferred=PREFERRED)
    ranked = [(one.srid, one.swapped) for one in ways]
    if said is not None and (said, False) not in ranked:
        ranked.append((said, False))
    where = _Where(bounds, land)
    found = [_reading(points, srid, swapped, said, where, told) for srid, swapped in ranked]
    good = [way for way in found if way is not None]
    good.sort(key=lambda way: _rank(way, said))
    kept = good[:MOST]
    return kept if said is None or any(w.is_said for w in kept) else [*kept, *_said_in(good)]


def _said_in(ways: Sequence[Reading]) -> list[Reading]:
    return [way for way in ways if way.is_said]


def _rank(way: Reading, said: int | None) -> tuple[bool, bool, float]:
    """What the file says first, when it puts the data into the province; else by share."""
    return (not (way.is_said and way.is_likely), not way.is_likely, -way.share)


@dataclass(frozen=True, slots=True)
class _Where:
    """Where the data should lie."""

    bounds: shapes.BBox
    land: Shape | None

    def share(self, points: Any) -> float:
        if self.land is None:
            return shapes.share_inside(points, self.bounds)
        finite = points[np.isfinite(points).all(axis=1)]
        return float(shapely.contains_xy(self.land, finite).sum() / max(len(points), 1))


def _reading(
    points: Any, srid: int, swapped: bool, said: int | None, where: _Where, told: str
) -> Reading | None:
    try:
        placed = shapes.place(points, srid, swapped=swapped)
    except InvalidInputError:
        return None
    share = where.share(placed)
    boxed = shapes.share_inside(placed, where.bounds) >= shapes.INSIDE
    is_said = srid == said and not swapped
    why = tuple(_why(points, srid, swapped, said, share, told, is_said))
    drawn = placed[:: max(1, len(placed) // DRAWN)]
    return Reading(srid, swapped, share, why, is_said, boxed, drawn)


def _why(
    points: Any, srid: int, swapped: bool, said: int | None, share: float, told: str, is_said: bool
) -> list[str]:
    """What this way of reading means, and which mistake in the file it would mend."""
    why: list[str] = []
    if is_said:
        why.append(_("Tệp ghi hệ này."))
        if share < LIKELY:
            why.append(_("Nhưng theo hệ này nhiều điểm rơi ngoài tỉnh."))
    elif said is None:
        why.append(
            _("Tệp ghi “%(told)s”, không rõ hệ quy chiếu (datum).") % {"told": _short(told)}
            if told
            else _("Tệp không ghi hệ tọa độ.")
        )
    else:
        why += _mistake(points, srid, said)
    if swapped:
        why.append(_("X và Y đổi chỗ: cột đầu là tọa độ Bắc, như trong hồ sơ địa chính."))
    if srid in UTM_WGS84 or (said is None and told and "WGS" not in told and srid in SRIDS):
        why.append(
            _("Nếu chọn nhầm giữa VN-2000 và WGS 84, dữ liệu lệch khoảng %(m)s m.") % {"m": DATUM_M}
        )
    return why


def _mistake(points: Any, srid: int, said: int) -> list[str]:
    if srid == said:
        return []
    degrees = bool((np.abs(points[:, 0]) <= 180).all() and (np.abs(points[:, 1]) <= 180).all())
    if srid == WGS84:
        return [_("Số là độ, nhưng tệp ghi hệ tính bằng mét (EPSG:%(said)s).") % {"said": said}]
    if said == WGS84 and not degrees:
        return [_("Số là mét, nhưng tệp ghi hệ tính bằng độ (WGS 84).")]
    if srid in SRIDS and said in SRIDS and _meridian(srid) == _meridian(said):
        return [_("Cùng kinh tuyến trục nhưng khác hệ số tỷ lệ: lệch khoảng 350 m.")]
    if srid in SRIDS and said in SRIDS:
        return [
            _("Sai kinh tuyến trục: tệp ghi %(said)s, dữ liệu hợp với %(is)s.")
            % {"said": _meridian(said), "is": _meridian(srid)}
        ]
    if srid in SRIDS:
        return [_("Tệp ghi EPSG:%(said)s thay cho VN-2000: mất datum.") % {"said": said}]
    return [_("Tệp ghi EPSG:%(said)s.") % {"said": said}]


def _meridian(srid: int) -> str:
    degrees = SRIDS[srid].central_meridian_deg
    minutes = round((degrees - int(degrees)) * 60)
    return f"{int(degrees)}°{minutes:02d}′"


def _short(told: str) -> str:
    """The name in a description of a coordinate system."""
    parts = told.split('"')
    return (parts[1] if len(parts) > 1 else told)[:60]
