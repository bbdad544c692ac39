"""The schedule of a project and the reports of its progress."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.projects.choices import TaskKind
from sen.domains.projects.events import ProgressReported
from sen.domains.projects.models import Progress, Project, Task
from sen.domains.projects.services.figures import refresh
from sen.domains.projects.services.filling import (
    is_taken,
    join,
    need_choice,
    need_given,
    need_open,
    need_order,
    need_past,
    need_same_project,
    need_text,
    take_out,
)
from sen.domains.projects.services.ties import tie, waiting_for
from sen.kernel.access.context import as_system
from sen.kernel.access.filling import fill
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case

TASK: Final = (
    "work",
    "code",
    "name",
    "kind",
    "starts_at",
    "ends_at",
    "expected_at",
    "weight",
    "predecessors",
)
MOST_WEIGHT: Final = 1_000_000
WHOLE_PCT: Final = 100


@use_case("projects.task.add", act="projects.create_task")
def create_task(*, actor: Actor, project: Project, **values: Any) -> Task:
    """Add a task or a milestone to the schedule.

    Raises:
        InvalidInputError: by field.
    """
    row = Task()
    join(row, project)
    _put_task(row, values)
    return row


@use_case("projects.task.change", act="projects.update_task")
def update_task(
    *, actor: Actor, row: Task, version: int | None, reason: str = "", **values: Any
) -> Task:
    """Change a task; how far it is comes from reports.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    _put_task(row, values)
    return row


@use_case("projects.task.delete", act="projects.delete_task")
def delete_task(*, actor: Actor, row: Task, version: int | None, reason: str) -> None:
    """Take out a task of which nothing was reported.

    Raises:
        ConflictError: somebody changed it meanwhile, or there are reports.
    """
    check_version(row, version)
    project = row.project
    if waiting := waiting_for(row):
        raise ConflictError(
            _("Công việc %(codes)s đang chờ công việc này.") % {"codes": ", ".join(waiting)},
            hint=_("Hãy bỏ nó khỏi cột “công việc trước” của các công việc đó."),
        )
    take_out(row)
    refresh(project)


def _put_task(row: Task, values: dict[str, Any]) -> None:
    old_code = row.code
    fill(row, values, TASK)
    check = InputCheck()
    need_open(check, row.project)
    need_text(check, row, "code", "name")
    need_choice(check, row, "kind")
    need_given(check, row, "starts_at", "ends_at")
    need_order(check, row, "starts_at", "ends_at")
    need_same_project(check, row, "work")
    if row.kind == TaskKind.MILESTONE:
        row.weight = 0
    check.need(
        isinstance(row.weight, int) and 0 <= row.weight <= MOST_WEIGHT,
        "weight",
        _("Tỷ trọng là số nguyên từ 0 đến 1.000.000."),
    )
    if is_taken(row, project=row.project, code=row.code):
        check.add("code", _("Số thứ tự này đã có trong tiến độ của dự án."))
    tie(row, old_code, check)
    check.done()
    row.save()
    refresh(row.project)


@use_case("projects.progress.add", act="projects.report_task")
def report_task(*, actor: Actor, task: Task, on: date, pct: int, note: str = "") -> Progress:
    """Report how far one task is.

    Raises:
        InvalidInputError: it would fall below an earlier report, or lies ahead.
    """
    row = _report(task, on, pct, note)
    _tell(task.project, on)
    return row


@use_case("projects.progress.add", act="projects.report_progress")
def report_progress(
    *, actor: Actor, project: Project, on: date, done: Mapping[int, int], note: str = ""
) -> list[Progress]:
    """Report how far several tasks of a project are, by the id of the task; all or none.

    Raises:
        InvalidInputError: by field ``task_<id>``.
    """
    with as_system("tasks of a project that the actor reports on"):
        tasks = {task.pk: task for task in Task.objects.filter(project=project, pk__in=done)}
    check = InputCheck()
    rows: list[Progress] = []
    for task_id, pct in done.items():
        if task_id not in tasks:
            check.add(f"task_{task_id}", _("Công việc này không thuộc dự án."))
            continue
        try:
            rows.append(_report(tasks[task_id], on, pct, note))
        except InvalidInputError as error:
            for text in (text for texts in error.fields.values() for text in texts):
                check.add(f"task_{task_id}", text)
    check.done()
    if rows:
        _tell(project, on)
    return rows


@use_case("projects.progress.change", act="projects.update_progress")
def update_progress(
    *,
    actor: Actor,
    row: Progress,
    version: int | None,
    reason: str = "",
    on: date | None = None,
    pct: int | None = None,
    note: str | None = None,
) -> Progress:
    """Correct a report.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: the course of the task would fall.
    """
    check_version(row, version)
    row.on, row.pct = on or row.on, row.pct if pct is None else pct
    row.note = row.note if note is None else note
    _check_report(row)
    row.save()
    _follow_task(row.task)
    _tell(row.project, row.on)
    return row


@use_case("projects.progress.delete", act="projects.delete_progress")
def delete_progress(*, actor: Actor, row: Progress, version: int | None, reason: str) -> None:
    """Take out a report that was made by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    task, on = row.task, row.on
    take_out(row)
    _follow_task(task)
    _tell(task.project, on)


def _report(task: Task, on: date, pct: int, note: str) -> Progress:
    with as_system("a second report of the day replaces the first"):
        row = Progress.objects.filter(task=task, on=on).first() or Progress(task=task)
    join(row, task.project)
    row.on, row.pct = on, pct
    row.note = note or row.note
    _check_report(row)
    row.save()
    _follow_task(task)
    return row


def _check_report(row: Progress) -> None:
    check = InputCheck()
    need_open(check, row.project)
    need_given(check, row, "on", "pct")
    need_past(check, row, "on")
    is_pct = isinstance(row.pct, int) and 0 <= row.pct <= WHOLE_PCT
    check.need(is_pct, "pct", _("Lũy kế thực hiện là số nguyên từ 0 đến 100 %."))
    if is_pct and row.on is not None:
        with as_system("reports of a task never fall, whoever may see them"):
            others = Progress.objects.filter(task=row.task).exclude(pk=row.pk)
            low = others.filter(on__lt=row.on).aggregate(n=Max("pct"))["n"] or 0
            high = others.filter(on__gt=row.on).aggregate(n=Min("pct"))["n"]
        high = WHOLE_PCT if high is None else high
        check.need(
            low <= row.pct <= high,
            "pct",
            _("Lũy kế phải từ %(low)s %% (lần ghi trước) đến %(high)s %% (lần ghi sau).")
            % {"low": low, "high": high},
        )
    check.done()


def _follow_task(task: Task) -> None:
    """How far a task is, and when it really began and ended."""
    with as_system("a task follows from all its reports"):
        reports = Progress.objects.filter(task=task, pct__gt=0).order_by("on")
        first = reports.first()
        finished = reports.filter(pct=WHOLE_PCT).first()
        best = reports.aggregate(n=Max("pct"))["n"] or 0
        Task.objects.filter(pk=task.pk).update(
            done_pct=best,
            started_at=first.on if first else None,
            finished_at=finished.on if finished else None,
        )


def _tell(project: Project, on: date) -> None:
    kept = refresh(project)
    actual = None if kept.actual_pct is None else float(kept.actual_pct)
    publish(
        ProgressReported(project_id=kept.pk, on=on or timezone.localdate(), actual_pct=actual),
        key=kept.pk,
        on=kept,
    )
