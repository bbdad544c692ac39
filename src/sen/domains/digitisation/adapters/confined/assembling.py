"""Making PDFs: documents out of sheets, and searchable PDF/A out of scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import img2pdf
import pikepdf
import pikepdf.pdfa
from PIL import Image, ImageSequence

from sen.domains.digitisation.adapters.confined.rendering import PDF, count_pages, draw

FLAVOUR: Final = "2b"
REDRAW_DPI: Final = (150, 200)
REDRAW_QUALITY: Final = 80


@dataclass(frozen=True, slots=True)
class Layer:
    """Invisible text for a page, and by how many degrees clockwise the page must be turned."""

    path: str
    rotation: int = 0


def assemble(sheets: Sequence[dict[str, Any]], out: Path) -> dict[str, Any]:
    """One PDF of sheets (path, mime, page, rotation), each as it was scanned, not drawn anew."""
    made = pikepdf.new()
    # Kept open until the end: pages are copied when they are written.
    opened: dict[str, pikepdf.Pdf] = {}
    wrappings: list[pikepdf.Pdf] = []
    for sheet in sheets:
        path = str(sheet["path"])
        if sheet["mime"] == PDF:
            source = opened.setdefault(path, pikepdf.open(path))
            made.pages.append(source.pages[sheet["page"] - 1])
        else:
            wrappings.append(pikepdf.open(BytesIO(wrapped(Path(path), sheet["page"]))))
            made.pages.append(wrappings[-1].pages[0])
        if sheet["rotation"]:
            made.pages[-1].rotate(sheet["rotation"], relative=True)
    made.remove_unreferenced_resources()
    made.save(out, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return {"pages": len(made.pages)}


def wrapped(path: Path, page: int) -> bytes:
    """A picture as a page; its bytes go in as they are wherever PDF knows their form."""
    with Image.open(path) as picture:
        if getattr(picture, "n_frames", 1) == 1 and picture.mode in {"1", "L", "RGB"}:
            content: bytes | Path = path.read_bytes()
        else:
            frames = enumerate(ImageSequence.Iterator(picture), 1)
            frame = next(frame for number, frame in frames if number == page)
            buffer = BytesIO()
            dpi = frame.info.get("dpi", (0, 0))
            kept = frame if frame.mode in {"1", "L"} else frame.convert("RGB")
            kept.save(buffer, "PNG", **({"dpi": dpi} if dpi[0] else {}))
            content = buffer.getvalue()
    made = img2pdf.convert(content, rotation=img2pdf.Rotation.ifvalid)
    if not isinstance(made, bytes):
        raise TypeError("img2pdf gave no bytes")
    return made


def searchable(
    path: Path, mime: str, layers: dict[int, Layer], out: Path, *, title: str, language: str
) -> dict[str, Any]:
    """PDF/A-2b that looks like the scan, upright, with the text of ``layers`` invisible on it.

    The pages go in as they are; only when they break the rules of PDF/A are they drawn anew.
    """
    try:
        return {**laid(path, mime, layers, out, (title, language)), "redrawn": False}
    except (pikepdf.pdfa.PdfaError, pikepdf.PdfError, ValueError):
        redrawn = out.with_suffix(".redrawn.pdf")
        redraw(path, mime, redrawn, range(1, count_pages(path, mime) + 1))
        return {**laid(redrawn, PDF, layers, out, (title, language)), "redrawn": True}


def laid(
    path: Path, mime: str, layers: dict[int, Layer], out: Path, about: tuple[str, str]
) -> dict[str, Any]:
    """The text laid over the pages, saved and checked."""
    made = pikepdf.open(path) if mime == PDF else pikepdf.new()
    wrappings: list[pikepdf.Pdf] = []
    if mime != PDF:
        for sheet in range(1, count_pages(path, mime) + 1):
            wrappings.append(pikepdf.open(BytesIO(wrapped(path, sheet))))
            made.pages.append(wrappings[-1].pages[0])
    for number, layer in layers.items():
        page = made.pages[number - 1]
        if has_text(page):
            # Text that another program hid below the scan would be found twice.
            raise ValueError("the page has a text layer")
        wrappings.append(pikepdf.open(layer.path))
        if layer.rotation:
            page.rotate(layer.rotation, relative=True)
        page.add_overlay(wrappings[-1].pages[0], None)
    made.Root.Lang = pikepdf.String(about[1])
    with made.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = about[0]
        metadata["xmp:CreatorTool"] = "Sen"
        metadata["xmp:ModifyDate"] = datetime.now(UTC).isoformat(timespec="seconds")
    report = pikepdf.pdfa.save(made, out, FLAVOUR)
    return {"pages": len(made.pages), "verdict": report.verdict, "flavour": FLAVOUR}


def has_text(page: pikepdf.Page) -> bool:
    """Whether a page has fonts of its own."""
    return "/Resources" in page.obj and bool(page.obj.Resources.get("/Font"))


def redraw(path: Path, mime: str, out: Path, pages: Sequence[int]) -> None:
    """The pages as pictures: whatever is wrong with the file's structure is gone."""
    pictures = []
    for page in pages:
        drawn = draw(path, mime, page, dpi=REDRAW_DPI)
        buffer = BytesIO()
        dpi = (drawn.drawn_dpi, drawn.drawn_dpi)
        drawn.picture.save(buffer, "JPEG", quality=REDRAW_QUALITY, dpi=dpi)
        pictures.append(buffer.getvalue())
    made = img2pdf.convert(pictures)
    if isinstance(made, bytes):
        out.write_bytes(made)
