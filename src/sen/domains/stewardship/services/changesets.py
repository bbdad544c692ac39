"""Use cases on change-sets: gathering, submitting, checking, approving, undoing.

Three people: the author gathers, another one checks, a third one approves. The rights of checker
and approver add up: what both decided on is written in the approver's name with what either of
them may write. Nobody decides on what they wrote themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.db import connection
from django.db.models import Max
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from sen.domains.stewardship.choices import Outcome, Stage, TaskStatus
from sen.domains.stewardship.events import ChangeSetApplied, ChangeSetSubmitted
from sen.domains.stewardship.models import ChangeItem, ChangeSet, UpdateTask
from sen.domains.stewardship.services.carrying import Written, carry_out, try_out
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, ScopedModel
from sen.kernel.access.people import who_may
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.events import publish
from sen.kernel.notices.models import Notice
from sen.kernel.notices.services import notify
from sen.kernel.usecase import check_version, use_case
from sen.kernel.web.register.proposing import Act, Proposal
from sen.lib.text import nfc

#: A reason says at least something.
SHORTEST: Final = 5
MOST_ITEMS: Final = 1000
_LOCK: Final = 597_071


@use_case("stewardship.changeset.add")
def begin_set(
    *,
    actor: Actor,
    title: str,
    area: Area | None = None,
    owner_org: Organisation | None = None,
    note: str = "",
    reverses: ChangeSet | None = None,
    is_demo: bool = False,
) -> ChangeSet:
    """An empty set of the actor's own.

    Raises:
        InvalidInputError: no title, or the actor belongs to no organisation.
    """
    said = nfc(title).strip()
    if not said:
        raise InvalidInputError({"title": _("Hãy ghi tên bộ thay đổi.")})
    owner = owner_org or Organisation.objects.filter(pk=actor.organisation_id or 0).first()
    if owner is None or actor.id is None:
        raise InvalidInputError(
            message=_("Tài khoản chưa thuộc đơn vị nào nên chưa lập được bộ thay đổi.")
        )
    row = ChangeSet(
        code=_next_code(),
        title=said,
        author_id=actor.id,
        owner_org=owner,
        area=area or Area.objects.filter(parent=None).order_by("id")[0],
        note=nfc(note).strip(),
        reverses=reverses,
        is_demo=is_demo,
    )
    _step(row, actor, _("Lập bộ thay đổi"))
    row.save()
    return row


@use_case("stewardship.changeset.change")
def update_set(
    *,
    actor: Actor,
    row: ChangeSet,
    version: int | None,
    reason: str = "",
    title: str,
    note: str = "",
) -> ChangeSet:
    """Another name or note.

    Raises:
        InvalidInputError: no title.
    """
    check_version(row, version)
    said = nfc(title).strip()
    if not said:
        raise InvalidInputError({"title": _("Hãy ghi tên bộ thay đổi.")})
    row.title, row.note = said, nfc(note).strip()
    row.save()
    return row


def _next_code() -> str:
    """``BTD-2026-0012``; numbers are given one after the other."""
    year = localdate().year
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    with as_system("count change-sets of a year"):
        last = ChangeSet.objects.filter(code__startswith=f"BTD-{year}-").aggregate(m=Max("code"))
    number = int(str(last["m"]).rpartition("-")[2]) if last["m"] else 0
    return f"BTD-{year}-{number + 1:04d}"


def _step(row: ChangeSet, actor: Actor, title: str, text: str = "", tone: str = "") -> None:
    said = {"title": title, "who": actor.name, "at": now().isoformat(), "text": text, "tone": tone}
    row.steps = [*row.steps, said]


@use_case("stewardship.changeset.change")
def keep_proposals(*, actor: Actor, row: ChangeSet, proposals: Sequence[Proposal]) -> ChangeSet:
    """Put changes of records into a draft; a record that is in it already is amended.

    Raises:
        ConflictError: the set is no draft any more.
        InvalidInputError: the set would grow too large.
    """
    check_version(row, None)
    _be(row, Stage.DRAFT)
    if row.item_count + len(proposals) > MOST_ITEMS:
        raise InvalidInputError(
            message=_("Một bộ giữ tối đa %(n)s thay đổi; hãy lập thêm bộ khác.") % {"n": MOST_ITEMS}
        )
    for proposal in proposals:
        _keep(row, actor, proposal)
    return _counted(row)


def _keep(row: ChangeSet, actor: Actor, proposal: Proposal) -> None:
    record = proposal.row
    item = None
    with as_system("look up what a set holds of a record"):
        same = ChangeItem.objects.filter(change_set=row, register=proposal.resource.key)
        if record is not None:
            item = same.filter(row_id=record.pk).first()
        last = ChangeItem.objects.filter(change_set=row).aggregate(m=Max("position"))["m"] or 0
    shown = [entry.plain() for entry in proposal.shown]
    if item is None or item.act != Act.CHANGE or proposal.act is not Act.CHANGE:
        if item is not None:
            item.delete()
        item = ChangeItem(
            change_set=row,
            author_id=actor.id or row.author_id,
            position=last + 1,
            register=proposal.resource.key,
            act=proposal.act.value,
            row_id=record.pk if record is not None else None,
            base_version=record.version if record is not None else None,
            values=proposal.values,
            before=proposal.before,
            shown=shown,
            is_demo=row.is_demo,
        )
    else:
        item.before = proposal.before | item.before
        item.values |= proposal.values
        named = {entry["name"] for entry in shown}
        item.shown = [entry for entry in item.shown if entry["name"] not in named] + shown
    item.label = _label(proposal)
    item.reason, item.problem = nfc(proposal.reason).strip()[:500], ""
    _guard_as(item, row, record, proposal)
    item.save()
    row.area = _common(row.area, item.area) if row.item_count else item.area


def _label(proposal: Proposal) -> str:
    if proposal.row is not None:
        return str(proposal.row)[:250]
    for name in (proposal.resource.label_path, proposal.resource.code_path):
        if text := str(proposal.cleaned.get(name) or ""):
            return text[:250]
    return str(proposal.resource.one or proposal.resource.title)[:250]


def _guard_as(
    item: ChangeItem, row: ChangeSet, record: ScopedModel | None, proposal: Proposal
) -> None:
    """An item may be seen by whom may see the record, and never by the public."""
    item.data_class = row.data_class
    if record is not None:
        item.owner_org_id, item.area_id = record.owner_org_id, record.area_id
        item.data_class = max(item.data_class, record.data_class)
        return
    owner, area = proposal.cleaned.get("owner_org"), proposal.cleaned.get("area")
    item.owner_org = owner if isinstance(owner, Organisation) else row.owner_org
    item.area = area if isinstance(area, Area) else row.area
    level = proposal.cleaned.get("data_class")
    item.data_class = max(item.data_class, int(str(level)) if str(level or "").isdigit() else 0)


def _common(one: Area, other: Area) -> Area:
    """The smallest place that holds both."""
    if other.path.startswith(one.path):
        return one
    found: Area = one
    while not other.path.startswith(found.path) and found.parent is not None:
        found = found.parent
    return found


def _counted(row: ChangeSet) -> ChangeSet:
    with as_system("count what a set holds"):
        row.item_count = ChangeItem.objects.filter(change_set=row).count()
    row.save()
    return row


@use_case("stewardship.changeset.change")
def drop_item(*, actor: Actor, row: ChangeSet, item: ChangeItem) -> ChangeSet:
    """Take one change out of a draft.

    Raises:
        ConflictError: the set is no draft any more.
    """
    check_version(row, None)
    _be(row, Stage.DRAFT)
    with as_system("take a change out of a set"):
        item.delete()
    return _counted(row)


@use_case("stewardship.changeset.change")
def renew_item(*, actor: Actor, row: ChangeSet, item: ChangeItem) -> ChangeSet:
    """Take the record as it stands now as what the change starts from: the author has seen it.

    Raises:
        ConflictError: the set is no draft any more, or the record is gone.
    """
    from sen.domains.stewardship.services.reversing import fresh_before

    check_version(row, None)
    _be(row, Stage.DRAFT)
    fresh_before(item)
    item.problem = ""
    item.save()
    row.save()
    return row


@use_case("stewardship.changeset.change", act="stewardship.changeset.submit")
def submit_set(*, actor: Actor, row: ChangeSet, version: int | None, reason: str = "") -> ChangeSet:
    """Hand a draft to its check.

    Raises:
        InvalidInputError: it is empty, or a change is not right as records stand now.
    """
    check_version(row, version)
    _be(row, Stage.DRAFT)
    if row.item_count == 0:
        raise InvalidInputError(message=_("Bộ thay đổi chưa có thay đổi nào."))
    _must_be_right(row)
    row.status, row.submitted_at = Stage.CHECKING.value, now()
    row.checked_by = row.approved_by = None
    _step(row, actor, _("Trình kiểm tra"), nfc(reason).strip())
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
    _be(row, Stage.CHECKING)
    _other_person(actor, row, "check")
    _must_be_right(row)
    row.status, row.checked_by_id = Stage.APPROVING.value, actor.id
    _step(row, actor, _("Đã kiểm tra"), nfc(reason).strip(), "ok")
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
    _be(row, Stage.APPROVING)
    _other_person(actor, row, "approve")
    items = _items(row)
    name = _("Bộ thay đổi %(code)s") % {"code": row.code}
    done = carry_out(items, _joint(actor, row), name)
    _complain(row, done)
    for written in done:
        item = written.item
        if written.row is not None:
            item.row_id, item.written_version = written.row.pk, _version_of(written.row)
        item.problem = ""
        with as_system("note what a set wrote"):
            item.save()
    row.status, row.approved_by_id, row.applied_at = Stage.APPLIED.value, actor.id, now()
    _step(row, actor, _("Đã duyệt và áp dụng"), nfc(reason).strip(), "ok")
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
        _step(original, actor, _("Hoàn nguyên bằng %(code)s") % {"code": row.code}, tone="warn")
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
    _be(row, Stage.CHECKING)
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
    _be(row, Stage.APPROVING)
    return _send_back(actor, row, reason)


def _send_back(actor: Actor, row: ChangeSet, reason: str) -> ChangeSet:
    said = _reason(reason, _("Hãy ghi lý do trả lại để người soạn biết phải sửa gì."))
    row.status = Stage.DRAFT.value
    _step(row, actor, _("Trả lại"), said, "warn")
    row.save()
    _tasks(row, TaskStatus.OPEN)
    _tell_author(row, _("Được trả lại: %(set)s") % {"set": row}, said, Notice.Tone.WARN)
    return row


@use_case("stewardship.changeset.change", act="stewardship.changeset.take_back")
def take_back(*, actor: Actor, row: ChangeSet, version: int | None, reason: str = "") -> ChangeSet:
    """The author draws a submitted set back to go on with it."""
    check_version(row, version)
    _be(row, Stage.CHECKING, Stage.APPROVING)
    row.status = Stage.DRAFT.value
    _step(row, actor, _("Lấy lại để soạn"), nfc(reason).strip())
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
    _be(row, Stage.DRAFT, Stage.CHECKING, Stage.APPROVING)
    row.status = Stage.WITHDRAWN.value
    _step(row, actor, _("Rút bộ thay đổi"), _reason(reason, _("Hãy ghi lý do rút.")), "danger")
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
        _step(row, actor, _("Ý kiến"), said, "info")
        row.save()
    if actor.id != row.author_id:
        _tell_author(row, _("Có ý kiến về %(set)s") % {"set": row}, said)
    return row


def _reason(text: str, missing: str) -> str:
    said = nfc(text).strip()[:500]
    if len(said) < SHORTEST:
        raise InvalidInputError({"reason": missing})
    return said


def _be(row: ChangeSet, *stages: Stage) -> None:
    if row.status not in stages:
        raise ConflictError(
            _("Bộ thay đổi đang ở giai đoạn “%(stage)s”.") % {"stage": row.get_status_display()}
        )


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
