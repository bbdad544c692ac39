"""Reading a page: its own text where it has one, else what tesseract sees."""

from __future__ import annotations

import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from sen.domains.digitisation.adapters.confined.recogniser import Recogniser
from sen.domains.digitisation.adapters.confined.rendering import (
    PDF,
    Drawn,
    count_pages,
    draw,
    is_scan,
)
from sen.domains.digitisation.adapters.confined.turning import turn_of
from sen.domains.digitisation.choices import TextSource
from sen.domains.digitisation.data import Quality, Word
from sen.domains.digitisation.rules.imaging import measure, without_stamp
from sen.lib.text import nfc

#: Below 200 dpi marks run together, above 300 nothing is gained but time.
READ_DPI: Final = (200, 300)
UNIT: Final = 10_000
#: So fine a picture tells which way up it is.
LOOK_DPI: Final = 150
#: A page on its head is read with a confidence of 30 to 50 per cent, an upright one with 85 to 97.
DOUBTFUL: Final = 75.0
LEAST_LETTERS: Final = 16
COLUMNS: Final = 12
WORD_LEVEL: Final = "5"


@dataclass(frozen=True, slots=True)
class Seen:
    """What tesseract saw on a picture."""

    picture: Image.Image
    quality: Quality
    words: list[Word]
    text: str

    @property
    def sure(self) -> float:
        return fmean(word.sure for word in self.words) if self.words else 0.0

    @property
    def is_doubtful(self) -> bool:
        """Whether the sheet may lie the wrong way: hardly a word is sure, or lines run upwards."""
        width, height = self.picture.size
        longer = [word for word in self.words if len(word.text) > 2]
        across = sum(word.width * width >= word.height * height for word in longer)
        return self.sure < DOUBTFUL or across * 2 < len(longer)


def own_texts(path: Path, mime: str, *, most: int) -> list[dict[str, Any] | None]:
    """The pages of a file that were written by a program; None for each that is a picture."""
    if mime != PDF:
        return [None] * min(count_pages(path, mime), most)
    document = pdfium.PdfDocument(path)
    try:
        return [own_text(document[number]) for number in range(min(len(document), most))]
    finally:
        document.close()


def own_text(page: Any) -> dict[str, Any] | None:
    """The text of a page that was written by a program; None for a picture."""
    text = page.get_textpage()
    if is_scan(page) or text.count_chars() < LEAST_LETTERS:
        return None
    width, height = page.get_size()
    words = list(words_of(text, width, height))
    return answer(words, round(width), round(height), nfc(text.get_text_range()), TextSource.FILE)


def words_of(text: Any, width: float, height: float) -> list[Word]:
    """Letters put together to words with their boxes."""
    letters = text.get_text_range()
    words: list[Word] = []
    held: list[tuple[str, tuple[float, float, float, float]]] = []
    for number, letter in enumerate(letters[: text.count_chars()]):
        if letter.isspace() or letter in "\ufffe\u0002":
            words += joined(held, width, height)
            held = []
        else:
            held.append((letter, text.get_charbox(number, loose=True)))
    return words + joined(held, width, height)


def joined(
    held: list[tuple[str, tuple[float, float, float, float]]], width: float, height: float
) -> list[Word]:
    if not held:
        return []
    boxes = [box for _letter, box in held]
    left, bottom = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, top = max(b[2] for b in boxes), max(b[3] for b in boxes)
    return [
        Word(
            nfc("".join(letter for letter, _box in held)),
            *within(
                left / width, 1 - top / height, (right - left) / width, (top - bottom) / height
            ),
        )
    ]


def within(x: float, y: float, width: float, height: float) -> tuple[int, int, int, int]:
    """A box in ten-thousandths of the page, cut at its edges."""
    left, top = min(max(x, 0), 1), min(max(y, 0), 1)
    return (
        round(left * UNIT),
        round(top * UNIT),
        round(min(max(width, 0), 1 - left) * UNIT),
        round(min(max(height, 0), 1 - top) * UNIT),
    )


