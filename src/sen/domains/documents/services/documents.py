"""Describing documents, holding them, and when they may be destroyed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.documents.choices import FileState
from sen.domains.documents.events import DocumentChanged, DocumentDestroyed
from sen.domains.documents.models import Document, KindChoices, RetentionChoices
from sen.domains.documents.rules import destruction_due
from sen.domains.documents.selectors import is_held, retention_ruling
from sen.domains.documents.services.codes import new_code
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("documents.document.add")
def create_document(
    *,
    actor: Actor,
    kind: str,
    abstract: str,
    owner_org: Organisation,
    area: Area,
    code: str = "",
    number: str = "",
    issued_on: date | None = None,
    issuer: str = "",
    signer: str = "",
    note: str = "",
    retention: str = "",
    kept_from: date | None = None,
    data_class: int | None = None,
    is_demo: bool = False,
) -> Document:
    """Enter a document; its contents follow as versions.

    Raises:
        InvalidInputError: no abstract, an unknown kind or group, a taken code, a date to come.
    """
    check = InputCheck()
    _check(check, kind, abstract, issued_on, retention)
    taken = code and Document.base.filter(code=code).exists()
    check.need(not taken, "code", _("Mã tài liệu này đã dùng."))
    check.done()
    row = Document(
        code=code.strip() or new_code("TL", Document),
        kind=kind,
        abstract=nfc(abstract.strip())[:500],
        number=nfc(number.strip()),
        issued_on=issued_on,
        issuer=nfc(issuer.strip()),
        signer=nfc(signer.strip()),
        note=nfc(note.strip()),
        retention=retention,
        kept_from=kept_from,
        owner_org=owner_org,
        area=area,
        data_class=DataClass.INTERNAL.value if data_class is None else data_class,
        is_demo=is_demo,
    )
    row.destroy_after = due_of(row)
    row.save()
    publish(DocumentChanged(document_id=row.pk, code=row.code), key=row.pk, on=row)
    return row


@use_case("documents.document.change")
def update_document(
    *,
    actor: Actor,
    row: Document,
    version: int | None,
    reason: str = "",
    kind: str,
    abstract: str,
    number: str = "",
    issued_on: date | None = None,
    issuer: str = "",
    signer: str = "",
    note: str = "",
    retention: str = "",
    kept_from: date | None = None,
    owner_org: Organisation | None = None,
    area: Area | None = None,
    data_class: int | None = None,
    **_same: object,
) -> Document:
    """Change what describes a document; its contents change only by another version.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is held and would be kept less long.
        InvalidInputError: as in creating.
    """
    check_version(row, version)
    check = InputCheck()
    _check(check, kind, abstract, issued_on, retention)
    check.done()
    row.kind, row.abstract, row.number = kind, nfc(abstract.strip())[:500], nfc(number.strip())
    row.issued_on, row.issuer, row.signer = issued_on, nfc(issuer.strip()), nfc(signer.strip())
    row.note, row.retention, row.kept_from = nfc(note.strip()), retention, kept_from
    if owner_org is not None:
        row.owner_org = owner_org
    if area is not None:
        row.area = area
    if data_class is not None:
        row.data_class = data_class
    row.destroy_after = due_of(row)
    row.save()
    publish(DocumentChanged(document_id=row.pk, code=row.code), key=row.pk, on=row)
    return row


def _check(
    check: InputCheck, kind: str, abstract: str, issued_on: date | None, retention: str
) -> None:
    check.need(abstract.strip(), "abstract", _("Hãy ghi trích yếu nội dung."))
    check.need(kind in KindChoices.values, "kind", _("Hãy chọn loại tài liệu."))
    check.need(
        not retention or retention in RetentionChoices.values,
        "retention",
        _("Không có nhóm thời hạn bảo quản này."),
    )
    check.need(
        issued_on is None or issued_on <= timezone.localdate(),
        "issued_on",
        _("Ngày ban hành không được ở tương lai."),
    )


def due_of(row: Document) -> date | None:
    """The last day on which a document must be kept, by the rule in force when it was closed."""
    since = row.kept_from or row.issued_on
    ruling = retention_ruling(row.retention, since)
    return destruction_due(since, ruling.value if ruling else None)


@use_case("documents.document.delete")
def delete_document(
    *, actor: Actor, row: Document, version: int | None = None, reason: str = ""
) -> None:
    """Take out a document that was entered by mistake; one with a content is destroyed by a list.

    Raises:
        ConflictError: it has a content, or it is held.
    """
    check_version(row, version)
    if is_held(row):
        raise ConflictError(_("Tài liệu đang được giữ nguyên theo yêu cầu, không xóa được."))
    if row.state not in (FileState.NONE, FileState.REJECTED):
        raise ConflictError(
            _("Tài liệu đã có tệp nên không xóa được."),
            hint=_("Khi hết thời hạn bảo quản, hãy đưa tài liệu vào danh mục hủy."),
        )
    ids = tuple(row.versions.order_by("id").values_list("id", flat=True))
    publish(DocumentDestroyed(document_id=row.pk, version_ids=ids), key=row.pk, on=row)
    row.delete()


@use_case("documents.document.hold")
def place_hold(*, actor: Actor, row: Document, reason: str) -> Document:
    """Forbid destroying a document: an inspection, a lawsuit, a complaint.

    Raises:
        InvalidInputError: no reason was given.
    """
    check_version(row, None)
    put_hold(row=row, actor=actor, reason=reason)
    return row


@use_case("documents.document.hold")
def lift_hold(*, actor: Actor, row: Document, reason: str) -> Document:
    """Allow destroying a document again, when its time is over.

    Raises:
        InvalidInputError: no reason was given.
    """
    check_version(row, None)
    take_hold(row, reason)
    return row


def put_hold(*, row: Any, actor: Actor, reason: str) -> None:
    """Write a hold into a document or a dossier."""
    check = InputCheck()
    check.need(len(reason.strip()) >= 5, "reason", _("Hãy ghi lý do giữ nguyên."))
    check.done()
    row.hold_reason = nfc(reason.strip())[:300]
    row.held_at = timezone.now()
    row.held_by_name = actor.name or actor.username
    row.save()


def take_hold(row: Any, reason: str) -> None:
    """Take a hold off a document or a dossier."""
    check = InputCheck()
    check.need(len(reason.strip()) >= 5, "reason", _("Hãy ghi lý do thôi giữ nguyên."))
    check.done()
    row.hold_reason, row.held_at, row.held_by_name = "", None, ""
    row.save()


@use_case("documents.document.change", act="documents.follow_retention")
def follow_retention(*, actor: Actor) -> list[Document]:
    """Compute anew until when documents are kept, after the rule changed."""
    changed: list[Document] = []
    groups = Document.objects.visible_to(actor, "change").exclude(retention="")
    for row in groups.exclude(state=FileState.DESTROYED.value).iterator():
        due = due_of(row)
        if due != row.destroy_after:
            row.destroy_after = due
            row.save()
            changed.append(row)
    return changed
