"""The frame of a printed map: grids of VN-2000 and of WGS 84 with their coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from sen.kernel.printing.drawing import REGULAR
from sen.kernel.printing.frame import PT_PER_MM, Frame
from sen.lib.vn2000 import from_wgs84_array

#: Lines stand about so far apart on paper.
APART_MM: Final = 45.0
SIZE_PT: Final = 5.0
METRES: Final = "#3c4a46"
DEGREES: Final = "#1d5fa8"
#: Steps of a graticule in seconds of arc.
SECONDS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000)
#: Coordinates keep clear of the corners.
CORNER_PT: Final = 14.0


def draw_grid(canvas: Any, frame: Frame, kind: str) -> None:
    """Grids, their coordinates, and the edge of the map."""
    if kind in ("vn2000", "ca-hai"):
        _metres(canvas, frame)
    if kind in ("wgs84", "ca-hai"):
        _degrees(canvas, frame, inside=kind == "wgs84")
    canvas.setStrokeAlpha(1)
    canvas.setStrokeColor("#1f2724")
    canvas.setLineWidth(1)
    room = frame.room
    canvas.rect(
        room.x * PT_PER_MM,
        room.y * PT_PER_MM,
        room.width * PT_PER_MM,
        room.height * PT_PER_MM,
        stroke=1,
        fill=0,
    )


def step_m(scale: float) -> float:
    """The distance of grid lines: 1, 2 or 5 times a power of ten."""
    wanted = APART_MM * scale / 1000
    power: float = 10.0 ** math.floor(math.log10(wanted))
    return min((power * n for n in (1, 2, 5, 10)), key=lambda step: abs(step - wanted))


def step_s(scale: float) -> int:
    """The distance of meridians and parallels in seconds of arc."""
    wanted = APART_MM * scale / 1000 / 30.9
    return min(SECONDS, key=lambda step: abs(math.log(step / wanted)))


def _metres(canvas: Any, frame: Frame) -> None:
    west, south, east, north = frame.bounds
    step = step_m(frame.scale)
    _begin(canvas, METRES)
    for value in _values(west, east, step):
        _line(canvas, frame, [(value, south), (value, north)])
        _write(canvas, frame, (value, None), _number(value))
    for value in _values(south, north, step):
        _line(canvas, frame, [(west, value), (east, value)])
        _write(canvas, frame, (None, value), _number(value))


def _degrees(canvas: Any, frame: Frame, *, inside: bool) -> None:
    """Meridians and parallels; beside a grid in metres they are ticks at the frame alone."""
    west, south, east, north = frame.degrees
    step = step_s(frame.scale) / 3600
    _begin(canvas, DEGREES)
    for value in _values(west, east, step):
        lats = np.linspace(south, north, 33)
        _graticule(canvas, frame, np.full(33, value), lats, _dms(value, "Đ"), inside=inside)
    for value in _values(south, north, step):
        lons = np.linspace(west, east, 33)
        _graticule(canvas, frame, lons, np.full(33, value), _dms(value, "B"), inside=inside)


def _graticule(canvas: Any, frame: Frame, lons: Any, lats: Any, text: str, *, inside: bool) -> None:
    points = np.column_stack(from_wgs84_array(lons, lats, frame.srid))
    if inside:
        canvas.saveState()
        _clip(canvas, frame)
        _line(canvas, frame, points)
        canvas.restoreState()
        _begin(canvas, DEGREES)
    west, south, east, north = frame.bounds
    if lons[0] == lons[-1]:
        value = float(np.interp(south, points[:, 1], points[:, 0]))
        if west < value < east:
            _write(canvas, frame, (value, None), text, inner=not inside)
    else:
        value = float(np.interp(west, points[:, 0], points[:, 1]))
        if south < value < north:
            _write(canvas, frame, (None, value), text, inner=not inside)


def _begin(canvas: Any, color: str) -> None:
    canvas.setStrokeColor(color)
    canvas.setFillColor(color)
    canvas.setStrokeAlpha(0.55)
    canvas.setLineWidth(0.2)
    canvas.setFont(REGULAR, SIZE_PT)


def _clip(canvas: Any, frame: Frame) -> None:
    path = canvas.beginPath()
    room = frame.room
    path.rect(*(v * PT_PER_MM for v in (room.x, room.y, room.width, room.height)))
    canvas.clipPath(path, stroke=0, fill=0)


def _line(canvas: Any, frame: Frame, points: Any) -> None:
    placed = frame.on_paper(points)
    path = canvas.beginPath()
    path.moveTo(*placed[0])
    for x, y in placed[1:]:
        path.lineTo(x, y)
    canvas.drawPath(path, stroke=1, fill=0)


def _write(
    canvas: Any,
    frame: Frame,
    at: tuple[float | None, float | None],
    text: str,
    *,
    inner: bool = False,
) -> None:
    """A coordinate at both ends of a line; ``inner`` inside the frame, where others stand outside.

    The value that is not None says where the line meets the frame.
    """
    east, north = at
    room = frame.room
    left, right, low, high = (v * PT_PER_MM for v in (room.x, room.right, room.y, room.top))
    gap = -SIZE_PT - 1.5 if inner else 2.0
    wide = canvas.stringWidth(text, REGULAR, SIZE_PT)
    if east is not None:
        x = float(frame.on_paper([(east, frame.north)])[0][0])
        if left + CORNER_PT < x < right - CORNER_PT:
            canvas.line(x, low, x, low + 3)
            canvas.line(x, high, x, high - 3)
            canvas.drawCentredString(x, low - gap - SIZE_PT * 0.8, text)
            canvas.drawCentredString(x, high + gap, text)
    elif north is not None:
        y = float(frame.on_paper([(frame.east, north)])[0][1])
        if low + CORNER_PT < y < high - CORNER_PT:
            canvas.line(left, y, left + 3, y)
            canvas.line(right, y, right - 3, y)
            for x in (left - gap - SIZE_PT * 0.1, right + gap + SIZE_PT * 0.9):
                canvas.saveState()
                canvas.translate(x, y - wide / 2)
                canvas.rotate(90)
                canvas.drawString(0, 0, text)
                canvas.restoreState()


def _values(low: float, high: float, step: float) -> Iterator[float]:
    for number in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield number * step


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def _dms(value: float, side: str) -> str:
    seconds = round(abs(value) * 3600)
    degrees, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    tail = f"{left:02d}″" if left else ""
    return f"{degrees}°{minutes:02d}′{tail}{side}"
