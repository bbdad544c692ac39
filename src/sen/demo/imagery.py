"""Pictures of the demonstration, drawn by our own code: orthophotos of two years, a scanned plan.

They show the invented roads and waterways where the map has them, so that pictures and layers
agree; fields, roofs and the grain of a photograph are invented.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sen.demo.model import Province
from sen.demo.plane import Line
from sen.lib.paper.setting import FONTS
from sen.lib.vn2000 import from_wgs84, from_wgs84_array

SRID: Final = 9210
#: The middle of Cao Lãnh, in degrees of WGS 84.
MIDDLE: Final = (105.634, 10.458)
SIDE_PX: Final = 1100
PIXEL_M: Final = 2.0
#: The plan is a sheet that was laid askew on the scanner.
PLAN_PX: Final = (1000, 760)
PLAN_M: Final = 1.6
TURN_RAD: Final = math.radians(2.3)
FIELDS: Final = ((104, 128, 74), (122, 143, 84), (139, 148, 96), (92, 118, 72), (150, 142, 104))


@dataclass(frozen=True, slots=True)
class Plane:
    """A rectangle of the projection as a picture.

    Units:
        ``west`` and ``north``: metres of the upper left corner. ``pixel_m``: metres of a pixel.
    """

    west: float
    north: float
    pixel_m: float

    def place(self, line: Line) -> list[tuple[float, float]]:
        """A line of degrees in pixels."""
        lons, lats = [p[0] for p in line], [p[1] for p in line]
        east, north = from_wgs84_array(lons, lats, SRID)
        return [
            ((x - self.west) / self.pixel_m, (self.north - y) / self.pixel_m)
            for x, y in zip(east.tolist(), north.tolist(), strict=True)
        ]


def orthophoto(data: Province, year: int) -> bytes:
    """An orthophoto as GeoTIFF; the later the year, the more roofs."""
    east, north = from_wgs84(*MIDDLE, SRID)
    half = SIDE_PX * PIXEL_M / 2
    plane = Plane(east - half, north + half, PIXEL_M)
    rng = np.random.default_rng(20_260)
    picture = Image.new("RGB", (SIDE_PX, SIDE_PX), FIELDS[0])
    pen = ImageDraw.Draw(picture)
    _fields(pen, rng)
    for water in data.waterways:
        pen.line(plane.place(water.line), fill=(94, 112, 104), width=9, joint="curve")
    roads = [plane.place(road.line) for road in data.roads]
    _roofs(pen, rng, roads, count=260 if year >= 2026 else 120)
    for line in roads:
        pen.line(line, fill=(168, 165, 158), width=5, joint="curve")
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    grain = rng.normal(0, 6, (SIDE_PX, SIDE_PX, 1)).astype(np.float32)
    warmth = 0 if year >= 2026 else -8
    pixels = np.clip(soft + grain + warmth, 0, 255).astype(np.uint8)
    return _geotiff(pixels, plane)


def _fields(pen: ImageDraw.ImageDraw, rng: Any) -> None:
    """A patchwork of paddies along one direction."""
    for column in range(0, SIDE_PX, 64):
        for row in range(0, SIDE_PX, 34):
            tone = FIELDS[int(rng.integers(len(FIELDS)))]
            shift = int(rng.integers(-6, 7))
            pen.rectangle(
                (column, row + shift, column + 62, row + shift + 32),
                fill=tone,
                outline=(86, 98, 66),
            )


def _roofs(pen: ImageDraw.ImageDraw, rng: Any, roads: Sequence[Any], *, count: int) -> None:
    """Houses beside roads."""
    places = [p for line in roads for p in line if 0 <= p[0] < SIDE_PX and 0 <= p[1] < SIDE_PX]
    if not places:
        places = [(SIDE_PX / 2, SIDE_PX / 2)]
    for _number in range(count):
        x, y = places[int(rng.integers(len(places)))]
        x, y = x + rng.normal(0, 34), y + rng.normal(0, 34)
        wide, high = rng.uniform(4, 10), rng.uniform(4, 9)
        tone = (176, 92, 70) if rng.random() < 0.5 else (196, 198, 200)
        pen.rectangle((x, y, x + wide, y + high), fill=tone)


def _geotiff(pixels: Any, plane: Plane) -> bytes:
    from rasterio.io import MemoryFile
    from rasterio.transform import from_origin

    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=SIDE_PX,
            height=SIDE_PX,
            count=3,
            dtype="uint8",
            crs=f"EPSG:{SRID}",
            transform=from_origin(plane.west, plane.north, plane.pixel_m, plane.pixel_m),
            compress="deflate",
        ) as out:
            out.write(np.moveaxis(pixels, -1, 0))
        content: bytes = memory.read()
    return content


@dataclass(frozen=True, slots=True)
class Plan:
    """A scanned plan and the control points that a person would find on it."""

    content: bytes
    points: tuple[dict[str, float], ...]


def scanned_plan(data: Province) -> Plan:
    """The plan of the road through the town, drawn in ink and scanned askew."""
    from sen.lib.vn2000 import to_wgs84

    east, north = from_wgs84(*MIDDLE, SRID)
    wide, high = (side * PLAN_M for side in PLAN_PX)
    plane = Plane(east - wide / 2, north + high / 2, PLAN_M)
    sheet = Image.new("L", PLAN_PX, 244)
    pen = ImageDraw.Draw(sheet)
    for water in data.waterways:
        pen.line(plane.place(water.line), fill=150, width=2)
    for road in data.roads:
        line = plane.place(road.line)
        pen.line(line, fill=40, width=6, joint="curve")
        pen.line(line, fill=244, width=3, joint="curve")
    crosses = [(x, y) for x in (120, 500, 880) for y in (110, 380, 650)]
    for x, y in crosses:
        pen.line((x - 9, y, x + 9, y), fill=60)
        pen.line((x, y - 9, x, y + 9), fill=60)
    face = ImageFont.truetype(FONTS / "NotoSerif-Bold.ttf", 22)
    pen.text((36, 26), "BÌNH ĐỒ TUYẾN QUA ĐÔ THỊ CAO LÃNH", font=face, fill=40)
    pen.rectangle((8, 8, PLAN_PX[0] - 9, PLAN_PX[1] - 9), outline=60, width=2)
    askew = sheet.rotate(math.degrees(TURN_RAD), resample=Image.Resampling.BICUBIC, fillcolor=244)
    buffer = BytesIO()
    askew.save(buffer, "PNG")
    points = []
    for x, y in crosses:
        lon, lat = to_wgs84(plane.west + x * PLAN_M, plane.north - y * PLAN_M, SRID)
        px, py = _turned(x, y)
        points.append({"px": px, "py": py, "lon": lon, "lat": lat})
    return Plan(buffer.getvalue(), tuple(points))


def _turned(x: float, y: float) -> tuple[float, float]:
    """Where a point of the sheet lies on the scan."""
    across, down = x - PLAN_PX[0] / 2, y - PLAN_PX[1] / 2
    sine, cosine = math.sin(TURN_RAD), math.cos(TURN_RAD)
    return (
        PLAN_PX[0] / 2 + across * cosine + down * sine,
        PLAN_PX[1] / 2 - across * sine + down * cosine,
    )
