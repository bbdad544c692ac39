"""Steps, changes and talk of a set; what is to do with a task; changes under way of a record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from sen.domains.stewardship.choices import DutyKind, Stage, TaskStatus
from sen.domains.stewardship.models import ChangeItem, ChangeSet, DataSet, Obligation, UpdateTask
from sen.domains.stewardship.selectors import items_of, open_sets_of, pending_for
from sen.domains.stewardship.services import url_of
from sen.domains.stewardship.web import book
from sen.kernel.access.models import ScopedModel
from sen.kernel.quality.checks import checks
from sen.kernel.quality.showing import faults_url
from sen.kernel.web.register.links import WORK, base_of, list_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources

PAGE = 50
ORDER = (Stage.DRAFT, Stage.CHECKING, Stage.APPROVING, Stage.APPLIED)
TITLES = (_("Soạn"), _("Kiểm tra"), _("Duyệt"), _("Áp dụng"))
M = TypeVar("M", bound=ScopedModel)
ACT_TONES = {"add": "ok", "change": "info", "delete": "danger"}


@panel("stewardship.change-sets", title=_("Tiến trình"), order=-10)
def steps(page: PanelContext) -> PanelBody | None:
    """Where the set stands, and what this person may do with it."""
    row = page.row
    if not isinstance(row, ChangeSet):
        return None
    stage = Stage(row.status)
    is_over = stage in (Stage.WITHDRAWN, Stage.REVERSED)
    at = ORDER.index(stage) + 1 if stage in ORDER else len(ORDER)
    mine = page.actor.id == row.author_id
    scope = page.actor.scope
    may_change = scope(row.access, "change").allows(row)
    may_check = scope(row.access, "check").allows(row) and not mine
    may_approve = scope(row.access, "approve").allows(row) and not mine
    may_approve = may_approve and page.actor.id != row.checked_by_id
    open_stages = (Stage.DRAFT, Stage.CHECKING, Stage.APPROVING)
    returned = row.steps[-1] if row.steps and stage is Stage.DRAFT else {}
    context = {
        "row": row,
        "steps": TITLES,
        "at": len(TITLES) + 1 if stage is Stage.APPLIED else at,
        "is_over": is_over,
        "returned": returned if returned.get("tone") == "warn" else None,
        "is_mine_waiting": mine and stage in (Stage.CHECKING, Stage.APPROVING),
        "can": {
            "submit": stage is Stage.DRAFT and may_change,
            "take_back": stage in (Stage.CHECKING, Stage.APPROVING) and mine,
            "check": stage is Stage.CHECKING and may_check,
            "approve": stage is Stage.APPROVING and may_approve,
            "withdraw": stage in open_stages and may_change,
            "reverse": stage is Stage.APPLIED and page.actor.may("stewardship.changeset.add"),
        },
        "reverses": row.reverses if row.reverses_id else None,
    }
    return PanelBody("stewardship/steps.html", context)


@panel("stewardship.change-sets", title=_("Các thay đổi: trước và sau"), order=10, wide=True)
def changes(page: PanelContext) -> PanelBody | None:
    """Every change that this person may see."""
    row = page.row
    if not isinstance(row, ChangeSet):
        return None
    text = page.request.GET.get("tu", "")
    first = int(text) if text.isdigit() else 0
    found = items_of(row, page.actor, first=first, most=PAGE)
    is_draft = row.status == Stage.DRAFT
    may_change = is_draft and page.actor.scope(row.access, "change").allows(row)
    context = {
        "row": row,
        "items": [
            {"shown": item, "tone": ACT_TONES[item.item.act], "act": item.item.get_act_display()}
            for item in found
        ],
        "hidden": max(0, min(PAGE, row.item_count - first) - len(found)),
        "may_change": may_change,
        "next_url": f"?tu={first + PAGE}" if first + PAGE < row.item_count else "",
        "prev_url": f"?tu={max(0, first - PAGE)}" if first else "",
    }
    return PanelBody("stewardship/changes.html", context)


@panel("stewardship.change-sets", title=_("Nhật ký và ý kiến"), order=20)
def talk(page: PanelContext) -> PanelBody | None:
    """What happened to the set, the newest first, and a line for a comment."""
    row = page.row
    if not isinstance(row, ChangeSet):
        return None
    entries = [step | {"at": datetime.fromisoformat(step["at"])} for step in reversed(row.steps)]
    may_comment = page.actor.is_authenticated and page.actor.id is not None
    return PanelBody(
        "stewardship/talk.html", {"row": row, "entries": entries, "may_comment": may_comment}
    )


@panel("stewardship.tasks", title=_("Thực hiện"), order=-10)
def doing(page: PanelContext) -> PanelBody | None:
    """What this person may do with a task."""
    task = page.row
    if not isinstance(task, UpdateTask):
        return None
    is_open = task.status in (TaskStatus.OPEN, TaskStatus.SUBMITTED)
    may_do = is_open and page.actor.scope(task.access, "change").allows(task)
    days = (task.due_on - localdate()).days
    with_sets = may_do and page.actor.may("stewardship.changeset.add")
    change_set = _seen(page, ChangeSet, task.change_set_id)
    obligation = _seen(page, Obligation, task.obligation_id)
    context: dict[str, Any] = {
        "task": task,
        "is_open": is_open,
        "may_do": may_do and task.status == TaskStatus.OPEN,
        "may_cancel": is_open and page.actor.scope(task.access, "cancel").allows(task),
        "days_left": days,
        "days_late": -days,
        "is_report": task.kind in (DutyKind.REPORT, DutyKind.PUBLISH),
        "sets": open_sets_of(page.actor) if with_sets and not task.change_set_id else [],
        "with_sets": with_sets and not task.change_set_id,
        "set": change_set,
        "set_url": url_of(change_set) if change_set else "",
        "data": _data_of(task, _seen(page, DataSet, task.data_set_id)),
        "legal": obligation.legal_ref if obligation else "",
    }
    return PanelBody("stewardship/doing.html", context)


def _seen(page: PanelContext, model: type[M], row_id: int | None) -> M | None:
    """What a task refers to, unless it is not for this person."""
    return (
        None if row_id is None else model.objects.visible_to(page.actor).filter(pk=row_id).first()
    )


def _data_of(task: UpdateTask, data_set: DataSet | None) -> dict[str, str] | None:
    """The list of the rows that a task is about."""
    check = checks.get(task.check_key) if task.check_key else None
    if check is not None:
        resource = resources[check.register]
        return {"title": str(check.title), "url": faults_url(resource, check)}
    found = resources.get(data_set.register_key) if data_set else None
    if found is None or data_set is None:
        return None
    narrowed = {"OWNER": ("owner_org", task.owner_org_id), "AREA": ("area", task.area_id)}
    name, value = narrowed.get(data_set.slice_by, ("", None))
    query = f"?{name}={value}" if name in found.filters_by_name else ""
    return {"title": str(found.title), "url": f"{list_url(found)}{query}"}


def _pending(page: PanelContext) -> QuerySet[ChangeItem] | None:
    if page.resource.domain == book.OWN or base_of(page.request) != WORK:
        return None
    return pending_for(page.resource.key, page.row.pk, page.actor)


@panel(
    "*",
    title=_("Thay đổi đang chờ duyệt"),
    order=-5,
    permission="stewardship.changeset.view",
    asks={"pending": _pending},
)
def under_way(page: PanelContext) -> PanelBody | None:
    """That somebody is about to change this record, before another one does."""
    found = _pending(page)
    if found is None or not page.has("pending"):
        return None
    items = [
        {"item": item, "url": url_of(item.change_set), "act": _said(item), "set": item.change_set}
        for item in found
    ]
    return PanelBody("stewardship/under_way.html", {"items": items})


def _said(item: ChangeItem) -> str:
    names = ", ".join(entry["label"] for entry in item.shown[:4])
    return say("%(act)s: %(fields)s") % {"act": item.get_act_display(), "fields": names}
