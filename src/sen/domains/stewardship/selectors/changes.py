"""What a set holds, for one person: only changes of records that they may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from sen.domains.stewardship.choices import Stage
from sen.domains.stewardship.models import ChangeItem, ChangeSet
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import Resource, resources


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A change as it may be shown; ``is_stale``: the record changed after the author saw it."""

    item: ChangeItem
    register: str
    url: str
    rows: list[dict[str, Any]]
    is_stale: bool


def items_of(change_set: ChangeSet, actor: Actor, *, first: int = 0, most: int = 50) -> list[Any]:
    """The changes of a set that the actor may see, with before and after."""
    found = list(
        ChangeItem.objects.visible_to(actor)
        .filter(change_set=change_set)
        .order_by("position")[first : first + most]
    )
    records = _records(found, actor)
    shown = [_shown(item, records, actor) for item in found]
    return [item for item in shown if item is not None]


def _records(items: Sequence[ChangeItem], actor: Actor) -> dict[tuple[str, int], ScopedModel]:
    """The records behind the changes, as far as the actor may see them: one query a register."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for item in items:
        if item.row_id is not None:
            wanted[item.register].append(item.row_id)
    found: dict[tuple[str, int], ScopedModel] = {}
    for key, ids in wanted.items():
        resource = resources.get(key)
        if resource is not None:
            rows = resource.rows(actor).filter(pk__in=ids)
            found |= {(key, row.pk): row for row in rows}
    return found


def _shown(
    item: ChangeItem, records: dict[tuple[str, int], ScopedModel], actor: Actor
) -> ShownItem | None:
    resource = resources.get(item.register)
    if resource is None:
        return None
    record = records.get((item.register, item.row_id or 0))
    if record is None and item.act == ChangeItem.Act.CHANGE:
        return None  # not for this person, or no more
    guard = record if record is not None else _guard(resource, item)
    hidden = actor.scope(resource.rule).masked(guard)
    labels = _labels(resource)
    rows = [
        entry | {"label": labels.get(entry["name"], entry["label"])}
        for entry in item.shown
        if entry["name"] not in hidden
    ]
    return ShownItem(
        item=item,
        register=str(resource.title),
        url=detail_url(resource, record.pk) if record is not None else "",
        rows=rows,
        is_stale=record is not None
        and item.written_version is None
        and record.version != item.base_version,
    )


def _guard(resource: Resource[Any], item: ChangeItem) -> dict[str, Any]:
    """What the rule of the register asks of a record that is not there (yet, or any more)."""
    rule = resource.rule
    return {
        rule.class_field: item.data_class,
        rule.org_field: item.owner_org_id,
        rule.area_field: item.area_id,
        rule.subject_field or "": None,
    }


def _labels(resource: Resource[Any]) -> dict[str, str]:
    """Names of fields in the language of the reader."""
    return {item.name: resource.label_of(item) for item in resource.form_fields}


def open_sets_of(actor: Actor) -> list[ChangeSet]:
    """The actor's own drafts, the newest first."""
    rows = ChangeSet.objects.visible_to(actor).filter(author_id=actor.id or 0)
    return list(rows.filter(status=Stage.DRAFT.value).order_by("-id")[:20])


def pending_for(register: str, row_id: int, actor: Actor) -> QuerySet[ChangeItem]:
    """Changes of one record that are under way."""
    under_way = [Stage.DRAFT.value, Stage.CHECKING.value, Stage.APPROVING.value]
    rows = ChangeItem.objects.visible_to(actor).filter(register=register, row_id=row_id)
    seen = ChangeSet.objects.visible_to(actor).filter(status__in=under_way)
    found: QuerySet[ChangeItem] = rows.filter(change_set__in=seen)
    return found.select_related("change_set__author")
