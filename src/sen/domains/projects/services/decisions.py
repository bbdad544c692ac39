"""Decisions and obstacles of a project."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.projects.course import COURSE
from sen.domains.projects.events import DecisionRecorded, RiskChanged
from sen.domains.projects.models import Decision, Project, Risk
from sen.domains.projects.services.figures import refresh
from sen.domains.projects.services.filling import (
    is_taken,
    join,
    need_amount,
    need_choice,
    need_given,
    need_open,
    need_order,
    need_past,
    need_text,
    take_out,
)
from sen.kernel.access.filling import fill
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case

DECISION: Final = ("kind", "number", "issued_at", "issuer", "summary", "total_vnd", "due_at")
RISK: Final = (
    "kind",
    "level",
    "description",
    "solution",
    "responsible",
    "raised_at",
    "due_at",
    "resolved_at",
)


@use_case("projects.decision.add", act="projects.record_decision")
def record_decision(*, actor: Actor, project: Project, **values: Any) -> Decision:
    """Record a decision; one that approves sets the total investment and the end of the time.

    Raises:
        InvalidInputError: by field.
    """
    row = Decision()
    join(row, project)
    _put_decision(row, values)
    return row


@use_case("projects.decision.change", act="projects.update_decision")
def update_decision(
    *, actor: Actor, row: Decision, version: int | None, reason: str = "", **values: Any
) -> Decision:
    """Correct a decision.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    _put_decision(row, values)
    return row


@use_case("projects.decision.delete", act="projects.delete_decision")
def delete_decision(*, actor: Actor, row: Decision, version: int | None, reason: str) -> None:
    """Take out a decision that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile, or a capital plan rests on it.
    """
    check_version(row, version)
    project = row.project
    take_out(row)
    refresh(project)


def _put_decision(row: Decision, values: dict[str, Any]) -> None:
    fill(row, values, DECISION)
    check = InputCheck()
    need_open(check, row.project)
    need_choice(check, row, "kind")
    need_text(check, row, "number", "issuer")
    need_given(check, row, "issued_at")
    need_past(check, row, "issued_at")
    need_amount(check, row, "total_vnd", least=1)
    kind = COURSE.by_decision.get(row.kind)
    if kind is not None:
        check.need(
            not kind.sets_total or row.total_vnd,
            "total_vnd",
            _("Quyết định loại này phải ghi tổng mức đầu tư được duyệt."),
        )
    need_order(check, row, "issued_at", "due_at")
    if is_taken(row, project=row.project, number=row.number, issued_at=row.issued_at):
        check.add("number", _("Quyết định này đã được ghi cho dự án."))
    check.done()
    row.save()
    refresh(row.project)
    publish(
        DecisionRecorded(
            project_id=row.project_id,
            decision_id=row.pk,
            kind=row.kind,
            number=row.number,
            issued_at=row.issued_at,
        ),
        key=row.project_id,
        on=row,
    )


@use_case("projects.risk.add", act="projects.raise_risk")
def raise_risk(*, actor: Actor, project: Project, **values: Any) -> Risk:
    """Record an obstacle.

    Raises:
        InvalidInputError: by field.
    """
    row = Risk()
    join(row, project)
    _put_risk(row, values)
    return row


@use_case("projects.risk.change", act="projects.update_risk")
def update_risk(
    *, actor: Actor, row: Risk, version: int | None, reason: str = "", **values: Any
) -> Risk:
    """Change an obstacle, or note that it is resolved.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    _put_risk(row, values)
    return row


@use_case("projects.risk.delete", act="projects.delete_risk")
def delete_risk(*, actor: Actor, row: Risk, version: int | None, reason: str) -> None:
    """Take out an obstacle that was entered by mistake; one that is over gets its day instead.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    take_out(row)


def _put_risk(row: Risk, values: dict[str, Any]) -> None:
    fill(row, values, RISK)
    check = InputCheck()
    need_choice(check, row, "kind", "level")
    need_text(check, row, "description")
    need_given(check, row, "raised_at")
    need_past(check, row, "raised_at", "resolved_at")
    need_order(check, row, "raised_at", "due_at")
    need_order(check, row, "raised_at", "resolved_at")
    check.done()
    row.save()
    publish(
        RiskChanged(
            project_id=row.project_id,
            risk_id=row.pk,
            level=row.level,
            resolved=row.resolved_at is not None,
        ),
        key=row.project_id,
        on=row,
    )
