"""Carrying a change-set out: all of it or nothing, through the services of the registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from sen.domains.stewardship.models import ChangeItem
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.audit.history import changes_since
from sen.kernel.errors import ConflictError, SenError
from sen.kernel.web.register.proposing import Act, write
from sen.kernel.web.register.resource import Resource, resources


class _TakenBackError(Exception):
    """Takes the savepoint back; never leaves this module."""


@dataclass(slots=True)
class Written:
    """What became of one item."""

    item: ChangeItem
    row: ScopedModel | None = None
    problem: str = ""


def try_out(items: Sequence[ChangeItem]) -> list[Written]:
    """Carry items out with the rights of the house and take it all back: what is wrong now."""
    with as_system(_("kiểm tra thử bộ thay đổi")) as house:
        return _all_or_nothing(items, house, keep=False)


def carry_out(*, items: Sequence[ChangeItem], actor: Actor, reason: str) -> list[Written]:
    """Carry items out in the name of ``actor``; when one has a problem nothing is kept."""
    with acting_as(actor, reason=reason):
        return _all_or_nothing(items, actor, keep=True)


def _all_or_nothing(items: Sequence[ChangeItem], actor: Actor, *, keep: bool) -> list[Written]:
    found: list[Written] = []
    try:
        with transaction.atomic():
            found = [_one(item, actor) for item in items]
            if not keep or any(written.problem for written in found):
                raise _TakenBackError
    except _TakenBackError:
        pass
    return found


def _one(item: ChangeItem, actor: Actor) -> Written:
    resource = resources.get(item.register)
    if resource is None:
        return Written(item, problem=_("Danh mục này không còn."))
    try:
        with transaction.atomic():
            row = _row_of(resource, item, actor)
            made = write(resource, actor, Act(item.act), row, item.values, reason=_reason(item))
            return Written(item, made)
    except SenError as error:
        return Written(item, problem=str(error)[:1000])
    except DatabaseError as error:
        why = str(error).splitlines()[0]
        return Written(item, problem=_("Cơ sở dữ liệu không nhận: %(why)s") % {"why": why[:900]})


def _reason(item: ChangeItem) -> str:
    """What history says of a record: the set, and why."""
    said = _("Bộ thay đổi %(code)s") % {"code": item.change_set.code}
    return f"{said}: {item.reason}"[:500] if item.reason else said


def _row_of(resource: Resource[Any], item: ChangeItem, actor: Actor) -> ScopedModel | None:
    """The record as it stands now, if it is still the one that the author saw."""
    if item.act == ChangeItem.Act.ADD:
        return None
    row = resource.rows(actor, item.act).filter(pk=item.row_id).first()
    if row is None:
        raise SenError(
            _("Bản ghi không còn, hoặc người kiểm tra và người duyệt đều không có quyền ghi nó.")
        )
    if row.version != item.base_version:
        raise ConflictError(
            current_version=row.version,
            meanwhile=changes_since(row, item.base_version or 0),
            hint=_("Người soạn hãy lấy bản mới của bản ghi rồi trình lại."),
        )
    found: ScopedModel = row
    return found
