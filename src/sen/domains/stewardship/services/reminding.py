"""Reminders before the due day, and word to superiors after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from sen.domains.stewardship.choices import TaskStatus
from sen.domains.stewardship.models import UpdateTask
from sen.domains.stewardship.rules import level_due, reminder_due
from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import Organisation, User
from sen.kernel.access.people import holders_of
from sen.kernel.access.scope import Actor
from sen.kernel.notices.models import Notice
from sen.kernel.notices.services import notify
from sen.kernel.usecase import use_case

#: Without a duty of the calendar: handed over faults.
REMIND_DAYS: Final = (3, 0)
ESCALATE_DAYS: Final = (1, 5)


@use_case("stewardship.task.remind")
def send_reminders(*, actor: Actor, on: date) -> dict[str, int]:
    """Remind of what is due soon, and tell superiors of what is overdue; each once."""
    people = _People()
    sent = {"reminded": 0, "escalated": 0}
    waiting = UpdateTask.objects.visible_to(actor).filter(status=TaskStatus.OPEN.value)
    rows = waiting.select_related("obligation", "data_set", "owner_org", "assignee")
    for task in rows.order_by("due_on", "id"):
        sent["reminded"] += _remind(task, on, people)
        sent["escalated"] += _escalate(task, on, people)
    return sent


class _People:
    """Who keeps and who oversees, read once for all tasks."""

    def __init__(self) -> None:
        self.keepers = holders_of("stewardship.task.change")
        self.overseers = holders_of("stewardship.task.oversee")
        self.parents = {org.pk: org for org in Organisation.objects.select_related("parent").all()}

    def who_do(self, task: UpdateTask) -> list[User]:
        """Whoever is named; else the people of the unit (and of its offices) who may do it."""
        named = [task.assignee] if task.assignee else []
        if task.data_set and task.data_set.deputy_id:
            named += [user for user in self.keepers if user.pk == task.data_set.deputy_id]
        if named:
            return [user for user in named if user.is_active]
        path = task.owner_org.path
        return [
            user
            for user in self.keepers
            if user.organisation is not None
            and user.organisation.path.startswith(path)
            and actor_for(user).scope(task.access, "change").allows(task)
        ]

    def superiors(self, task: UpdateTask, level: int) -> list[User]:
        """Those who oversee, ``level`` steps up; steps in which nobody does are passed over."""
        for org in self._above(task.owner_org):
            found = [
                user
                for user in self.overseers
                if user.organisation_id == org.pk
                and actor_for(user).scope(task.access).allows(task)
            ]
            level -= bool(found)
            if found and level == 0:
                return found
        return []

    def _above(self, org: Organisation) -> Iterator[Organisation]:
        at: Organisation | None = org
        while at is not None:
            yield at
            at = self.parents[at.parent_id] if at.parent_id else None


def task_url(task: UpdateTask) -> str:
    """The page of a task."""
    return f"/ql/stewardship/tasks/{task.pk}/"


def _remind(task: UpdateTask, on: date, people: _People) -> int:
    days_left = (task.due_on - on).days
    planned = task.obligation.remind_days if task.obligation else REMIND_DAYS
    now = reminder_due(days_left, planned, task.reminded)
    if now is None:
        return 0
    title = (
        _("Đến hạn hôm nay: %(task)s") % {"task": task.title}
        if days_left == 0
        else _("Còn %(n)s ngày: %(task)s") % {"n": days_left, "task": task.title}
    )
    notify(
        [user.pk for user in people.who_do(task)],
        key=f"task-{task.pk}-due-{now}",
        title=title,
        text=_("Hạn %(day)s, kỳ %(period)s.")
        % {"day": task.due_on.strftime("%d/%m/%Y"), "period": task.period},
        url=task_url(task),
        tone=Notice.Tone.WARN,
        is_demo=task.is_demo,
    )
    # Those that were passed are not sent afterwards.
    task.reminded = sorted({*task.reminded, *(days for days in planned if days >= now)})
    task.save()
    return 1


def _escalate(task: UpdateTask, on: date, people: _People) -> int:
    days_late = (on - task.due_on).days
    planned = task.obligation.escalate_days if task.obligation else ESCALATE_DAYS
    due = level_due(days_late, planned)
    if due <= task.level:
        return 0
    said = {"n": days_late, "task": task.title, "unit": task.owner_org.name}
    for level in range(task.level + 1, due + 1):
        notify(
            {user.pk for user in (*people.superiors(task, level), *people.who_do(task))},
            key=f"task-{task.pk}-late-{level}",
            title=_("Quá hạn %(n)s ngày: %(task)s") % said,
            text=_("Đơn vị: %(unit)s; hạn %(day)s.")
            % {"unit": task.owner_org.name, "day": task.due_on.strftime("%d/%m/%Y")},
            url=task_url(task),
            tone=Notice.Tone.DANGER,
            is_demo=task.is_demo,
        )
    task.level = due
    task.save()
    return 1
