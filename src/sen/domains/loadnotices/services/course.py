"""Draft, checked, approved, published: each step by another person."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.loadnotices.choices import Kind, Status
from sen.domains.loadnotices.events import LoadsPublished, NoticeMoved
from sen.domains.loadnotices.models import LimitItem, LoadNotice
from sen.domains.loadnotices.rules import SAME_PERSON, is_other_person, seal
from sen.domains.loadnotices.selectors import figures_of
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("loadnotices.notice.check", act="loadnotices.check_notice")
def check_notice(*, actor: Actor, row: LoadNotice, version: int | None) -> LoadNotice:
    """Confirm that the draft is right; who made it cannot.

    Raises:
        ConflictError: somebody changed it meanwhile, it is no draft, it is empty, or the person
            made it.
    """
    check_version(row, version)
    _need(row, Status.DRAFT)
    _need_other(is_other_person(actor.id, [row.maker_id]))
    if not row.items:
        raise ConflictError(_("Dự thảo chưa có nội dung."))
    row.checker, row.checker_id = actor.name, actor.id
    return _move(row, Status.CHECKED)


@use_case("loadnotices.notice.approve", act="loadnotices.approve_notice")
def approve_notice(*, actor: Actor, row: LoadNotice, version: int | None) -> LoadNotice:
    """Approve what was checked; who made or checked it cannot.

    Raises:
        ConflictError: somebody changed it meanwhile, it is not checked, or the person took an
            earlier step.
    """
    check_version(row, version)
    _need(row, Status.CHECKED)
    _need_other(is_other_person(actor.id, [row.maker_id, row.checker_id]))
    row.approver, row.approver_id = actor.name, actor.id
    return _move(row, Status.APPROVED)


@use_case("loadnotices.notice.change", act="loadnotices.return_notice")
def return_notice(*, actor: Actor, row: LoadNotice, version: int | None, reason: str) -> LoadNotice:
    """Send a publication that is not out yet back to its draft, with the reason.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is published or a draft.
        InvalidInputError: the reason lacks.
    """
    check_version(row, version)
    if row.status not in (Status.CHECKED, Status.APPROVED):
        raise ConflictError(_("Chỉ trả về dự thảo khi đã kiểm tra hoặc đã duyệt mà chưa công bố."))
    check = InputCheck()
    check.need(nfc(reason).strip(), "reason", _("Hãy ghi lý do."))
    check.done()
    row.checker = row.approver = ""
    row.checker_id = row.approver_id = None
    row.note = nfc(reason).strip()
    return _move(row, Status.DRAFT)


@use_case("loadnotices.notice.publish", act="loadnotices.publish_notice")
def publish_notice(
    *, actor: Actor, row: LoadNotice, version: int | None, number: str, on: date | None = None
) -> LoadNotice:
    """Publish: from now on everybody sees it, and nobody changes it.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is not approved.
        InvalidInputError: the number lacks.
    """
    check_version(row, version)
    _need(row, Status.APPROVED)
    check = InputCheck()
    check.need(nfc(number).strip(), "number", _("Hãy ghi số văn bản công bố."))
    check.done()
    row.number, row.published_at = nfc(number).strip(), on or timezone.localdate()
    row.data_class = DataClass.PUBLIC.value
    with as_system("what is published is everybody's and takes the place of what was before"):
        items = LimitItem.objects.filter(notice=row)
        row.digest = seal(figures_of(item) for item in items)
        old = LimitItem.objects.filter(is_current=True)
        if row.kind == Kind.CHANGE:
            old = old.filter(key__in=items.values("key"))
        old.update(is_current=False)
        items.update(data_class=DataClass.PUBLIC.value)
        items.exclude(change="GONE").update(is_current=True)
        items.update(is_published=True)
        count = items.count()
    moved = _move(row, Status.PUBLISHED)
    publish(
        LoadsPublished(
            notice_id=row.pk,
            code=row.code,
            number=row.number,
            kind=row.kind,
            published_at=row.published_at or timezone.localdate(),
            items=count,
        ),
        key=row.pk,
        on=row,
    )
    return moved


def _move(row: LoadNotice, to: Status) -> LoadNotice:
    before = row.status
    row.status = to.value
    row.save()
    publish(
        NoticeMoved(notice_id=row.pk, code=row.code, from_status=before, to_status=to.value),
        key=row.pk,
        on=row,
    )
    return row


def _need(row: LoadNotice, status: Status) -> None:
    if row.status != status:
        raise ConflictError(
            _("Công bố đang ở trạng thái “%(status)s”; bước này cần “%(needed)s”.")
            % {
                "status": row.get_status_display(),
                "needed": LoadNotice.Status(status.value).label,
            }
        )


def _need_other(is_other: bool) -> None:
    if not is_other:
        raise ConflictError(_(SAME_PERSON))
