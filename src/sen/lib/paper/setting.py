"""Setting type on A4 sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

FONTS: Final = Path(__file__).parent / "fonts"
WIDTH_MM: Final = 210.0
HEIGHT_MM: Final = 297.0
MARGIN_MM: Final = (20.0, 20.0, 18.0, 28.0)  # top, bottom, right, left
LEADING: Final = 1.35
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Word:
    """A printed word and its box.

    Units: pixels from the upper left corner.
    """

    text: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet as a picture (grey or RGB) with the words on it, in reading order."""

    picture: Image.Image
    words: tuple[Word, ...]
    dpi: int

    @property
    def text(self) -> str:
        """The words, a line for every line of print."""
        lines: list[list[Word]] = []
        for word in self.words:
            if not lines or abs(lines[-1][0].y - word.y) > word.height:
                lines.append([])
            lines[-1].append(word)
        return "\n".join(" ".join(word.text for word in line) for line in lines)


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph; it is wrapped to the width of the sheet."""

    text: str
    size_pt: float = 13
    bold: bool = False
    align: Align = "left"
    gap_pt: float = 3


@cache
def font(size_px: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "NotoSerif-Bold.ttf" if bold else "NotoSerif-Regular.ttf"
    return ImageFont.truetype(FONTS / name, size_px, layout_engine=ImageFont.Layout.BASIC)


def compose(lines: Iterable[Line], *, dpi: int = 200) -> list[Page]:
    """Set paragraphs on as many sheets as they need; at least one."""
    top, bottom, right, left = (mm * dpi / 25.4 for mm in MARGIN_MM)
    width, height = round(WIDTH_MM * dpi / 25.4), round(HEIGHT_MM * dpi / 25.4)
    pages = [Page(Image.new("L", (width, height), 255), (), dpi)]
    y = top
    for line in lines:
        size_px = round(line.size_pt * dpi / 72)
        y += line.gap_pt * dpi / 72
        for words in wrapped(line, size_px, width - left - right):
            if y + size_px * LEADING > height - bottom:
                pages.append(Page(Image.new("L", (width, height), 255), (), dpi))
                y = top
            placed = placed_words(words, line, size_px, (left, y, width - left - right))
            pages[-1] = printed(pages[-1], placed, size_px, bold=line.bold)
            y += size_px * LEADING
    return pages


def wrapped(line: Line, size_px: int, width: float) -> Iterator[list[str]]:
    """The words of a paragraph, line by line."""
    face = font(size_px, bold=line.bold)
    held: list[str] = []
    used = 0.0
    for word in line.text.split():
        length = face.getlength(word + " ")
        if held and used + length > width:
            yield held
            held, used = [], 0.0
        held.append(word)
        used += length
    if held:
        yield held


def placed_words(
    words: list[str], line: Line, size_px: int, room: tuple[float, float, float]
) -> tuple[Word, ...]:
    """Words with their boxes within ``room``: left, top, width."""
    face = font(size_px, bold=line.bold)
    lengths = [face.getlength(word) for word in words]
    space = face.getlength(" ")
    left, top, width = room
    rest = width - sum(lengths) - space * (len(words) - 1)
    x = left + {"left": 0.0, "center": rest / 2, "right": rest}[line.align]
    placed = []
    for word, length in zip(words, lengths, strict=True):
        placed.append(Word(word, x, top, length, size_px * LEADING))
        x += length + space
    return tuple(placed)


def printed(page: Page, words: tuple[Word, ...], size_px: int, *, bold: bool) -> Page:
    """The sheet with more words printed on it."""
    pen = ImageDraw.Draw(page.picture)
    face = font(size_px, bold=bold)
    for word in words:
        pen.text((word.x, word.y), word.text, font=face, fill=24)
    return replace(page, words=page.words + words)
