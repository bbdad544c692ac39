"""Schedules as the rules compute with them."""

from __future__ import annotations

from datetime import date

from sen.domains.projects.choices import Status, TaskKind
from sen.domains.projects.data import CurvePoint, Mark, Paid, TaskLine
from sen.domains.projects.models import Payment, Progress, Project, Task
from sen.domains.projects.rules import Standing, actual_whole, percent, planned_whole, s_curve
from sen.domains.projects.selectors.projects import BUILT, parts_of
from sen.kernel.access.scope import Actor
from sen.kernel.memo import remembered


@remembered
def task_lines(actor: Actor, project: Project) -> list[TaskLine]:
    """The tasks that weigh something."""
    rows = parts_of(actor, Task, project).filter(kind=TaskKind.TASK.value, weight__gt=0)
    return [TaskLine(*row) for row in rows.values_list("pk", "starts_at", "ends_at", "weight")]


@remembered
def marks_of(actor: Actor, project: Project) -> list[Mark]:
    """All reports of progress."""
    rows = parts_of(actor, Progress, project).values_list("task_id", "on", "pct")
    return [Mark(*row) for row in rows]


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
    paid = parts_of(actor, Payment, project).values_list("paid_at", "amount_vnd")
    return s_curve(
        task_lines(actor, project),
        marks_of(actor, project),
        [Paid(*row) for row in paid],
        total_vnd=project.total_vnd,
        today=today,
    )
