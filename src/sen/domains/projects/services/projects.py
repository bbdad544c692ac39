"""Entering, changing and taking out projects."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.projects.course import COURSE
from sen.domains.projects.events import ProjectChanged
from sen.domains.projects.models import Project, ProjectPart
from sen.domains.projects.services.figures import refresh
from sen.domains.projects.services.filling import (
    is_taken,
    need_amount,
    need_choice,
    need_given,
    need_order,
    need_text,
    take_out,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.filling import fill
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case

VALUES: Final = (
    "code",
    "name",
    "kind",
    "group",
    "field",
    "objective",
    "scale",
    "investor",
    "manager",
    "manager_person",
    "road",
    "starts_at",
    "due_at",
    "proposed_vnd",
    "owner_org",
    "area",
    "data_class",
    "is_demo",
)


@use_case("projects.project.add", act="projects.create_project")
def create_project(*, actor: Actor, **values: Any) -> Project:
    """Enter a project; it stands on the first step of the course.

    Raises:
        InvalidInputError: by field: empty or unknown values, a taken code, dates out of order.
    """
    row = Project(stage=COURSE.first.stage, step=COURSE.first.code, step_since=timezone.localdate())
    _put(row, values)
    publish(ProjectChanged(project_id=row.pk, code=row.code, created=True), key=row.pk, on=row)
    return row


@use_case("projects.project.change", act="projects.update_project")
def update_project(
    *, actor: Actor, row: Project, version: int | None, reason: str = "", **values: Any
) -> Project:
    """Change what describes a project; its parts follow it to another owner or place.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    before = (row.owner_org_id, row.area_id, row.data_class)
    _put(row, values)
    if before != (row.owner_org_id, row.area_id, row.data_class):
        _carry_parts(row)
    refresh(row)
    publish(ProjectChanged(project_id=row.pk, code=row.code), key=row.pk, on=row)
    return row


@use_case("projects.project.delete", act="projects.delete_project")
def delete_project(*, actor: Actor, row: Project, version: int | None, reason: str) -> None:
    """Take out a project that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile, or parts hang on it.
    """
    check_version(row, version)
    take_out(row)


def _put(row: Project, values: dict[str, Any]) -> None:
    fill(row, values, VALUES)
    check = InputCheck()
    need_text(check, row, "code", "name")
    need_choice(check, row, "kind", "group", "field")
    need_given(check, row, "investor", "owner_org", "area")
    need_amount(check, row, "proposed_vnd")
    need_order(check, row, "starts_at", "due_at")
    if is_taken(row, code=row.code):
        check.add("code", _("Mã này đã có dự án khác dùng; hãy chọn mã khác."))
    check.done()
    row.save()


def _carry_parts(project: Project) -> None:
    """Parts belong where their project belongs; works keep the commune in which they lie."""
    with as_system("parts follow their project"):
        for model in _part_models():
            has_place = any(field.name == "geom" for field in model._meta.fields)
            values: dict[str, Any] = {
                "owner_org_id": project.owner_org_id,
                "data_class": max(project.data_class, model.own_class.value),
            }
            if not has_place:
                values["area_id"] = project.area_id
            model.objects.filter(project=project).update(**values)


def _part_models() -> list[type[ProjectPart]]:
    from django.apps import apps

    found: list[type[Model]] = list(apps.get_app_config("projects").get_models())
    return [model for model in found if issubclass(model, ProjectPart)]
