"""What `digitisation` tells other domains."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page and its box.

    Units: ten-thousandths of the page's width (x, width) and height (y, height); ``sure`` is the
    recogniser's confidence in per cent.
    """

    text: str
    x: int
    y: int
    width: int
    height: int
    sure: int = 100


@dataclass(frozen=True, slots=True)
class Quality:
    """What a picture of a page is like.

    Attributes:
        dpi: Dots per inch of the picture as scanned.
        sharpness: Steepness of the edges of the print, 1 for type fresh from a printer.
        skew_deg: Angle of the lines.
        contrast: Distance of ink from paper, 1 for black on white.
        has_stamp: There is red ink on the page.
        sure: Mean confidence of the recogniser in per cent; none where nothing was recognised.
    """

    dpi: int
    sharpness: float
    skew_deg: float
    contrast: float
    has_stamp: bool = False
    sure: float | None = None


@dataclass(frozen=True, slots=True)
class PageContent:
    """The words of a page and what the picture was like (none for a page that is text itself).

    Units: ``rotation`` in degrees clockwise, by which the page of the file was turned to stand
    upright; size and boxes are those of the upright page.
    """

    number: int
    width: int
    height: int
    words: tuple[Word, ...]
    text: str
    source: str
    quality: Quality | None = None
    faults: tuple[str, ...] = ()
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that a search found, with its best page.

    ``snippet`` alternates plain and marked pieces: (text, is_marked).
    """

    document_id: int
    score: float
    code: str
    number: str
    kind: str
    abstract: str
    issued_on: str
    page: int | None
    pages: int
    snippet: tuple[tuple[str, bool], ...] = field(default=())
