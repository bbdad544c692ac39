"""Sheets of paper and what stands where on them.

Units:
    Millimetres from the lower left corner of the sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Short and long side.
SIZES_MM: Final[dict[str, tuple[float, float]]] = {
    "A4": (210, 297),
    "A3": (297, 420),
    "A2": (420, 594),
    "A1": (594, 841),
    "A0": (841, 1189),
}
ORIENTATIONS: Final[dict[str, str | Promise]] = {"ngang": _("Ngang"), "doc": _("Dọc")}
SCALES: Final = (500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000)
MARGIN_MM: Final = 10.0
#: The furniture beside or below the map: wide enough for a legend, high enough for a stamp.
COLUMN_MM: Final = 58.0
FOOT_MM: Final = 62.0
GAP_MM: Final = 4.0
TITLE_MM: Final = 16.0
#: Coordinates stand between the frame of the map and what surrounds it.
LABELS_MM: Final = 4.0


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of the sheet."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def top(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the map, its title and its furniture stand on a sheet."""

    width: float
    height: float
    map: Rect
    title: Rect
    furniture: Rect
    is_wide: bool


def layout(size: str, orientation: str) -> Layout:
    """The arrangement for a sheet: furniture on the right when wide, else below."""
    short, long = SIZES_MM[size]
    wide = orientation == "ngang"
    width, height = (long, short) if wide else (short, long)
    inner = width - 2 * MARGIN_MM
    title = Rect(MARGIN_MM, height - MARGIN_MM - TITLE_MM, inner, TITLE_MM)
    top = title.y - GAP_MM
    if wide:
        furniture = Rect(
            width - MARGIN_MM - COLUMN_MM, MARGIN_MM, COLUMN_MM, title.y - GAP_MM - MARGIN_MM
        )
        room = Rect(MARGIN_MM, MARGIN_MM, furniture.x - GAP_MM - MARGIN_MM, top - MARGIN_MM)
    else:
        furniture = Rect(MARGIN_MM, MARGIN_MM, inner, FOOT_MM)
        room = Rect(MARGIN_MM, furniture.top + GAP_MM, inner, top - furniture.top - GAP_MM)
    frame = Rect(
        room.x + LABELS_MM,
        room.y + LABELS_MM,
        room.width - 2 * LABELS_MM,
        room.height - 2 * LABELS_MM,
    )
    return Layout(width, height, frame, title, furniture, wide)
