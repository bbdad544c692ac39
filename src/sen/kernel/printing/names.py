"""Names on a printed map: with a halo, never one over another."""

from __future__ import annotations

import math
from typing import Any, Final

from sen.kernel.printing import look
from sen.kernel.printing.frame import PT_PER_MM
from sen.kernel.printing.paper import Rect

REGULAR: Final = "SenSans"
BOLD: Final = "SenSans-Bold"
CELL_PT: Final = 40.0
Box = tuple[float, float, float, float]


class Names:
    """Places that are taken; a name that finds none is left out."""

    def __init__(self, canvas: Any, room: Rect) -> None:
        self.canvas = canvas
        self.room: Box = (
            room.x * PT_PER_MM,
            room.y * PT_PER_MM,
            room.right * PT_PER_MM,
            room.top * PT_PER_MM,
        )
        self._taken: dict[tuple[int, int], list[Box]] = {}

    def at(
        self, x: float, y: float, text: str, *, color: str, size: float = 7, bold: bool = False
    ) -> bool:
        """A name around a point."""
        wide = self._width(text, size, bold=bold)
        left = x - wide / 2
        if not self._take((left, y - size * 0.5, left + wide, y + size * 0.6)):
            return False
        self._write(left, y - size * 0.3, text, size, color, bold=bold)
        return True

    def beside(
        self, x: float, y: float, gap: float, text: str, *, color: str, size: float = 6.5
    ) -> bool:
        """A name beside a dot: right, left, above or below, where there is room."""
        wide = self._width(text, size, bold=False)
        for left, base in (
            (x + gap, y - size * 0.35),
            (x - gap - wide, y - size * 0.35),
            (x - wide / 2, y + gap),
            (x - wide / 2, y - gap - size * 0.8),
        ):
            if self._take((left, base - size * 0.2, left + wide, base + size * 0.8)):
                self._write(left, base, text, size, color, bold=False)
                return True
        return False

    def along(
        self, x: float, y: float, angle: float, length: float, text: str, *, color: str
    ) -> bool:
        """A name on a line, in its direction."""
        size = 6.5
        wide = self._width(text, size, bold=True)
        if wide > length:
            return False
        turn = math.radians(angle)
        across = abs(wide * math.cos(turn)) / 2 + abs(size * math.sin(turn)) / 2
        up = abs(wide * math.sin(turn)) / 2 + abs(size * math.cos(turn)) / 2
        if not self._take((x - across, y - up, x + across, y + up)):
            return False
        self.canvas.saveState()
        self.canvas.translate(x, y)
        self.canvas.rotate(angle)
        self._write(-wide / 2, -size * 0.35, text, size, color, bold=True)
        self.canvas.restoreState()
        return True

    def _width(self, text: str, size: float, *, bold: bool) -> float:
        return float(self.canvas.stringWidth(text, BOLD if bold else REGULAR, size))

    def _write(self, x: float, y: float, text: str, size: float, color: str, *, bold: bool) -> None:
        """The letters over a halo, which is their outline in the colour of the ground."""
        font = BOLD if bold else REGULAR
        canvas = self.canvas
        canvas.saveState()
        canvas.setStrokeColor(look.colour("halo"))
        canvas.setLineWidth(1.6)
        canvas.setLineJoin(1)
        canvas.setFont(font, size)
        canvas.drawString(x, y, text, mode=1)
        canvas.restoreState()
        canvas.saveState()
        canvas.setFillColor(color)
        canvas.setFont(font, size)
        canvas.drawString(x, y, text, mode=0)
        canvas.restoreState()

    def _take(self, box: Box) -> bool:
        west, south, east, north = self.room
        if box[0] < west or box[1] < south or box[2] > east or box[3] > north:
            return False
        cells = [
            (column, row)
            for column in range(int(box[0] // CELL_PT), int(box[2] // CELL_PT) + 1)
            for row in range(int(box[1] // CELL_PT), int(box[3] // CELL_PT) + 1)
        ]
        if any(_meet(box, other) for cell in cells for other in self._taken.get(cell, ())):
            return False
        for cell in cells:
            self._taken.setdefault(cell, []).append(box)
        return True


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
