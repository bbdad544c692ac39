"""Drawings of where instruments sit, in place of photographs that a made-up province cannot have.

Each says on itself that it is a drawing of the demonstration.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from sen.lib.paper.setting import FONTS

WIDTH, HEIGHT = 960, 640
SPANS: Final = 3
DECK: Final = 250
DEPTH: Final = 34
BED: Final = 520
SKY, WATER, GROUND = "#f4f7f8", "#c9e2ec", "#d8cdb8"
CONCRETE, EDGE, MARK, INK = "#c2c7cb", "#6b7479", "#b91c5c", "#1f2a2e"


def drawn(station: str, position: str, span: int) -> bytes:
    """A bridge from the side as PNG, with a mark at midspan of a span; counted from 1."""
    image = Image.new("RGB", (WIDTH, HEIGHT), SKY)
    pen = ImageDraw.Draw(image)
    left, right = 70, WIDTH - 70
    step = (right - left) / SPANS
    pen.rectangle((0, 420, WIDTH, BED), fill=WATER)
    pen.rectangle((0, BED, WIDTH, HEIGHT), fill=GROUND)
    for bank in ((0, DECK + DEPTH, left, BED), (right, DECK + DEPTH, WIDTH, BED)):
        pen.rectangle(bank, fill=GROUND)
    for number in range(1, SPANS):
        x = left + number * step
        pen.rectangle((x - 16, DECK + DEPTH, x + 16, BED + 20), fill=CONCRETE, outline=EDGE)
    pen.rectangle((0, DECK, WIDTH, DECK + DEPTH), fill=CONCRETE, outline=EDGE, width=2)
    pen.line((0, DECK - 26, WIDTH, DECK - 26), fill=EDGE, width=3)
    for x in range(10, WIDTH, 50):
        pen.line((x, DECK - 26, x, DECK), fill=EDGE, width=2)
    _marked(pen, left + (span - 0.5) * step, position)
    pen.text((24, 20), station, font=_font(30), fill=INK)
    words = "Hình vẽ minh họa của dữ liệu trình diễn, không phải ảnh chụp và không theo tỷ lệ"
    pen.text((24, HEIGHT - 44), words, font=_font(20), fill=INK)
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _marked(pen: ImageDraw.ImageDraw, x: float, position: str) -> None:
    """The instrument below the girder, with a line to its name."""
    y = DECK + DEPTH
    pen.rectangle((x - 13, y, x + 13, y + 20), fill=MARK)
    pen.line((x, DECK - 8, x, 150), fill=MARK, width=3)
    pen.text((x, 146), position, font=_font(26), fill=MARK, anchor="mb")


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / "NotoSans-Regular.ttf", size)
