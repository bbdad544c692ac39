"""Versions of documents and the forms that are made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from sen.domains.documents.choices import FileState, SignatureState, Source
from sen.domains.documents.events import (
    RenditionAdded,
    SignaturesRead,
    VersionAdded,
    VersionChecked,
)
from sen.domains.documents.models import Document, DocumentVersion, Rendition
from sen.domains.documents.rules import overall
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.files.models import StoredFile
from sen.kernel.files.services import ensure_clean, release_file, store_file
from sen.kernel.jobs.definition import jobs
from sen.kernel.jobs.services import enqueue
from sen.kernel.usecase import use_case
from sen.lib.text import nfc

PDF: Final = "application/pdf"
READ_SIGNATURES: Final = "documents.read_signatures"
#: What another trusted root may change.
RE_READ: Final = (
    SignatureState.UNKNOWN_ROOT.value,
    SignatureState.TRUSTED.value,
    SignatureState.INVALID.value,
)


@use_case("documents.document.change", act="documents.add_version")
def add_version(
    *,
    actor: Actor,
    document: Document,
    name: str,
    chunks: Iterable[bytes],
    note: str = "",
    source: str = Source.UPLOAD.value,
    own: bool = False,
    is_demo: bool = False,
) -> DocumentVersion:
    """Give a document another content; the older ones stay as they are.

    ``own``: the house made the file itself, so that it need not wait in quarantine.

    Raises:
        ConflictError: the document was destroyed, or its newest version is this content.
        InvalidInputError: the file is not accepted.
    """
    locked = Document.base.select_for_update(of=("self",)).get(pk=document.pk)
    if locked.state == FileState.DESTROYED:
        raise ConflictError(_("Tài liệu đã hủy theo danh mục được duyệt, không thêm được tệp."))
    check = InputCheck()
    check.need(source in DocumentVersion.Source.values, "source", _("Không có nguồn này."))
    check.done()
    file = store_file(actor=actor, name=name, chunks=chunks, own=own)
    newest = newest_of(locked)
    if newest is not None and newest.sha256 == file.sha256:
        raise ConflictError(
            _("Tệp này giống hệt phiên bản %(number)s đang có.") % {"number": newest.number},
            hint=_("Không cần tải lại."),
        )
    version = DocumentVersion.objects.create(
        document=locked,
        number=(newest.number if newest else 0) + 1,
        file=file,
        name=nfc(name)[-200:],
        sha256=file.sha256,
        size=file.size,
        mime=file.mime,
        note=nfc(note.strip())[:300],
        source=source,
        added_by_id=actor.id,
        added_by_name=actor.name or actor.username,
        pages=file.findings.get("pages"),
        signature_state=_unread("" if own else file.mime),
        is_demo=is_demo,
    )
    repeat_newest(locked, version)
    publish(
        VersionAdded(
            document_id=locked.pk,
            version_id=version.pk,
            number=version.number,
            mime=version.mime,
            source=version.source,
        ),
        key=locked.pk,
        on=locked,
    )
    if file.is_clean:
        _tell_checked(version, file)
    document.refresh_from_db()
    return version


def _unread(mime: str) -> str:
    return (SignatureState.PENDING if mime == PDF else SignatureState.NONE).value


def newest_of(document: Document) -> DocumentVersion | None:
    return DocumentVersion.objects.filter(document=document).order_by("-number").first()


def repeat_newest(document: Document, version: DocumentVersion) -> None:
    """Write into the document what lists show of its newest version."""
    file = version.file
    document.state = FileState.DESTROYED.value if file is None else FileState(file.state).value
    document.signature_state = version.signature_state
    document.pages = version.pages
    document.versions_count = version.number
    document.save(update_fields=["state", "signature_state", "pages", "versions_count"])


def _tell_checked(version: DocumentVersion, file: StoredFile) -> None:
    document = version.document
    publish(
        VersionChecked(
            document_id=document.pk,
            version_id=version.pk,
            number=version.number,
            mime=version.mime,
            source=version.source,
            state=str(file.state),
        ),
        key=document.pk,
        on=document,
    )


@use_case("documents.document.change", audit=False)
def follow_file(*, actor: Actor, file_id: int) -> int:
    """The check of a file is over: tell it of every version that has this content.

    Returns:
        How many versions there are.
    """
    found = DocumentVersion.objects.filter(file_id=file_id).select_related("file", "document")
    for version in found:
        file = version.file
        if file is None:
            continue
        version.pages = file.findings.get("pages")
        version.save(update_fields=["pages"])
        newest = newest_of(version.document)
        if newest is not None and newest.pk == version.pk:
            repeat_newest(version.document, version)
        _tell_checked(version, file)
    return len(found)


def ask_for_signatures(*, actor: Actor, version_id: int) -> None:
    """Queue the reading of a version's signatures, unless they were read or the house made it."""
    states = SignatureState.PENDING.value, *RE_READ
    if not DocumentVersion.objects.filter(pk=version_id, signature_state__in=states).exists():
        return
    enqueue(jobs[READ_SIGNATURES], actor=actor, once_key=str(version_id), version_id=version_id)


