"""What is to be done: by person, by unit, by month; and who was punctual."""

from __future__ import annotations

from calendar import Calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate

from sen.domains.stewardship.choices import Slice, TaskStatus
from sen.domains.stewardship.models import DataSet, UpdateTask
from sen.domains.stewardship.rules import Punctuality
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor

MOST: Final = 200
#: Days ahead that count as soon.
SOON_DAYS: Final = 7
WAITING: Final = (TaskStatus.OPEN.value, TaskStatus.SUBMITTED.value)


@dataclass(frozen=True, slots=True)
class Board:
    """Tasks of a board by urgency, in order of their due days."""

    overdue: list[UpdateTask]
    soon: list[UpdateTask]
    later: list[UpdateTask]
    waiting: list[UpdateTask]

    @property
    def count(self) -> int:
        return len(self.overdue) + len(self.soon) + len(self.later)


def unit_ids(actor: Actor) -> list[int]:
    """The actor's unit: the organisation up to below the province, and everything under it."""
    own = Organisation.objects.filter(pk=actor.organisation_id or 0).first()
    if own is None:
        return []
    above = [int(part) for part in own.path.strip("/").split("/") if part]
    rows = Organisation.objects.filter(
        Q(path__startswith=own.path)
        | (Q(pk__in=above) & ~Q(kind=Organisation.Kind.PROVINCE))
        | Q(pk=own.pk)
    )
    return list(rows.values_list("pk", flat=True))


def _tasks(actor: Actor, whose: str) -> Any:
    rows = UpdateTask.objects.visible_to(actor).select_related(
        "owner_org", "assignee", "data_set", "change_set", "obligation"
    )
    if whose == "toi":
        me = actor.id or 0
        return rows.filter(Q(assignee_id=me) | Q(data_set__deputy_id=me))
    if whose == "don-vi":
        return rows.filter(owner_org_id__in=unit_ids(actor))
    return rows


def board(actor: Actor, whose: str, today: date) -> Board:
    """What waits: ``whose`` is toi, don-vi or tat-ca."""
    found = list(
        _tasks(actor, whose)
        .filter(status__in=WAITING, opens_on__lte=today)
        .order_by("due_on", "id")[:MOST]
    )
    todo = [task for task in found if task.status == TaskStatus.OPEN.value]
    soon = today + timedelta(days=SOON_DAYS)
    return Board(
        overdue=[task for task in todo if task.due_on < today],
        soon=[task for task in todo if today <= task.due_on <= soon],
        later=[task for task in todo if task.due_on > soon],
        waiting=[task for task in found if task.status == TaskStatus.SUBMITTED.value],
    )


def month_of(actor: Actor, whose: str, first: date) -> list[list[dict[str, Any]]]:
    """The weeks of a month, each day with its tasks, those that are done too."""
    weeks = Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    rows = _tasks(actor, whose).exclude(status=TaskStatus.CANCELLED.value)
    rows = rows.filter(due_on__gte=weeks[0][0], due_on__lte=weeks[-1][-1])
    by_day: dict[date, list[UpdateTask]] = defaultdict(list)
    for task in rows.order_by("due_on", "id")[:MOST]:
        by_day[task.due_on].append(task)
    return [
        [
            {"on": day, "is_other": day.month != first.month, "tasks": by_day.get(day, [])}
            for day in week
        ]
        for week in weeks
    ]


def punctuality(actor: Actor, since: date, today: date) -> list[tuple[Organisation, Punctuality]]:
    """How punctual each unit was with what was due since a day; the worst first."""
    rows = UpdateTask.objects.visible_to(actor).filter(due_on__gte=since)
    done = Q(status=TaskStatus.DONE.value)
    on_time = done & Q(done_on__lte=F("due_on"))
    counted = (
        rows.annotate(done_on=TruncDate("done_at"))
        .order_by()
        .values("owner_org_id")
        .annotate(
            on_time=Count("pk", filter=on_time),
            done=Count("pk", filter=done),
            overdue=Count("pk", filter=Q(status__in=WAITING, due_on__lt=today)),
            waiting=Count("pk", filter=Q(status__in=WAITING, due_on__gte=today)),
        )
    )
    figures = {
        item["owner_org_id"]: Punctuality(
            item["on_time"], item["done"] - item["on_time"], item["overdue"], item["waiting"]
        )
        for item in counted
    }
    owners = Organisation.objects.filter(pk__in=figures)
    found = [(owner, figures[owner.pk]) for owner in owners]
    return sorted(found, key=_worst_first)


def _worst_first(pair: tuple[Organisation, Punctuality]) -> tuple[float, int, str]:
    percent = pair[1].on_time_percent
    return (101.0 if percent is None else percent, -pair[1].overdue, pair[0].name)


def data_sets_for(
    actor: Actor, register_key: str, owner_ids: Sequence[int], area_paths: Sequence[str]
) -> list[DataSet]:
    """The data sets of a register that hold rows of some owners or places."""
    seen = DataSet.objects.visible_to(actor).filter(register_key=register_key, is_active=True)
    rows = seen.select_related("owner_org", "area")
    return [
        row
        for row in rows.order_by("id")
        if row.slice_by == Slice.WHOLE
        or (row.slice_by == Slice.OWNER and row.owner_org_id in owner_ids)
        or (
            row.slice_by == Slice.AREA
            and any(path.startswith(row.area.path) for path in area_paths)
        )
    ]
