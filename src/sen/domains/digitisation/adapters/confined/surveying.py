"""A first look at the sheets of a file: codes, blank sides, small pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import zxingcpp
from PIL import Image

from sen.domains.digitisation.adapters.confined.rendering import count_pages, draw
from sen.domains.digitisation.rules.imaging import is_blank

LOOK_DPI: Final = (100, 150)
THUMB: Final = 360
FORMATS: Final = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128]
)


def survey(path: Path, mime: str, folder: Path, *, most: int) -> dict[str, Any]:
    """What lies in a file; writes a small picture ``<page>.webp`` of every page."""
    total = count_pages(path, mime)
    if total > most:
        return {"pages": total, "sheets": []}
    return {
        "pages": total,
        "sheets": [look(path, mime, page, folder) for page in range(1, total + 1)],
    }


def look(path: Path, mime: str, page: int, folder: Path) -> dict[str, Any]:
    picture = draw(path, mime, page, dpi=LOOK_DPI).picture
    grey = np.asarray(picture.convert("L"))
    small = picture.copy()
    small.thumbnail((THUMB, THUMB * 2), Image.Resampling.BILINEAR)
    small.save(folder / f"{page}.webp", "WEBP", quality=70, method=2)
    blank = is_blank(grey)
    return {"page": page, "is_blank": blank, "codes": [] if blank else codes(grey)}


def codes(grey: np.ndarray[Any, Any]) -> list[str]:
    """The texts of the QR codes and bar codes on a page."""
    found = zxingcpp.read_barcodes(grey, formats=FORMATS)
    return [code.text for code in found if code.valid and code.text]
