"""Coordinates as people type them: degrees, degrees-minutes-seconds, VN-2000 pairs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, TypeAlias

from sen.lib.errors import InputError, gettext_noop
from sen.lib.units import number_readings
from sen.lib.vn2000.diagnosis import VIETNAM, WGS84_SRID, BBox
from sen.lib.vn2000.srids import SRIDS
from sen.lib.vn2000.transform import to_wgs84

Axis: TypeAlias = Literal["north", "east"]
Pair: TypeAlias = tuple[tuple[float, Axis | None], tuple[float, Axis | None]]

_NORTHINGS_M: Final = (800_000.0, 2_700_000.0)
_EASTINGS_M: Final = (-100_000.0, 1_100_000.0)
_LATITUDES: Final = (-90.0, 90.0)
_LONGITUDES: Final = (-180.0, 180.0)

_LABELS: Final[dict[str, Axis]] = {
    "x": "north",
    "n": "north",
    "b": "north",
    "bắc": "north",
    "lat": "north",
    "vĩ độ": "north",
    "y": "east",
    "e": "east",
    "đ": "east",
    "d": "east",
    "đông": "east",
    "lon": "east",
    "lng": "east",
    "long": "east",
    "kinh độ": "east",
}
_LABEL: Final = "(?:" + "|".join(sorted(_LABELS, key=lambda label: -len(label))) + ")"
_NUMBER: Final = r"[-+]?\d[\d.,]*\d|\d"
_DMS: Final = (
    r"(?P<deg>\d{1,3})\s*[°º]\s*(?P<min>\d{1,2}(?:[.,]\d+)?)\s*['′’]"
    r"(?:\s*(?P<sec>\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|''|’’|′′))?"
)
_SPACED_DMS: Final = (
    r"(?P<deg>\d{1,3})\s+(?P<min>\d{1,2})\s+(?P<sec>\d{1,2}(?:[.,]\d+)?)(?![\d.,]*\d)"
)
_DEGREES: Final = r"(?P<deg>\d{1,3}(?:[.,]\d+)?)\s*[°º]"
_BEFORE: Final = rf"(?:(?P<before>{_LABEL})\s*[:=]?\s*)?"
_AFTER: Final = rf"(?:\s*(?P<after>{_LABEL})(?![\w]|\s*[:=]))?"


def _item(body: str) -> re.Pattern[str]:
    """Build the pattern of one coordinate with a label before or behind it."""
    return re.compile(_BEFORE + body + _AFTER)


_DMS_ITEM: Final = _item(_DMS)
_SPACED_DMS_ITEM: Final = _item(_SPACED_DMS)
_DEGREES_ITEM: Final = _item(_DEGREES)
_NUMBER_ITEM: Final = _item(rf"(?P<number>{_NUMBER})(?:\s*m\b)?")
_ADDRESS: Final = re.compile(r"https?://\S*?[@=/](-?\d+\.\d+,\s?-?\d+\.\d+)\S*")
_NOISE: Final = re.compile(r"^(?:t[oọ][aạ] độ|point)\s*:?|\(m\)|(?<=\s)[-–](?=\s)")
_LEFT_OVER: Final = re.compile(r"[\s,;|/()\[\]]*")


class CoordinateError(InputError):
    """A typed coordinate cannot be read, or lies outside the country."""


@dataclass(frozen=True, slots=True)
class CoordinateCandidate:
    """One way to read a typed coordinate.

    Units:
        ``lon``, ``lat``: degrees of WGS 84. ``srid``: the system in which it was typed.
        ``swapped``: x (easting, longitude) was typed second. ``inside``: in the box that was asked.
    """

    lon: float
    lat: float
    srid: int
    swapped: bool
    inside: bool

    @property
    def label(self) -> str:
        """The name of the system in which it was typed."""
        return "WGS 84" if self.srid == WGS84_SRID else SRIDS[self.srid].name


def parse_coordinate(
    text: str,
    *,
    bbox: BBox = VIETNAM,
    srids: Sequence[int] = (5897, 9210, 3405),
) -> list[CoordinateCandidate]:
    """Read one point and return every way to understand it, the most likely first.

    Understands ``10.4571, 105.6324`` (either order), ``10,4571; 105,6324``, ``10.4571N 105.6324E``,
    ``10°27′25.6″B 105°37′56.6″Đ``, ``10 27 25.6 N 105 37 56.6 E``, ``X=1156432.11 Y=569234.55``,
    ``1.156.432,11 569.234,55``, ``POINT(105.6324 10.4571)`` and addresses of map sites.
    On Vietnamese plans X is the northing. Readings in the box come first; among these the SRIDs
    in the order given.

    Args:
        text: What was typed.
        bbox: Where the point should lie.
        srids: Projections of VN-2000 in which people type here.

    Units:
        ``bbox``: degrees of WGS 84.

    Raises:
        CoordinateError: The text holds no pair of coordinates, or no reading lies in Vietnam.
    """
    found: dict[CoordinateCandidate, None] = {}
    for pair in _pairs(text):
        for srid, swapped, lon, lat in _points(pair, srids):
            if _within(VIETNAM, lon, lat):
                candidate = CoordinateCandidate(lon, lat, srid, swapped, _within(bbox, lon, lat))
                found.setdefault(candidate)
    if not found:
        raise CoordinateError(
            gettext_noop("Tọa độ “%(text)s” nằm ngoài Việt Nam. Hãy kiểm tra số và hệ tọa độ."),
            text=text,
        )
    return sorted(found, key=lambda candidate: not candidate.inside)


def _within(bbox: BBox, lon: float, lat: float) -> bool:
    """Say whether a point lies in a box."""
    return bbox[0] <= lon <= bbox[2] and bbox[1] <= lat <= bbox[3]


def _points(pair: Pair, srids: Sequence[int]) -> Iterator[tuple[int, bool, float, float]]:
    """Yield SRID, order, longitude and latitude of the possible meanings of two numbers."""
    for swapped in (True, False):
        (x, x_axis), (y, y_axis) = reversed(pair) if swapped else pair
        if x_axis == "north" or y_axis == "east":
            continue
        if _LONGITUDES[0] <= x <= _LONGITUDES[1] and _LATITUDES[0] <= y <= _LATITUDES[1]:
            yield WGS84_SRID, swapped, x, y
        elif _EASTINGS_M[0] <= x <= _EASTINGS_M[1] and _NORTHINGS_M[0] <= y <= _NORTHINGS_M[1]:
            for srid in srids:
                lon, lat = to_wgs84(x, y, srid)
                yield srid, swapped, lon, lat


def _pairs(text: str) -> Iterator[Pair]:
    """Yield the pairs of numbers that a text may mean."""
    cleaned = " ".join(unicodedata.normalize("NFC", text).lower().split())
    if address := _ADDRESS.fullmatch(cleaned):
        cleaned = address[1]
    cleaned = _NOISE.sub(" ", cleaned).strip()
    for pattern in (_DMS_ITEM, _SPACED_DMS_ITEM, _DEGREES_ITEM, _NUMBER_ITEM):
        items = list(pattern.finditer(cleaned))
        if len(items) == 2 and _LEFT_OVER.fullmatch(pattern.sub("", cleaned)):
            first, second = items
            for one, other in product(_values(first, text), _values(second, text)):
                yield (one, _axis(first)), (other, _axis(second))
            return
    halves = _split_commas(cleaned)
    if halves is None:
        raise CoordinateError(
            gettext_noop(
                "“%(text)s” không phải là tọa độ. Hãy ghi như 10.4571, 105.6324 (vĩ độ, kinh độ) "
                "hoặc X=1156432.11 Y=569234.55 (VN-2000)."
            ),
            text=text,
        )
    yield (halves[0], None), (halves[1], None)


def _split_commas(text: str) -> tuple[float, float] | None:
    """Read two numbers with nothing but commas between and maybe in them."""
    parts = text.replace(" ", "").split(",")
    middle = len(parts) // 2
    if len(parts) not in {2, 4}:
        return None
    try:
        return float(".".join(parts[:middle])), float(".".join(parts[middle:]))
    except ValueError:
        return None


def _axis(match: re.Match[str]) -> Axis | None:
    """Return the axis that the label of a coordinate names."""
    label = match["before"] or match["after"]
    return _LABELS[label] if label else None


def _values(match: re.Match[str], text: str) -> list[float]:
    """Return what one coordinate may be."""
    groups = match.groupdict()
    if "number" in groups:
        return [float(reading) for reading in number_readings(groups["number"].rstrip(".,"))]
    parts = [float((groups.get(name) or "0").replace(",", ".")) for name in ("deg", "min", "sec")]
    if parts[1] >= 60 or parts[2] >= 60:
        raise CoordinateError(
            gettext_noop("Phút và giây trong tọa độ “%(text)s” phải nhỏ hơn 60."), text=text
        )
    return [parts[0] + parts[1] / 60 + parts[2] / 3600]


def format_dms(lon: float, lat: float, decimals: int = 1) -> str:
    """Write a point of WGS 84 as ``10°27′25.6″B, 105°37′56.6″Đ`` (Bắc, Đông, Nam, Tây).

    Units:
        Degrees.
    """

    def one(value: float, letters: str) -> str:
        unit = 10**decimals
        count = round(abs(value) * 3600 * unit)
        minutes, seconds = divmod(count, 60 * unit)
        width = 3 + decimals if decimals else 2
        return (
            f"{minutes // 60}°{minutes % 60:02d}′{seconds / unit:0{width}.{decimals}f}″"
            f"{letters[value < 0]}"
        )

    return f"{one(lat, 'BN')}, {one(lon, 'ĐT')}"
