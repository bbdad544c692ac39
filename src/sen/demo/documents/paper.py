"""Small PDFs in the layout of administrative documents, marked as demonstration on every page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from sen.lib.paper.setting import FONTS

FONT: Final = "NotoSans"
WIDTH, HEIGHT = A4
LEFT: Final = 85
LINE: Final = 18
WRAP: Final = 78


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on one document."""

    issuer: str
    number: str
    issued_on: date
    heading: str
    abstract: str
    paragraphs: Sequence[str]
    signer: str
    pages: int = 1


@cache
def _font() -> str:
    # Two files of one face in one process would be taken for each other by the library.
    pdfmetrics.registerFont(TTFont(FONT, FONTS / "NotoSans-Regular.ttf"))
    return FONT


def printed(sheet: Sheet) -> bytes:
    """The document as a PDF with a text layer; the same sheet gives the same bytes."""
    font, buffer = _font(), BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle(sheet.abstract)
    for number in range(sheet.pages):
        _mark(canvas, font)
        if number == 0:
            y = _head(canvas, font, sheet)
            y = _body(canvas, font, sheet.paragraphs, y)
            _foot(canvas, font, sheet, y)
        else:
            canvas.setFont(font, 11)
            canvas.drawCentredString(WIDTH / 2, HEIGHT - 70, f"Phụ lục {number}")
            _body(canvas, font, sheet.paragraphs, HEIGHT - 110)
        canvas.setFont(font, 9)
        canvas.drawCentredString(WIDTH / 2, 40, f"{number + 1}/{sheet.pages}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _mark(canvas: Canvas, font: str) -> None:
    canvas.saveState()
    canvas.setFont(font, 54)
    canvas.setFillGray(0.93)
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(35)
    canvas.drawCentredString(0, 0, "BẢN MINH HỌA")
    canvas.restoreState()


def _head(canvas: Canvas, font: str, sheet: Sheet) -> float:
    canvas.setFont(font, 11)
    canvas.drawCentredString(170, HEIGHT - 60, sheet.issuer.upper()[:38])
    canvas.drawCentredString(410, HEIGHT - 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    canvas.drawCentredString(410, HEIGHT - 76, "Độc lập – Tự do – Hạnh phúc")
    canvas.line(330, HEIGHT - 82, 490, HEIGHT - 82)
    canvas.drawCentredString(170, HEIGHT - 96, f"Số: {sheet.number}")
    on = sheet.issued_on
    canvas.drawCentredString(
        410, HEIGHT - 96, f"Đồng Tháp, ngày {on.day:02d} tháng {on.month:02d} năm {on.year}"
    )
    canvas.setFont(font, 15)
    canvas.drawCentredString(WIDTH / 2, HEIGHT - 150, sheet.heading.upper())
    canvas.setFont(font, 12)
    y = HEIGHT - 174
    for line in textwrap.wrap(sheet.abstract, 68):
        canvas.drawCentredString(WIDTH / 2, y, line)
        y -= LINE
    return float(y - LINE)


def _body(canvas: Canvas, font: str, paragraphs: Sequence[str], y: float) -> float:
    canvas.setFont(font, 11)
    for paragraph in paragraphs:
        for line in textwrap.wrap(paragraph, WRAP):
            canvas.drawString(LEFT, y, line)
            y -= LINE
        y -= LINE / 3
    return y


def _foot(canvas: Canvas, font: str, sheet: Sheet, y: float) -> None:
    canvas.drawCentredString(420, y - LINE, "NGƯỜI KÝ")
    canvas.drawCentredString(420, y - 5 * LINE, sheet.signer)
    canvas.setFont(font, 9)
    canvas.drawString(LEFT, y - LINE, "Nơi nhận: như trên; lưu VT, hồ sơ công trình.")
