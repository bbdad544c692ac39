"""Scanned papers in the dossiers of works, with their words; a few wait for the recogniser."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Final

from django.utils import timezone

from sen.demo.scans.papers import DPI, Paper, drawn, papers
from sen.domains.digitisation import api as digitisation
from sen.domains.digitisation.choices import Fault, TextSource
from sen.domains.digitisation.data import PageContent, Quality, Word
from sen.domains.documents import api as documents
from sen.domains.documents.models import Document, Dossier
from sen.kernel.access.scope import Actor

#: Dossiers that get scans, and how many papers are left to the real recogniser.
DOSSIERS: Final = 22
LEFT: Final = 4
UNIT: Final = 10_000
AT_ONCE: Final = 2

Drawn = tuple[bytes, str, list[tuple[str, float, float, float, float]], int, int]


def load_scans(actor: Actor) -> int:
    """Papers are drawn in processes of their own while others are entered; returns how many."""
    planned = list(_planned(actor))
    context = get_context("spawn")
    with ProcessPoolExecutor(AT_ONCE, mp_context=context) as pool:
        made = pool.map(drawn, [paper for _dossier, paper in planned], chunksize=6)
        for number, ((dossier, paper), content) in enumerate(zip(planned, made, strict=True)):
            _enter(actor, dossier, paper, content, is_left=number >= len(planned) - LEFT)
    return len(planned)


def _planned(actor: Actor) -> Iterator[tuple[Dossier, Paper]]:
    today = timezone.localdate()
    for dossier in islice(documents.dossiers(actor).filter(is_demo=True).order_by("id"), DOSSIERS):
        name = dossier.name.removeprefix("Hồ sơ ")
        offered = {code for code, _name in documents.part_choices(dossier.work)}
        for paper in papers(dossier.code, name, dossier.opened_on or today, today):
            if paper.part in offered:
                yield dossier, paper


def _enter(actor: Actor, dossier: Dossier, paper: Paper, made: Drawn, *, is_left: bool) -> None:
    document = documents.create_document(
        actor=actor,
        kind=paper.kind,
        abstract=paper.abstract,
        number=paper.number,
        issued_on=paper.issued_on,
        owner_org=dossier.owner_org,
        area=dossier.area,
        is_demo=True,
    )
    version = documents.add_version(
        actor=actor,
        document=document,
        name=f"{paper.number.replace('/', '-')}-quet.pdf",
        chunks=[made[0]],
        source="SCAN",
        own=True,
        is_demo=True,
    )
    documents.put_into_dossier(actor=actor, dossier=dossier, part=paper.part, documents=[document])
    if not is_left:
        _keep_words(actor, document, version.pk, paper, made)


def _keep_words(
    actor: Actor, document: Document, version_id: int, paper: Paper, made: Drawn
) -> None:
    _content, text, words, width, height = made
    reading = digitisation.ask_for_reading(
        actor=actor, document=document, version_id=version_id, is_demo=True
    )
    quality = Quality(
        dpi=DPI,
        sharpness=0.45,
        skew_deg=-paper.wear.skew_deg,
        contrast=round(0.86 * (1 - paper.wear.fade), 2),
        has_stamp=paper.has_seal,
        sure=96.0,
    )
    page = PageContent(
        number=1,
        width=width,
        height=height,
        words=tuple(
            Word(
                said,
                round(max(x, 0) / width * UNIT),
                round(max(y, 0) / height * UNIT),
                round(across / width * UNIT),
                round(down / height * UNIT),
            )
            for said, x, y, across, down in words
        ),
        text=text,
        source=TextSource.OCR.value,
        quality=quality,
        faults=(Fault.FAINT.value,) if paper.is_poor else (),
    )
    digitisation.keep_reading(
        actor=actor,
        reading=reading,
        version=documents.version_by_id(actor=actor, version_id=version_id),
        pages=[page],
        seconds=0.0,
        is_demo=True,
    )
