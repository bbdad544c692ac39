"""Reactions to documents that come, change and go, and to scanned files that were checked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.digitisation import services
from sen.domains.digitisation.jobs import call_readers, split_file
from sen.domains.digitisation.models import BatchFile
from sen.domains.digitisation.selectors import LEAST_DPI, reading_of
from sen.domains.documents import api as documents
from sen.domains.documents.choices import FileState
from sen.domains.documents.events import DocumentChanged, DocumentDestroyed, VersionChecked
from sen.domains.norms.ports import RuleUse, UseKind, rests_on
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on
from sen.kernel.files.events import FileChecked
from sen.kernel.jobs.services import enqueue

rests_on(
    RuleUse(
        name="digitisation.least-dpi",
        norms=(LEAST_DPI,),
        title=_("Độ phân giải tối thiểu của bản quét"),
        kind=UseKind.PAGE,
        url="/ql/digitisation/batches/",
    )
)


@on(VersionChecked, name="digitisation.queue_document")
def queue_document(event: VersionChecked, origin: Origin) -> None:
    """A version that is clean waits for being read; an older one than the newest does not."""
    if event.state != FileState.CLEAN:
        return
    actor = current_actor()
    versions = documents.versions_of(actor=actor, document_id=event.document_id)
    if not versions or versions[0].id != event.version_id:
        return
    known = reading_of(actor=actor, document_id=event.document_id)
    if known is not None and known.version_id == event.version_id and known.read_at:
        return  # whoever brought the scan brought its words too
    document = documents.document_by_id(actor=actor, document_id=event.document_id)
    services.ask_for_reading(actor=actor, document=document, version_id=event.version_id)
    call_readers(actor)


@on(DocumentChanged, name="digitisation.follow_document")
def follow_document(event: DocumentChanged, origin: Origin) -> None:
    """A document is found by its new title and number."""
    actor = current_actor()
    if documents.documents(actor).filter(pk=event.document_id).exists():
        services.renew_head(actor=actor, document_id=event.document_id)


@on(DocumentDestroyed, name="digitisation.forget_document")
def forget_document(event: DocumentDestroyed, origin: Origin) -> None:
    """What was read in destroyed contents is erased with them."""
    services.forget_document(actor=current_actor(), document_id=event.document_id)


@on(FileChecked, name="digitisation.split_checked_file")
def split_checked_file(event: FileChecked, origin: Origin) -> None:
    """A scanned file left its quarantine: its sheets may be looked at, or the operator is told."""
    actor = current_actor()
    waiting = BatchFile.objects.filter(file_id=event.file_id, state=BatchFile.State.WAITING)
    for item in waiting.select_related("batch"):
        if event.state == FileState.CLEAN:
            enqueue(split_file, actor=actor, once_key=str(item.pk), file_id=item.pk)
        else:
            services.note_survey(actor=actor, file=item, sheets=[], error=event.reason)
