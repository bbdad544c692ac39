"""Opening scans of every kind and drawing their pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pypdfium2 as pdfium
from PIL import Image, ImageOps, ImageSequence

PDF: Final = "application/pdf"
POINT: Final = 72.0
#: A0 at 200 dpi and a little more; larger pages are drawn coarser.
MAX_PIXELS: Final = 64_000_000
DEFAULT_DPI: Final = 200
#: A picture that covers so much of a page is the page.
SCAN_SHARE: Final = 0.6
Image.MAX_IMAGE_PIXELS = 160_000_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page as a picture; ``dpi`` is that of the scan, whatever the picture was drawn at."""

    picture: Image.Image
    dpi: int
    drawn_dpi: int


def count_pages(path: Path, mime: str) -> int:
    if mime == PDF:
        document = pdfium.PdfDocument(path)
        try:
            return len(document)
        finally:
            document.close()
    with Image.open(path) as picture:
        return int(getattr(picture, "n_frames", 1))


def draw(path: Path, mime: str, page: int, *, dpi: tuple[int, int]) -> Drawn:
    """A page (from 1) in RGB, drawn at the scan's own resolution within ``dpi`` (least, most)."""
    if mime == PDF:
        document = pdfium.PdfDocument(path)
        try:
            return draw_pdf(document[page - 1], dpi)
        finally:
            document.close()
    return draw_picture(path, page, dpi)


def draw_pdf(page: Any, dpi: tuple[int, int]) -> Drawn:
    own = own_dpi(page)
    chosen = min(max(own or DEFAULT_DPI, dpi[0]), dpi[1])
    width, height = page.get_size()
    pixels = width * height * (chosen / POINT) ** 2
    if pixels > MAX_PIXELS:
        chosen = int(chosen * (MAX_PIXELS / pixels) ** 0.5)
    picture = page.render(scale=chosen / POINT, may_draw_forms=True).to_pil().convert("RGB")
    return Drawn(picture, own or chosen, chosen)


def draw_picture(path: Path, page: int, dpi: tuple[int, int]) -> Drawn:
    with Image.open(path) as source:
        frame = next(
            frame
            for number, frame in enumerate(ImageSequence.Iterator(source), 1)
            if number == page
        )
        said = frame.info.get("dpi", (0, 0))[0]
        picture = ImageOps.exif_transpose(frame).convert("RGB")
    own = round(float(said)) if said and said > 30 else guessed_dpi(picture)
    if own <= dpi[1]:
        return Drawn(picture, own, own)
    size = (round(picture.width * dpi[1] / own), round(picture.height * dpi[1] / own))
    return Drawn(picture.resize(size, Image.Resampling.LANCZOS), own, dpi[1])


def guessed_dpi(picture: Image.Image) -> int:
    """The resolution of a picture that says none, taken for a sheet of A4."""
    return max(1, round(min(picture.size) / 8.27))


def own_dpi(page: Any) -> int:
    """The resolution of the picture that fills a page; 0 when none does."""
    best = 0.0
    width, height = page.get_size()
    for item in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = item.get_bounds()
        if (right - left) * (top - bottom) < SCAN_SHARE * width * height:
            continue
        across, down = item.get_px_size()
        best = max(best, max(across, down) / max(right - left, top - bottom, 1) * POINT)
    return round(best)


def is_scan(page: Any) -> bool:
    """Whether a page is a picture, not type."""
    return own_dpi(page) > 0