@use_case("documents.document.change", audit=False)
def note_signatures(
    *, actor: Actor, document: Document, version_id: int, found: Sequence[Mapping[str, Any]]
) -> DocumentVersion:
    """Write what the signatures of a version were found to say."""
    version = DocumentVersion.objects.select_for_update(of=("self",)).get(
        pk=version_id, document=document
    )
    version.signatures = [dict(item) for item in found]
    version.signature_state = overall(item["state"] for item in found).value
    version.save(update_fields=["signatures", "signature_state"])
    DocumentVersion.objects.filter(pk=version.pk).update(signatures_at=Now())
    newest = newest_of(document)
    if newest is not None and newest.pk == version.pk:
        repeat_newest(document, version)
    record(
        act="documents.read_signatures",
        on=document,
        detail={"version": version.number, "state": version.signature_state},
    )
    publish(
        SignaturesRead(
            document_id=document.pk,
            version_id=version.pk,
            state=version.signature_state,
            count=len(version.signatures),
        ),
        key=document.pk,
        on=document,
    )
    return version


@use_case("documents.document.change", act="documents.add_rendition")
def add_rendition(
    *,
    actor: Actor,
    document: Document,
    version_id: int,
    kind: str,
    name: str,
    chunks: Iterable[bytes],
    made_by: str,
    detail: Mapping[str, Any] | None = None,
    is_demo: bool = False,
) -> Rendition:
    """Keep another form of a version beside its original; one of the same kind is replaced.

    Raises:
        ConflictError: the version is not clean, or the document was destroyed.
        InvalidInputError: the file is not accepted.
    """
    version = DocumentVersion.objects.select_related("file").get(pk=version_id, document=document)
    if version.file is None:
        raise ConflictError(_("Tài liệu đã hủy theo danh mục được duyệt, không thêm được tệp."))
    ensure_clean(version.file)
    file = store_file(actor=actor, name=name, chunks=chunks, own=True)
    before = Rendition.objects.filter(version=version, kind=kind).select_related("file").first()
    made, _is_new = Rendition.objects.update_or_create(
        version=version,
        kind=kind,
        defaults={
            "file": file,
            "name": nfc(name)[-200:],
            "made_by": made_by[:120],
            "detail": dict(detail or {}),
            "is_demo": is_demo,
        },
    )
    Rendition.objects.filter(pk=made.pk).update(made_at=Now())
    if before is not None and before.file_id != file.pk:
        release_file(before.file)
    publish(
        RenditionAdded(
            document_id=document.pk, version_id=version.pk, rendition_id=made.pk, kind=kind
        ),
        key=document.pk,
        on=document,
    )
    return made
