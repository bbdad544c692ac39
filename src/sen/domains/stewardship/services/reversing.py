"""Undoing an applied set by another one, and renewing what a change starts from."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from sen.domains.stewardship.choices import Stage
from sen.domains.stewardship.models import ChangeItem, ChangeSet
from sen.domains.stewardship.services.changesets import begin_set
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError
from sen.kernel.usecase import use_case
from sen.kernel.web.register.proposing import KEPT_IN, KeptForm, posted_value, said
from sen.kernel.web.register.resource import resources

_BACK = {
    ChangeItem.Act.ADD: ChangeItem.Act.DELETE,
    ChangeItem.Act.CHANGE: ChangeItem.Act.CHANGE,
    ChangeItem.Act.DELETE: ChangeItem.Act.ADD,
}


@use_case("stewardship.changeset.add", act="stewardship.changeset.reverse")
def reverse_set(*, actor: Actor, row: ChangeSet, reason: str = "") -> ChangeSet:
    """A draft that takes an applied set back; it is checked and approved as any other.

    Raises:
        ConflictError: the set is not applied, is being reversed already, or made a record that
            its register cannot delete (or deleted one that it cannot make).
    """
    if row.status != Stage.APPLIED:
        raise ConflictError(_("Chỉ hoàn nguyên được bộ thay đổi đã áp dụng."))
    with as_system("is a set being reversed already"):
        underway = ChangeSet.objects.filter(reverses=row).exclude(status=Stage.WITHDRAWN.value)
        other = underway.first()
        items = list(ChangeItem.objects.filter(change_set=row).order_by("-position"))
    if other is not None:
        raise ConflictError(_("Bộ %(code)s đã hoàn nguyên bộ này.") % {"code": other.code})
    made = begin_set(
        actor=actor,
        title=_("Hoàn nguyên %(code)s") % {"code": row.code},
        area=row.area,
        owner_org=row.owner_org,
        note=reason,
        reverses=row,
        is_demo=row.is_demo,
    )
    with as_system("write the reverse of a set"):
        for position, item in enumerate(items, 1):
            _turned(item, made, actor, position).save()
        made.item_count = len(items)
        made.save()
    return made


def _turned(item: ChangeItem, made: ChangeSet, actor: Actor, position: int) -> ChangeItem:
    """One change the other way round.

    Raises:
        ConflictError: the register has no service for it.
    """
    act = _BACK[ChangeItem.Act(item.act)]
    resource = resources.get(item.register)
    service = {
        ChangeItem.Act.ADD: resource.create if resource else None,
        ChangeItem.Act.CHANGE: resource.update if resource else None,
        ChangeItem.Act.DELETE: resource.delete if resource else None,
    }[act]
    if service is None:
        raise ConflictError(
            _("“%(name)s” không hoàn nguyên tự động được: danh mục không có thao tác ngược.")
            % {"name": item.label}
        )
    back = [entry | {"before": entry["after"], "after": entry["before"]} for entry in item.shown]
    return ChangeItem(
        change_set=made,
        author_id=actor.id or made.author_id,
        position=position,
        register=item.register,
        act=act,
        row_id=None if act is ChangeItem.Act.ADD else item.row_id,
        base_version=None if act is ChangeItem.Act.ADD else item.written_version,
        label=item.label,
        values=item.before if act is not ChangeItem.Act.DELETE else {},
        before=item.values,
        shown=back,
        reason=_("hoàn nguyên %(code)s") % {"code": item.change_set.code},
        owner_org_id=item.owner_org_id,
        area_id=item.area_id,
        data_class=item.data_class,
        is_demo=item.is_demo,
    )


def fresh_before(item: ChangeItem) -> None:
    """Let a change start from its record as it stands now.

    Raises:
        ConflictError: the record is gone.
    """
    resource = resources.get(item.register)
    with as_system("the record as it stands now") as house:
        row = resource.rows(house).filter(pk=item.row_id).first() if resource else None
        if resource is None or row is None:
            raise ConflictError(_("Bản ghi không còn; hãy bỏ thay đổi này khỏi bộ."))
        with override(KEPT_IN):
            form = KeptForm(resource, house, row, item.values)
            form.full_clean()
            for entry in item.shown:
                name = entry["name"]
                if name in form.fields:
                    stored = form.initial.get(name)
                    item.before[name] = posted_value(form.fields[name], stored)
                    entry["before"] = said(form.fields[name], stored)
        item.base_version = row.version
