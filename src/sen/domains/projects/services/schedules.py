"""A schedule from a file of a planning tool: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.projects.models import Project, Task
from sen.domains.projects.services.tasks import create_task, update_task
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.imports.importer import ImportRow, Outcome
from sen.kernel.usecase import use_case

PLAIN: Final = ("name", "kind", "starts_at", "ends_at", "expected_at", "weight")
MOST_DAYS: Final = 3650


@use_case("projects.task.import", act="projects.import_schedule", check_result=False)
def import_schedule(*, actor: Actor, rows: Sequence[ImportRow], project: str = "") -> Outcome:
    """Enter or change tasks by project and code; empty cells keep what is there.

    Ties are written last, when all tasks that they name are there.
    """
    outcome = Outcome()
    codes = {str(row.values.get("project") or project) for row in rows}
    projects = {row.code: row for row in Project.objects.visible_to(actor).filter(code__in=codes)}
    known = Task.objects.visible_to(actor).filter(project__in=list(projects.values()))
    tasks = {(task.project_id, task.code): task for task in known.select_related("project")}
    seen: dict[tuple[int, str], int] = {}
    placed: list[tuple[ImportRow, Task]] = []
    for row in rows:
        of = projects.get(str(row.values.get("project") or project))
        if of is None:
            text = _("Không có dự án mã này trong phạm vi bạn được xem.")
            outcome.fault(row, "project", text, row.values.get("project") or project)
            continue
        key = of.pk, str(row.values.get("code") or "")
        if key in seen:
            text = _("Số thứ tự này đã có ở dòng %(row)s của cùng dự án.") % {"row": seen[key]}
            outcome.fault(row, "code", text, key[1])
            continue
        seen[key] = row.number
        task = _put(outcome, actor, row, of, tasks.get(key))
        if task is not None:
            placed.append((row, task))
    for row, task in placed:
        _tie(outcome, actor, row, task)
    return outcome


def _put(
    outcome: Outcome, actor: Actor, row: ImportRow, project: Project, task: Task | None
) -> Task | None:
    """Write what a row says of its task but its ties; None when that is wrong."""
    values = _values(row.values)
    try:
        if task is None:
            made: Task = create_task(
                actor=actor, project=project, code=row.values.get("code"), **values
            )
            outcome.created += 1
            return made
        changed = {name: v for name, v in values.items() if getattr(task, name) != v}
        ties = row.values.get("predecessors")
        if changed:
            task = update_task(actor=actor, row=task, version=None, **changed)
        is_same = not changed and ties in (None, task.predecessors)
        outcome.unchanged += is_same
        outcome.updated += not is_same
        return task
    except SenError as error:
        _complain(outcome, row, error)
        return None


def _tie(outcome: Outcome, actor: Actor, row: ImportRow, task: Task) -> None:
    ties = row.values.get("predecessors")
    if ties in (None, task.predecessors):
        return
    try:
        # Writing other rows of the file may have touched this one.
        fresh = Task.objects.select_related("project").get(pk=task.pk)
        update_task(actor=actor, row=fresh, version=None, predecessors=ties)
    except SenError as error:
        _complain(outcome, row, error)


def _complain(outcome: Outcome, row: ImportRow, error: SenError) -> None:
    for name, texts in error.fields.items() or [("", [str(error)])]:
        for text in texts:
            outcome.fault(row, name, text, row.values.get(name))


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row; the last day follows from the first one and the number of days."""
    values = {name: given[name] for name in PLAIN if given.get(name) is not None}
    days, start = given.get("days"), values.get("starts_at")
    if "ends_at" not in values and days is not None and isinstance(start, date):
        span = min(max(int(days), 1), MOST_DAYS)
        values["ends_at"] = start + timedelta(days=span - 1)
    return values
