"""What a scanner makes of a sheet: noise, skew, blur, faded ink; and the files that come out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from typing import Any, Final

import img2pdf
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from sen.lib.paper.setting import Page, Word

TILE: Final = 512


@dataclass(frozen=True, slots=True)
class Wear:
    """How badly a sheet was scanned.

    Units: ``noise`` is the standard deviation in grey levels, ``fade`` the part of the contrast
    that is lost.
    """

    noise: float = 6.0
    skew_deg: float = 0.0
    blur_px: float = 0.0
    fade: float = 0.0
    seed: int = 0


def scan(page: Page, wear: Wear) -> Page:
    """The sheet as the scanner saw it; the boxes of the words turn with it."""
    picture, words = page.picture, page.words
    if wear.skew_deg:
        paper: Any = 255 if picture.mode == "L" else (255, 255, 255)
        picture = picture.rotate(wear.skew_deg, resample=Image.Resampling.BILINEAR, fillcolor=paper)
        words = turned(words, picture.size, wear.skew_deg)
    if wear.blur_px:
        picture = picture.filter(ImageFilter.GaussianBlur(wear.blur_px))
    return replace(page, picture=grained(picture, wear), words=words)


def grained(picture: Image.Image, wear: Wear) -> Image.Image:
    """Grey paper, faded ink and the sensor's noise."""
    curve = 246 - (246 - np.arange(256) * (246 / 255)) * (1 - wear.fade)
    levels = curve.astype(np.int16)[np.asarray(picture)]
    if wear.noise:
        height, width = levels.shape[:2]
        shift = (wear.seed * 7919) % TILE
        tile = np.roll(np.rint(noise_tile() * wear.noise).astype(np.int16), shift, axis=(0, 1))
        grain = np.tile(tile, (height // TILE + 1, width // TILE + 1))[:height, :width]
        levels += grain[..., None] if levels.ndim == 3 else grain
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8), picture.mode)


@cache
def noise_tile() -> NDArray[np.float32]:
    return np.random.default_rng(597).standard_normal((TILE, TILE), dtype=np.float32)


def turned(words: tuple[Word, ...], size: tuple[int, int], degrees: float) -> tuple[Word, ...]:
    """Boxes around the words after the sheet turned anticlockwise about its centre."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    mid_x, mid_y = size[0] / 2, size[1] / 2
    result = []
    for word in words:
        x, y = word.x + word.width / 2 - mid_x, word.y + word.height / 2 - mid_y
        width = word.width * cos + word.height * abs(sin)
        height = word.height * cos + word.width * abs(sin)
        centre_x, centre_y = mid_x + x * cos + y * sin, mid_y - x * sin + y * cos
        result.append(Word(word.text, centre_x - width / 2, centre_y - height / 2, width, height))
    return tuple(result)


def jpeg(page: Page, *, quality: int = 60) -> bytes:
    """The sheet as a JPEG that knows its resolution."""
    buffer = BytesIO()
    page.picture.save(buffer, "JPEG", quality=quality, dpi=(page.dpi, page.dpi))
    return buffer.getvalue()


def pdf_of(pages: Iterable[Page], *, quality: int = 60) -> bytes:
    """The sheets as one PDF of pictures, as scanners write it."""
    made = img2pdf.convert([jpeg(page, quality=quality) for page in pages], nodate=True)
    if not isinstance(made, bytes):
        raise TypeError("img2pdf gave no bytes")
    return made
