"""The red seal of an office, put half over the text as offices do."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from sen.lib.paper.setting import Page, font

DIAMETER_MM: Final = 36.0
#: The light that red ink swallows: it lets the red through.
INK: Final = (214, 30, 45)


def stamp(page: Page, text: str, *, at: tuple[float, float] = (0.68, 0.62)) -> Page:
    """A sheet with a round seal.

    Args:
        page: The sheet.
        text: Runs along the rim.
        at: Centre as parts of the sheet's width and height.
    """
    picture = page.picture.convert("RGB")
    seal = drawn_seal(round(DIAMETER_MM * page.dpi / 25.4), text)
    x = round(picture.width * at[0] - seal.width / 2)
    y = round(picture.height * at[1] - seal.height / 2)
    box = (x, y, x + seal.width, y + seal.height)
    # Ink over print darkens it; it never hides it.
    picture.paste(ImageChops.multiply(picture.crop(box), seal), box)
    return replace(page, picture=picture)


def drawn_seal(size: int, text: str) -> Image.Image:
    """Two rings, a star and a text along the rim, red on white."""
    seal = Image.new("RGB", (size, size), "white")
    pen = ImageDraw.Draw(seal)
    line = max(2, size // 60)
    pen.ellipse((line, line, size - line, size - line), outline=INK, width=line)
    inner = size * 0.30
    centre = size / 2
    ring = (centre - inner, centre - inner, centre + inner, centre + inner)
    pen.ellipse(ring, outline=INK, width=line)
    pen.polygon(star(centre, size * 0.17), fill=INK)
    face = font(max(8, round(size * 0.085)), bold=True)
    step = 2 * math.pi / max(len(text), 24)
    for number, letter in enumerate(text[:40]):
        turn = -math.pi + number * step
        tile = Image.new("RGB", (size // 6, size // 6), "white")
        middle = tile.width / 2
        ImageDraw.Draw(tile).text((middle, middle), letter, font=face, fill=INK, anchor="mm")
        tile = tile.rotate(
            -math.degrees(turn) - 90, fillcolor="white", resample=Image.Resampling.BICUBIC
        )
        x = round(centre + math.cos(turn) * size * 0.39 - middle)
        y = round(centre + math.sin(turn) * size * 0.39 - middle)
        box = (x, y, x + tile.width, y + tile.height)
        seal.paste(ImageChops.multiply(seal.crop(box), tile), box)
    return seal


def star(centre: float, radius: float) -> list[tuple[float, float]]:
    """The ten corners of a five-pointed star."""
    corners = []
    for number in range(10):
        reach = radius if number % 2 == 0 else radius * 0.4
        turn = math.pi * number / 5 - math.pi / 2
        corners.append((centre + math.cos(turn) * reach, centre + math.sin(turn) * reach))
    return corners
