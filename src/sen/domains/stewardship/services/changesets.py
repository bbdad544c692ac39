"""Use cases on change-sets as their authors gather them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import connection
from django.db.models import Max
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from sen.domains.stewardship.choices import Stage
from sen.domains.stewardship.models import ChangeItem, ChangeSet
from sen.domains.stewardship.services.carrying import try_out
from sen.domains.stewardship.services.stepping import be_at, note_step
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
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
    note_step(row=row, actor=actor, title=_("Lập bộ thay đổi"))
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


@use_case("stewardship.changeset.change")
def keep_proposals(
    *, actor: Actor, row: ChangeSet, proposals: Sequence[Proposal], tried: bool = False
) -> ChangeSet:
    """Put changes of records into a draft; a record that is in it already is amended.

    ``tried``: all of them are kept only if each can be written as records stand now.

    Raises:
        ConflictError: the set is no draft any more.
        InvalidInputError: the set would grow too large, or what was tried fails; by change.
    """
    check_version(row, None)
    be_at(row, Stage.DRAFT)
    if row.item_count + len(proposals) > MOST_ITEMS:
        raise InvalidInputError(
            message=_("Một bộ giữ tối đa %(n)s thay đổi; hãy lập thêm bộ khác.") % {"n": MOST_ITEMS}
        )
    items = [_keep(row, actor, proposal) for proposal in proposals]
    if tried:
        _try(items)
    return _counted(row)


def _try(items: Sequence[ChangeItem]) -> None:
    check = InputCheck()
    for written in try_out(items):
        if written.problem:
            check.add(str(written.item.pk), f"{written.item.label}: {written.problem}")
    check.done()


def _keep(row: ChangeSet, actor: Actor, proposal: Proposal) -> ChangeItem:
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
    row.item_count += 1
    return item


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
    found = one
    while not other.path.startswith(found.path) and found.parent_id is not None:
        found = Area.objects.get(pk=found.parent_id)
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
    be_at(row, Stage.DRAFT)
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
    be_at(row, Stage.DRAFT)
    fresh_before(item)
    item.problem = ""
    item.save()
    row.save()
    return row
