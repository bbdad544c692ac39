"""Schedules as the rules compute with them."""

from __future__ import annotations

from datetime import date

from django.db.models import Value

from sen.domains.projects.choices import Status, TaskKind
from sen.domains.projects.data import CurvePoint, Mark, Paid, TaskLine
from sen.domains.projects.models import Payment, Progress, Project
from sen.domains.projects.rules import Standing, actual_whole, percent, planned_whole, s_curve
from sen.domains.projects.selectors.projects import BUILT, parts_of, tasks_of
from sen.kernel.access.scope import Actor
from sen.kernel.memo import remembered


@remembered
def task_lines(actor: Actor, project: Project) -> list[TaskLine]:
    """The tasks that weigh something."""
    return [
        TaskLine(task.pk, task.starts_at, task.ends_at, task.weight)
        for task in tasks_of(actor, project)
        if task.kind == TaskKind.TASK and task.weight > 0
    ]


def marks_of(actor: Actor, project: Project) -> list[Mark]:
    """All reports of progress."""
    return _recorded(actor, project)[0]


@remembered
def _recorded(actor: Actor, project: Project) -> tuple[list[Mark], list[Paid]]:
    """Reports of progress and payments, which every picture of a project needs, read at once."""
    marks = parts_of(actor, Progress, project).order_by()
    paid = parts_of(actor, Payment, project).order_by()
    rows = marks.values_list(Value("mark"), "task_id", "on", "pct").union(
        paid.values_list(Value("paid"), "contract_id", "paid_at", "amount_vnd"), all=True
    )
    found: tuple[list[Mark], list[Paid]] = ([], [])
    for what, task_id, on, number in rows:
        if what == "mark":
            found[0].append(Mark(task_id, on, number))
        else:
            found[1].append(Paid(on, number))
    return found


def standing_of(actor: Actor, project: Project, today: date) -> Standing:
    """How far the project should be and is."""
    lines = task_lines(actor, project)
    is_over = project.step in BUILT or project.status == Status.CANCELLED
    return Standing(
        is_over,
        percent(planned_whole(lines, today)),
        percent(actual_whole(lines, marks_of(actor, project), today)),
        project.due_at,
    )


def curve_of(actor: Actor, project: Project, today: date) -> list[CurvePoint]:
    """The S-curve as far as the actor sees schedule, reports and payments."""
    return s_curve(
        task_lines(actor, project),
        *_recorded(actor, project),
        total_vnd=project.total_vnd,
        today=today,
    )
