"""A first look at the sheets of a file: codes, blank sides, which way up, small pictures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import zxingcpp
from PIL import Image

from sen.domains.digitisation.adapters.confined.recogniser import Recogniser
from sen.domains.digitisation.adapters.confined.rendering import count_pages, draw
from sen.domains.digitisation.adapters.confined.turning import turn_of
from sen.domains.digitisation.rules.imaging import is_blank

LOOK_DPI: Final = (100, 150)
THUMB: Final = 360
#: So long a file is looked at for turned sheets; those behind are left to the operator.
TURNING_S: Final = 240
FORMATS: Final = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128]
)


def survey(
    path: Path, mime: str, folder: Path, *, most: int, recogniser: Recogniser | None = None
) -> dict[str, Any]:
    """What lies in a file; writes a small picture ``<page>.webp`` of every page.

    Without the recogniser nobody knows which way up a sheet lies.
    """
    until = time.monotonic() + TURNING_S
    total = count_pages(path, mime)
    if total > most:
        return {"pages": total, "sheets": []}
    return {
        "pages": total,
        "sheets": [
            look(path, mime, page, folder, recogniser if time.monotonic() < until else None)
            for page in range(1, total + 1)
        ],
    }


def look(
    path: Path, mime: str, page: int, folder: Path, recogniser: Recogniser | None
) -> dict[str, Any]:
    drawn = draw(path, mime, page, dpi=LOOK_DPI)
    picture = drawn.picture
    grey = np.asarray(picture.convert("L"))
    small = picture.copy()
    small.thumbnail((THUMB, THUMB * 2), Image.Resampling.BILINEAR)
    small.save(folder / f"{page}.webp", "WEBP", quality=70, method=2)
    blank = is_blank(grey)
    said = [] if blank else codes(grey)
    turn = 0
    if recogniser is not None and not blank and not said:
        turn = turn_of(picture, drawn.drawn_dpi, folder / f"{page}.png", recogniser)
    return {"page": page, "is_blank": blank, "codes": said, "rotation": turn}


def codes(grey: np.ndarray[Any, Any]) -> list[str]:
    """The texts of the QR codes and bar codes on a page."""
    found = zxingcpp.read_barcodes(grey, formats=FORMATS)
    return [code.text for code in found if code.valid and code.text]
