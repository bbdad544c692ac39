"""Which documents wait for being read, and what was read in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.digitisation.choices import ReadingState
from sen.domains.digitisation.data import PageContent
from sen.domains.digitisation.events import DocumentRead
from sen.domains.digitisation.models import PageText, Reading
from sen.domains.digitisation.services.indexing import write_pages, write_terms
from sen.domains.documents import api as documents
from sen.domains.documents.data import VersionRef
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError
from sen.kernel.events import publish
from sen.kernel.usecase import use_case

READABLE: Final = frozenset({"application/pdf", "image/tiff", "image/jpeg", "image/png"})


@use_case("documents.document.change", act="digitisation.ask_for_reading")
def ask_for_reading(
    *, actor: Actor, document: ScopedModel, version_id: int, is_demo: bool = False
) -> Reading:
    """Put a document into the queue of those to be read; its head can be found at once.

    Raises:
        NotFoundError: there is no such version that the actor may see.
    """
    version = documents.version_by_id(actor=actor, version_id=version_id)
    is_fit = version.mime in READABLE
    reading, _made = Reading.objects.update_or_create(
        document_id=document.pk,
        defaults={
            "version_id": version.id,
            "state": (ReadingState.WAITING if is_fit else ReadingState.UNSUITED).value,
            "error": "",
            "pages": version.pages or 0,
            "poor_pages": 0,
            "is_demo": is_demo,
        },
    )
    reading.page_texts.all().delete()
    write_terms(reading.pk, head=head_of(actor=actor, document_id=document.pk))
    return reading


def head_of(*, actor: Actor, document_id: int) -> list[str]:
    ref = documents.document_ref(documents.document_by_id(actor=actor, document_id=document_id))
    return [ref.abstract, ref.number, ref.code, ref.issuer]


@use_case("documents.document.change", audit=False)
def renew_head(*, actor: Actor, document_id: int) -> None:
    """What describes a document changed: it is found by the new words."""
    reading = Reading.objects.filter(document_id=document_id).first()
    if reading is None:
        reading = Reading.objects.create(document_id=document_id, state=ReadingState.UNSUITED.value)
    pages = reading.page_texts.values_list("text", flat=True)
    write_terms(reading.pk, head=head_of(actor=actor, document_id=document_id), pages=pages)


@use_case("documents.document.change", audit=False)
def take_waiting(*, actor: Actor) -> Reading | None:
    """The next document to be read, oldest first; None when nothing waits."""
    reading = (
        Reading.objects.select_for_update(skip_locked=True)
        .filter(state=ReadingState.WAITING.value)
        .order_by("id")
        .first()
    )
    if reading is not None:
        reading.state = ReadingState.READING.value
        reading.save(update_fields=["state"])
        Reading.objects.filter(pk=reading.pk).update(read_at=Now())
    return reading


@use_case("documents.document.change", audit=False)
def put_back(*, actor: Actor, reading_id: int | None = None, minutes: int = 0) -> int:
    """Let documents wait again whose reading was broken off; how many.

    ``minutes``: only those that began so long ago.
    """
    broken = Reading.objects.filter(
        state=ReadingState.READING.value, read_at__lte=timezone.now() - timedelta(minutes=minutes)
    )
    if reading_id is not None:
        broken = broken.filter(pk=reading_id)
    return broken.update(state=ReadingState.WAITING.value)


@use_case("documents.document.change", audit=False)
def keep_reading(
    *,
    actor: Actor,
    reading: Reading,
    version: VersionRef,
    pages: Sequence[PageContent],
    seconds: float,
    is_demo: bool = False,
) -> Reading:
    """Keep what was read in a version.

    Raises:
        ConflictError: the document has another version meanwhile; that one is read instead.
    """
    locked = Reading.objects.select_for_update(of=("self",)).get(pk=reading.pk)
    if locked.version_id != version.id:
        raise ConflictError(_("Tài liệu đã có phiên bản khác."), hint=_("Hãy tải lại trang."))
    locked.page_texts.all().delete()
    PageText.objects.bulk_create([row_of(locked, page, is_demo=is_demo) for page in pages])
    write_pages(locked.pk, [(page.number, page.text) for page in pages])
    head = head_of(actor=actor, document_id=version.document_id)
    write_terms(locked.pk, head=head, pages=[page.text for page in pages])
    poor = sum(bool(page.faults) for page in pages)
    Reading.objects.filter(pk=locked.pk).update(
        state=(ReadingState.RESCAN if poor else ReadingState.DONE).value,
        pages=len(pages),
        poor_pages=poor,
        stamped_pages=sum(bool(page.quality and page.quality.has_stamp) for page in pages),
        error="",
        seconds=round(seconds, 2),
        read_at=Now(),
    )
    locked.refresh_from_db(fields=["state", "pages", "poor_pages", "read_at"])
    publish(
        DocumentRead(
            document_id=version.document_id,
            version_id=version.id,
            state=locked.state,
            pages=len(pages),
            poor_pages=poor,
        ),
        key=version.document_id,
        on=documents.document_by_id(actor=actor, document_id=version.document_id),
    )
    return locked


def row_of(reading: Reading, page: PageContent, *, is_demo: bool) -> PageText:
    quality = page.quality
    return PageText(
        reading=reading,
        number=page.number,
        width=page.width,
        height=page.height,
        rotation=page.rotation,
        text=page.text,
        words=[[w.x, w.y, w.width, w.height, w.sure, w.text] for w in page.words],
        source=page.source,
        dpi=quality.dpi if quality else None,
        sharpness=quality.sharpness if quality else None,
        skew_deg=quality.skew_deg if quality else None,
        contrast=quality.contrast if quality else None,
        sure=quality.sure if quality else None,
        has_stamp=bool(quality and quality.has_stamp),
        faults=list(page.faults),
        is_demo=is_demo,
    )


@use_case("documents.document.change", audit=False)
def note_failure(*, actor: Actor, reading: Reading, error: str) -> None:
    """The file of a document could not be read."""
    Reading.objects.filter(pk=reading.pk).update(
        state=ReadingState.FAILED.value, error=error[:300], read_at=Now()
    )


@use_case("documents.document.change", audit=False)
def forget_document(*, actor: Actor, document_id: int) -> None:
    """Erase everything that was read in a document whose contents were destroyed."""
    reading = Reading.objects.filter(document_id=document_id).first()
    if reading is None:
        return
    reading.page_texts.all().delete()
    write_terms(reading.pk, head=head_of(actor=actor, document_id=document_id))
    Reading.objects.filter(pk=reading.pk).update(
        state=ReadingState.UNSUITED.value, version=None, pages=0, poor_pages=0, stamped_pages=0
    )
