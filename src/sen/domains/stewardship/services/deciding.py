"""Steps of a change-set after it was gathered: submitting, checking, approving, sending back.

Three people: the author gathers, another one checks, a third one approves. The rights of checker
and approver add up: what both decided on is written in the approver's name with what either of
them may write. Nobody decides on what they wrote themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils.timezone import now
from django.utils.translation import gettext as _

from sen.domains.stewardship.choices import Outcome, Stage, TaskStatus
from sen.domains.stewardship.events import ChangeSetApplied, ChangeSetSubmitted
from sen.domains.stewardship.models import ChangeItem, ChangeSet, UpdateTask
from sen.domains.stewardship.services.carrying import Written, carry_out, try_out
from sen.domains.stewardship.services.stepping import be_at, note_step
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.people import who_may
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.events import publish
from sen.kernel.notices.models import Notice
from sen.kernel.notices.services import notify
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

#: A reason says at least something.
SHORTEST: Final = 5


@use_case("stewardship.changeset.change", act="stewardship.changeset.submit")
def submit_set(*, actor: Actor, row: ChangeSet, version: int | None, reason: str = "") -> ChangeSet:
    """Hand a draft to its check.

    Raises:
        InvalidInputError: it is empty, or a change is not right as records stand now.
    """
    check_version(row, version)
    be_at(row, Stage.DRAFT)
    if row.item_count == 0:
        raise InvalidInputError(message=_("Bộ thay đổi chưa có thay đổi nào."))
    _must_be_right(row)
    row.status, row.submitted_at = Stage.CHECKING.value, now()
    row.checked_by = row.approved_by = None
    note_step(row=row, actor=actor, title=_("Trình kiểm tra"), text=nfc(reason).strip())
    row.save()
    _tasks(row, TaskStatus.SUBMITTED)
    _tell(row, "check", _("Chờ bạn kiểm tra: %(set)s") % {"set": row})
    publish(
        ChangeSetSubmitted(change_set_id=row.pk, code=row.code, item_count=row.item_count),
        key=row.pk,
        on=row,
    )
    return row


@use_case("stewardship.changeset.check")
def check_set(*, actor: Actor, row: ChangeSet, version: int | None, reason: str = "") -> ChangeSet:
    """Say that the changes are right.

    Raises:
        PermissionDeniedError: the actor wrote in the set.
        InvalidInputError: a change is not right as records stand now.
    """
    check_version(row, version)
    be_at(row, Stage.CHECKING)
    _other_person(actor, row, "check")
    _must_be_right(row)
    row.status, row.checked_by_id = Stage.APPROVING.value, actor.id
    note_step(row=row, actor=actor, title=_("Đã kiểm tra"), text=nfc(reason).strip(), tone="ok")
    row.save()
    _tell(row, "approve", _("Chờ bạn duyệt: %(set)s") % {"set": row})
    return row


@use_case("stewardship.changeset.approve")
def approve_set(
    *, actor: Actor, row: ChangeSet, version: int | None, reason: str = ""
) -> ChangeSet:
    """Write all changes of a set, or none.

    Raises:
        PermissionDeniedError: the actor wrote in the set, or checked it.
        InvalidInputError: a change cannot be written; nothing was.
    """
    check_version(row, version)
    be_at(row, Stage.APPROVING)
    _other_person(actor, row, "approve")
    items = _items(row)
    name = _("Bộ thay đổi %(code)s") % {"code": row.code}
    done = carry_out(items=items, actor=_joint(actor, row), reason=name)
    _complain(row, done)
    for written in done:
        item = written.item
        if written.row is not None:
            item.row_id, item.written_version = written.row.pk, _version_of(written.row)
        item.problem = ""
        with as_system("note what a set wrote"):
            item.save()
    row.status, row.approved_by_id, row.applied_at = Stage.APPLIED.value, actor.id, now()
    note_step(
        row=row, actor=actor, title=_("Đã duyệt và áp dụng"), text=nfc(reason).strip(), tone="ok"
    )
    row.save()
    _tasks(row, TaskStatus.DONE)
    if row.reverses_id:
        _reversed(row, actor)
    _tell_author(row, _("Đã duyệt và áp dụng: %(set)s") % {"set": row})
    publish(
        ChangeSetApplied(
            change_set_id=row.pk,
            code=row.code,
            registers=tuple(sorted({item.register for item in items})),
            item_count=row.item_count,
        ),
        key=row.pk,
        on=row,
    )
    return row


def _reversed(row: ChangeSet, actor: Actor) -> None:
    with as_system("a reverse set was applied"):
        original = ChangeSet.objects.get(pk=row.reverses_id or 0)
        original.status = Stage.REVERSED.value
        note_step(
            row=original,
            actor=actor,
            title=_("Hoàn nguyên bằng %(code)s") % {"code": row.code},
            tone="warn",
        )
        original.save()


def _version_of(row: ScopedModel) -> int:
    with as_system("read the version that was written"):
        return type(row).base.values_list("version", flat=True).get(pk=row.pk)


def _joint(actor: Actor, row: ChangeSet) -> Actor:
    """The approver with the rights of the checker beside their own."""
    checker = row.checked_by
    if checker is None or not checker.is_active:
        return actor
    return replace(actor, entitlements=(*actor.entitlements, *actor_for(checker).entitlements))


@use_case("stewardship.changeset.check", act="stewardship.changeset.return")
def refuse_checking(*, actor: Actor, row: ChangeSet, version: int | None, reason: str) -> ChangeSet:
    """Send a set back from its check.

    Raises:
        InvalidInputError: no reason.
    """
    check_version(row, version)
    be_at(row, Stage.CHECKING)
    return _send_back(actor, row, reason)


@use_case("stewardship.changeset.approve", act="stewardship.changeset.return")
def refuse_approving(
    *, actor: Actor, row: ChangeSet, version: int | None, reason: str
) -> ChangeSet:
    """Send a set back from its approval.

    Raises:
        InvalidInputError: no reason.
    """
    check_version(row, version)
    be_at(row, Stage.APPROVING)
    return _send_back(actor, row, reason)


def _send_back(actor: Actor, row: ChangeSet, reason: str) -> ChangeSet:
    said = _reason(reason, _("Hãy ghi lý do trả lại để người soạn biết phải sửa gì."))
    row.status = Stage.DRAFT.value
    note_step(row=row, actor=actor, title=_("Trả lại"), text=said, tone="warn")
    row.save()
    _tasks(row, TaskStatus.OPEN)
    _tell_author(row, _("Được trả lại: %(set)s") % {"set": row}, said, Notice.Tone.WARN)
    return row


@use_case("stewardship.changeset.change", act="stewardship.changeset.take_back")
def take_back(*, actor: Actor, row: ChangeSet, version: int | None, reason: str = "") -> ChangeSet:
    """The author draws a submitted set back to go on with it."""
    check_version(row, version)
    be_at(row, Stage.CHECKING, Stage.APPROVING)
    row.status = Stage.DRAFT.value
    note_step(row=row, actor=actor, title=_("Lấy lại để soạn"), text=nfc(reason).strip())
    row.save()
    _tasks(row, TaskStatus.OPEN)
    return row


@use_case("stewardship.changeset.change", act="stewardship.changeset.withdraw")
def withdraw_set(*, actor: Actor, row: ChangeSet, version: int | None, reason: str) -> ChangeSet:
    """End a set that will not be applied.

    Raises:
        InvalidInputError: no reason.
    """
    check_version(row, version)
    be_at(row, Stage.DRAFT, Stage.CHECKING, Stage.APPROVING)
    row.status = Stage.WITHDRAWN.value
    note_step(
        row=row,
        actor=actor,
        title=_("Rút bộ thay đổi"),
        text=_reason(reason, _("Hãy ghi lý do rút.")),
        tone="danger",
    )
    row.save()
    _tasks(row, TaskStatus.OPEN)
    return row


@use_case("stewardship.changeset.view", act="stewardship.changeset.comment")
def comment_on_set(*, actor: Actor, row: ChangeSet, reason: str) -> ChangeSet:
    """Say something about a set without moving it.

    Raises:
        InvalidInputError: nothing was said.
    """
    said = _reason(reason, _("Hãy ghi ý kiến."))
    with as_system("a comment is no change of the set's state"):
        check_version(row, None)
        note_step(row=row, actor=actor, title=_("Ý kiến"), text=said, tone="info")
        row.save()
    if actor.id != row.author_id:
        _tell_author(row, _("Có ý kiến về %(set)s") % {"set": row}, said)
    return row


def _reason(text: str, missing: str) -> str:
    said = nfc(text).strip()[:500]
    if len(said) < SHORTEST:
        raise InvalidInputError({"reason": missing})
    return said


def _other_person(actor: Actor, row: ChangeSet, act: str) -> None:
    with as_system("who wrote in a set"):
        authors = set(ChangeItem.objects.filter(change_set=row).values_list("author_id", flat=True))
    if actor.id in {*authors, row.author_id}:
        raise PermissionDeniedError(
            f"stewardship.changeset.{act}",
            _("Người soạn không tự kiểm tra hoặc duyệt bộ thay đổi của mình."),
            hint=_("Hãy đề nghị một người khác có quyền."),
        )
    if act == "approve" and actor.id == row.checked_by_id:
        raise PermissionDeniedError(
            "stewardship.changeset.approve",
            _("Người đã kiểm tra không đồng thời duyệt."),
            hint=_("Hãy đề nghị một người khác có quyền duyệt."),
        )


def _items(row: ChangeSet) -> list[ChangeItem]:
    with as_system("all changes of a set"):
        found = ChangeItem.objects.filter(change_set=row).select_related("change_set")
        return list(found.order_by("position"))


def _must_be_right(row: ChangeSet) -> None:
    _complain(row, try_out(_items(row)))


def _complain(row: ChangeSet, done: Sequence[Written]) -> None:
    """Say what is wrong.

    Raises:
        InvalidInputError: something is.
    """
    wrong = [written for written in done if written.problem]
    if wrong:
        raise ItemsRefusedError(
            {str(written.item.pk): written.problem for written in wrong},
            _("%(n)s thay đổi chưa áp dụng được; chưa có gì được ghi.") % {"n": len(wrong)}
            + " "
            + " ".join(f"{one.item.label}: {one.problem}" for one in wrong[:3]),
        )


class ItemsRefusedError(SenError):
    """Changes of a set cannot be written as records stand now; ``problems`` by id of the item."""

    code = "items-refused"
    status = 409

    def __init__(self, problems: dict[str, str], message: str) -> None:
        self.problems = problems
        super().__init__(message)

    def extra(self) -> dict[str, Any]:
        return {"items": self.problems}


def note_problems(row: ChangeSet, problems: dict[str, str]) -> None:
    """Keep what is wrong beside each change, after the refused act was taken back."""
    with as_system("note why changes were refused"):
        for item in ChangeItem.objects.filter(change_set=row):
            said = problems.get(str(item.pk), "")
            if item.problem != said:
                item.problem = said
                item.save()


def _tasks(row: ChangeSet, status: TaskStatus) -> None:
    """Tasks that are done by this set follow it."""
    with as_system("tasks follow their change-set"):
        for task in UpdateTask.objects.filter(change_set=row).exclude(
            status__in=[TaskStatus.DONE.value, TaskStatus.CANCELLED.value]
        ):
            task.status = status.value
            if status is TaskStatus.DONE:
                task.outcome, task.done_by = Outcome.CHANGED.value, row.author.full_name
                task.done_at = row.submitted_at
            task.save()


def url_of(row: ChangeSet) -> str:
    """The page of a set."""
    return f"/ql/stewardship/change-sets/{row.pk}/"


def _tell(row: ChangeSet, act: str, title: str) -> None:
    """Tell those who may do the next step."""
    wrote = {row.author_id, row.checked_by_id}
    people = [user.pk for user in who_may(row, act) if user.pk not in wrote]
    key = f"changeset-{row.pk}-{act}-{len(row.steps)}"
    notify(people, key=key, title=title, url=url_of(row), is_demo=row.is_demo)


def _tell_author(
    row: ChangeSet, title: str, text: str = "", tone: Notice.Tone = Notice.Tone.INFO
) -> None:
    notify(
        [row.author_id],
        key=f"changeset-{row.pk}-{len(row.steps)}",
        title=title,
        text=text,
        url=url_of(row),
        tone=tone,
        is_demo=row.is_demo,
    )