def recognise(
    path: Path, mime: str, page: int, out: Path, recogniser: Recogniser, *, may_turn: bool
) -> dict[str, Any]:
    """What tesseract sees on a page; red ink is taken out first.

    Only a page that makes little sense as it lies is asked which way up it is, and read anew.
    Beside the answer stands ``<out>.pdf``, the same words as invisible text, upright.
    """
    drawn = draw(path, mime, page, dpi=READ_DPI)
    seen, turn = see(drawn.picture, drawn, out, recogniser), 0
    if may_turn and seen.is_doubtful:
        small = coarser(seen.picture, drawn.drawn_dpi)
        turn = turn_of(small, min(LOOK_DPI, drawn.drawn_dpi), out.with_suffix(".look"), recogniser)
    if turn:
        seen = see(drawn.picture.rotate(-turn, expand=True), drawn, out, recogniser)
    size = seen.picture.size
    found = answer(seen.words, *size, seen.text, TextSource.OCR)
    sure = round(seen.sure, 1) if seen.words else None
    return {**found, "rotation": turn, "quality": asdict(replace(seen.quality, sure=sure))}


def see(page: Image.Image, drawn: Drawn, out: Path, recogniser: Recogniser) -> Seen:
    """Measure a picture and let tesseract read it."""
    rgb = np.asarray(page)
    quality = measure(rgb, drawn.dpi)
    picture = page.convert("L")
    if quality.has_stamp:
        picture.frombytes(without_stamp(rgb).tobytes())
    picture.save(out.with_suffix(".png"), compress_level=1, dpi=(drawn.drawn_dpi,) * 2)
    run_tesseract(out, drawn.drawn_dpi, recogniser)
    words, text = from_table(out.with_suffix(".tsv").read_text(encoding="utf-8"), picture.size)
    return Seen(picture, quality, words, text)


def coarser(picture: Image.Image, dpi: int) -> Image.Image:
    """The picture as fine as is enough to tell which way up it is."""
    part = LOOK_DPI / dpi
    size = (round(picture.width * part), round(picture.height * part))
    return picture.resize(size, Image.Resampling.BILINEAR) if part < 1 else picture


def run_tesseract(out: Path, dpi: int, recogniser: Recogniser) -> None:
    """Table of words and invisible text beside ``out``.png.

    One thread: more of them make a page ten times slower. Page segmentation 3 finds columns and
    tables; the others lose lines beside a stamp.
    """
    command = [
        recogniser.program,
        str(out.with_suffix(".png")),
        str(out),
        *("-l", recogniser.language, "--psm", "3", "--dpi", str(dpi)),
        *("-c", "textonly_pdf=1", "tsv", "pdf"),
    ]
    # Files, not pipes: a pipe that outlives us would keep whoever waits for us waiting.
    with out.with_suffix(".log").open("wb") as log:
        subprocess.run(  # noqa: S603  the program that the launcher brought
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
            env={**recogniser.environment, "OMP_THREAD_LIMIT": "1"},
        )


def from_table(table: str, size: tuple[int, int]) -> tuple[list[Word], str]:
    """Words and text of tesseract's table."""
    words: list[Word] = []
    lines: list[list[str]] = []
    last: tuple[str, ...] = ()
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) != COLUMNS or cells[0] != WORD_LEVEL or not cells[11].strip():
            continue
        text = nfc(cells[11].strip())
        x, y, width, height = (int(cell) for cell in cells[6:10])
        box = within(x / size[0], y / size[1], width / size[0], height / size[1])
        words.append(Word(text, *box, sure=max(0, round(float(cells[10])))))
        if tuple(cells[2:5]) != last:
            last = tuple(cells[2:5])
            lines.append([])
        lines[-1].append(text)
    return words, "\n".join(" ".join(line) for line in lines)


def answer(
    words: list[Word], width: int, height: int, text: str, source: TextSource
) -> dict[str, Any]:
    return {
        "width": width,
        "height": height,
        "text": text.replace("\x00", ""),
        "source": source.value,
        "words": [[w.x, w.y, w.width, w.height, w.sure, w.text.replace("\x00", "")] for w in words],
        "quality": None,
        "rotation": 0,
    }
