"""Reading a document from its file to its kept words and its searchable form."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _

from sen.domains.digitisation.adapters import pictures, steps
from sen.domains.digitisation.choices import TextSource
from sen.domains.digitisation.data import PageContent
from sen.domains.digitisation.models import Reading
from sen.domains.digitisation.rules.judging import faults
from sen.domains.digitisation.selectors import least_dpi
from sen.domains.digitisation.services import keep_reading
from sen.domains.documents import api as documents
from sen.domains.documents.choices import FileState, RenditionKind, Source
from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError
from sen.kernel.files.backends import backend

MADE_BY = "Sen, tesseract vie"
CHUNK = 1 << 20
#: Longer files are read to this page; the rest is drawings and annexes nobody searches.
MOST_PAGES = 1_500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read, and the searchable form where scans were among the pages."""

    pages: tuple[PageContent, ...]
    seconds: float
    searchable: Path | None = None
    verdict: str = ""


def read_document(
    *,
    actor: Actor,
    reading: Reading,
    recogniser: dict[str, object],
    progress: Callable[[int, int], None],
) -> Reading:
    """Read the version of a reading page by page and keep what was found.

    Raises:
        ConfinedError: the file cannot be opened at all.
        SenError: the version is gone, or not clean.
    """
    with acting_as(actor):
        version = documents.version_by_id(actor=actor, version_id=reading.version_id or 0)
        document = documents.document_by_id(actor=actor, document_id=version.document_id)
        min_dpi, title = least_dpi(document.kind), str(document)
    if version.state != FileState.CLEAN:
        raise ConflictError(_("Tệp của tài liệu chưa được kiểm tra hoặc đã bị hủy."))
    # By its hash, not through its document: no transaction stays open for minutes.
    with backend().local(version.sha256) as path, pictures.workroom() as room:
        outcome = read_file(
            path,
            version.mime,
            Path(room),
            recogniser,
            progress,
            title=title,
            min_dpi=min_dpi,
            # The sheets of a batch lie as the operator laid them.
            may_turn=version.source != Source.SCAN,
        )
        with acting_as(actor):
            kept = keep_reading(
                actor=actor,
                reading=reading,
                version=version,
                pages=outcome.pages,
                seconds=outcome.seconds,
            )
            if outcome.searchable:
                documents.add_rendition(
                    actor=actor,
                    document=document,
                    version_id=version.id,
                    kind=RenditionKind.SEARCHABLE_PDF.value,
                    name=f"{document.code}-{_('tìm được')}.pdf",
                    chunks=chunks_of(outcome.searchable),
                    made_by=MADE_BY,
                    detail={"verdict": outcome.verdict, "standard": "PDF/A-2b"},
                )
    return kept


def read_file(
    path: Path,
    mime: str,
    room: Path,
    recogniser: dict[str, object],
    progress: Callable[[int, int], None],
    *,
    title: str,
    min_dpi: int,
    may_turn: bool = True,
) -> Outcome:
    """Every page of a file; a page that cannot be read leaves an empty one.

    Raises:
        ConfinedError: the file cannot be opened at all.
    """
    began = time.monotonic()
    known = steps.own_texts(path, mime, most=MOST_PAGES)
    pages: list[PageContent] = []
    layers: dict[int, tuple[Path, int]] = {}
    for number, written in enumerate(known, 1):
        progress(number - 1, len(known))
        out = room / f"{number:05d}"
        page = written or steps.recognise(path, mime, number, out, recogniser, may_turn=may_turn)
        if page.quality is not None:
            found = faults(page.quality, min_dpi=min_dpi)
            page = replace(page, faults=tuple(fault.value for fault in found))
        pages.append(page)
        if page.source == TextSource.OCR:
            layers[number] = (out.with_suffix(".pdf"), page.rotation)
        out.with_suffix(".png").unlink(missing_ok=True)
    made, verdict = None, ""
    if layers:
        made = room / "searchable.pdf"
        verdict = str(steps.searchable(path, mime, layers, made, title=title)["verdict"])
    return Outcome(tuple(pages), time.monotonic() - began, made, verdict)


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk
