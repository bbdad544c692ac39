"""Destroying documents whose time is over: a list, a second person, then the contents go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.documents.choices import DisposalState, FileState
from sen.domains.documents.events import DocumentDestroyed
from sen.domains.documents.models import (
    Disposal,
    DisposalItem,
    Document,
    DocumentVersion,
    Rendition,
)
from sen.domains.documents.selectors import is_held
from sen.domains.documents.services.codes import new_code
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError, PermissionDeniedError
from sen.kernel.events import publish
from sen.kernel.files.services import release_file
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("documents.disposal.add")
def create_disposal(
    *,
    actor: Actor,
    name: str,
    owner_org: Organisation,
    area: Area,
    code: str = "",
    decision: str = "",
    note: str = "",
    data_class: int | None = None,
    is_demo: bool = False,
) -> Disposal:
    """Begin a list of documents to be destroyed.

    Raises:
        InvalidInputError: no name, or a taken code.
    """
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên danh mục."))
    taken = code and Disposal.base.filter(code=code).exists()
    check.need(not taken, "code", _("Mã danh mục này đã dùng."))
    check.done()
    row = Disposal(
        code=code.strip() or new_code("DH", Disposal),
        name=nfc(name.strip())[:250],
        decision=nfc(decision.strip()),
        note=nfc(note.strip()),
        owner_org=owner_org,
        area=area,
        data_class=DataClass.INTERNAL.value if data_class is None else data_class,
        drawn_by_id=actor.id,
        drawn_by_name=actor.name or actor.username,
        is_demo=is_demo,
    )
    row.save()
    return row


@use_case("documents.disposal.change")
def update_disposal(
    *,
    actor: Actor,
    row: Disposal,
    version: int | None,
    reason: str = "",
    name: str,
    decision: str = "",
    note: str = "",
    data_class: int | None = None,
    **_same: object,
) -> Disposal:
    """Change what describes a list that nobody approved yet.

    Raises:
        ConflictError: somebody changed it meanwhile, or it was approved.
        InvalidInputError: no name.
    """
    check_version(row, version)
    _must_be(row, DisposalState.DRAFT, DisposalState.RETURNED)
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên danh mục."))
    check.done()
    row.name, row.decision = nfc(name.strip())[:250], nfc(decision.strip())
    row.note = nfc(note.strip())
    row.data_class = row.data_class if data_class is None else data_class
    row.save()
    return row


def _must_be(row: Disposal, *states: DisposalState) -> None:
    if row.state not in {state.value for state in states}:
        raise ConflictError(
            _("Danh mục đang ở trạng thái “%(state)s” nên không làm được việc này.")
            % {"state": row.get_state_display()}
        )


@use_case("documents.disposal.change", act="documents.fill_disposal")
def add_due_documents(*, actor: Actor, row: Disposal, on: date | None = None) -> Disposal:
    """Put every document of the organisation on the list whose time is over and that is not held.

    Raises:
        ConflictError: the list was approved.
    """
    check_version(row, None)
    _must_be(row, DisposalState.DRAFT, DisposalState.RETURNED)
    listed = DisposalItem.objects.filter(disposal__state__in=_OPEN).values("document_id")
    due = (
        Document.objects.visible_to(actor)
        .filter(owner_org=row.owner_org, destroy_after__lt=on or timezone.localdate())
        .exclude(state=FileState.DESTROYED.value)
        .exclude(pk__in=listed)
        .order_by("destroy_after", "id")
    )
    _put(row, [document for document in due if not is_held(document)])
    return row


_OPEN = (DisposalState.DRAFT.value, DisposalState.SUBMITTED.value, DisposalState.APPROVED.value)


def _put(row: Disposal, documents: Sequence[Document]) -> None:
    DisposalItem.objects.bulk_create(
        [
            DisposalItem(
                disposal=row,
                document=document,
                destroy_after=document.destroy_after,
                is_demo=row.is_demo,
            )
            for document in documents
            if document.destroy_after is not None
        ],
        ignore_conflicts=True,
    )
    row.items_count = row.items.count()
    row.save()


@use_case("documents.disposal.change", act="documents.strike_from_disposal")
def strike_document(*, actor: Actor, row: Disposal, item_id: int) -> Disposal:
    """Take a document off a list that nobody approved yet.

    Raises:
        ConflictError: the list was approved.
    """
    check_version(row, None)
    _must_be(row, DisposalState.DRAFT, DisposalState.RETURNED, DisposalState.SUBMITTED)
    row.items.filter(pk=item_id).delete()
    row.items_count = row.items.count()
    row.save()
    return row


@use_case("documents.disposal.change", act="documents.submit_disposal")
def submit_disposal(*, actor: Actor, row: Disposal) -> Disposal:
    """Hand a list over for approval.

    Raises:
        ConflictError: it was handed over already.
        InvalidInputError: nothing is on it.
    """
    check_version(row, None)
    _must_be(row, DisposalState.DRAFT, DisposalState.RETURNED)
    if not row.items_count:
        raise InvalidInputError(message=_("Danh mục chưa có tài liệu nào."))
    row.state = DisposalState.SUBMITTED.value
    row.save()
    return row


@use_case("documents.disposal.approve")
def approve_disposal(*, actor: Actor, row: Disposal, decision: str, reason: str = "") -> Disposal:
    """Approve a list that another person drew up.

    Raises:
        ConflictError: it does not wait for approval, or something on it may not be destroyed.
        InvalidInputError: no number of the decision.
        PermissionDeniedError: whoever drew it up may not approve it.
    """
    check_version(row, None)
    _must_be(row, DisposalState.SUBMITTED)
    if actor.id is not None and actor.id == row.drawn_by_id:
        raise PermissionDeniedError(
            message=_("Người lập danh mục không được tự duyệt."),
            hint=_("Hãy để một người khác có quyền duyệt."),
        )
    check = InputCheck()
    check.need(decision.strip(), "decision", _("Hãy ghi số quyết định hủy tài liệu."))
    check.done()
    _check_items(row)
    row.state, row.decision = DisposalState.APPROVED.value, nfc(decision.strip())
    row.approved_by_name, row.approved_at = actor.name or actor.username, timezone.now()
    row.save()
    return row


@use_case("documents.disposal.approve", act="documents.return_disposal")
def return_disposal(*, actor: Actor, row: Disposal, reason: str) -> Disposal:
    """Give a list back to whoever drew it up, saying why.

    Raises:
        ConflictError: it does not wait for approval.
        InvalidInputError: no reason was given.
    """
    check_version(row, None)
    _must_be(row, DisposalState.SUBMITTED, DisposalState.APPROVED)
    check = InputCheck()
    check.need(len(reason.strip()) >= 5, "reason", _("Hãy ghi lý do trả lại."))
    check.done()
    row.state, row.note = DisposalState.RETURNED.value, nfc(reason.strip())
    row.save()
    return row


def _check_items(row: Disposal, on: date | None = None) -> None:
    """Nothing on the list is held, and the time of everything is over."""
    today = on or timezone.localdate()
    for item in row.items.select_related("document"):
        document = item.document
        if is_held(document):
            raise ConflictError(
                _("“%(document)s” đang được giữ nguyên theo yêu cầu; hãy đưa ra khỏi danh mục.")
                % {"document": document}
            )
        if document.destroy_after is None or document.destroy_after >= today:
            raise ConflictError(
                _("“%(document)s” chưa hết thời hạn bảo quản; hãy đưa ra khỏi danh mục.")
                % {"document": document}
            )


@use_case("documents.disposal.carry_out")
def carry_out_disposal(*, actor: Actor, row: Disposal) -> Disposal:
    """Destroy the contents of everything on an approved list; what they were stays on record.

    Raises:
        ConflictError: it is not approved, or something on it is held by now.
    """
    check_version(row, None)
    _must_be(row, DisposalState.APPROVED)
    _check_items(row)
    for item in row.items.select_related("document"):
        item.hashes = _destroy(item.document, row)
        item.save(update_fields=["hashes"])
    row.state, row.done_at = DisposalState.DONE.value, timezone.now()
    row.save()
    return row


def _destroy(document: Document, disposal: Disposal) -> list[dict[str, Any]]:
    """Erase the contents of one document; the hash of each is returned as the proof."""
    versions = list(DocumentVersion.objects.filter(document=document).select_related("file"))
    proof = [{"version": v.number, "sha256": v.sha256, "size": v.size} for v in versions]
    made = list(Rendition.objects.filter(version__document=document).select_related("file"))
    publish(
        DocumentDestroyed(document_id=document.pk, version_ids=tuple(v.pk for v in versions)),
        key=document.pk,
        on=document,
    )
    files = [v.file for v in versions if v.file is not None] + [r.file for r in made]
    Rendition.objects.filter(version__document=document).delete()
    DocumentVersion.objects.filter(document=document).update(file=None, signatures=[])
    document.state = FileState.DESTROYED.value
    document.save(update_fields=["state"])
    for file in files:
        release_file(file)
    record(
        act="documents.destroy",
        on=document,
        detail={"disposal": disposal.code, "decision": disposal.decision, "contents": proof},
    )
    return proof
