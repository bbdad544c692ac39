"""The figures of a project that follow from its parts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from sen.domains.projects.choices import ContractStatus
from sen.domains.projects.course import COURSE
from sen.domains.projects.events import PaceChanged
from sen.domains.projects.models import Amendment, Contract, Decision, Funding, Payment, Project
from sen.domains.projects.rules import pace
from sen.domains.projects.selectors import standing_of
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.events import publish
from sen.kernel.usecase import use_case

_SETS_TOTAL = [kind.code for kind in COURSE.decisions if kind.sets_total]
_SETS_FINISH = [kind.code for kind in COURSE.decisions if kind.sets_finish]


def refresh(project: Project, *, today: date | None = None) -> Project:
    """Compute the figures of a project anew and keep them if they differ."""
    with as_system("figures follow from all parts, whoever may see them") as house:
        row = Project.objects.select_for_update().get(pk=project.pk)
        now = _figures(row) | {"due_at": _due(row)}
        before_pace = row.pace
        row.due_at = now["due_at"]
        standing = standing_of(house, row, today or timezone.localdate())
        now["actual_pct"] = None if standing.actual is None else standing.actual
        now["pace"] = pace(
            standing, today=today or timezone.localdate(), limits=COURSE.limits
        ).value
        stored = Project.objects.filter(pk=row.pk).values(*now).get()
        if not all(_same(stored[name], value) for name, value in now.items()):
            Project.objects.filter(pk=row.pk).update(**now)
        row = Project.objects.get(pk=row.pk)
        if row.pace != before_pace:
            publish(
                PaceChanged(project_id=row.pk, code=row.code, before=before_pace, now=row.pace),
                key=row.pk,
                on=row,
            )
    return row


def _same(stored: Any, value: Any) -> bool:
    if stored is None or value is None or isinstance(value, str | date):
        return bool(stored == value)
    return float(stored) == float(value)


def _figures(row: Project) -> dict[str, Any]:
    decided = (
        Decision.objects.filter(project=row, kind__in=_SETS_TOTAL, total_vnd__isnull=False)
        .order_by("-issued_at", "-id")
        .values_list("total_vnd", flat=True)
        .first()
    )
    contracts = Contract.objects.filter(project=row).exclude(
        Q(status=ContractStatus.TERMINATED.value) & Q(paid_vnd=0)
    )
    return {
        "total_vnd": decided or 0,
        "contracted_vnd": contracts.aggregate(n=Sum("current_vnd"))["n"] or 0,
        "allocated_vnd": Funding.objects.filter(project=row).aggregate(n=Sum("allocated_vnd"))["n"]
        or 0,
        "disbursed_vnd": Payment.objects.filter(project=row).aggregate(n=Sum("amount_vnd"))["n"]
        or 0,
    }


def _due(row: Project) -> date | None:
    """The end of the time by the latest decision that sets it, else as the project says."""
    decided = (
        Decision.objects.filter(project=row, kind__in=_SETS_FINISH, due_at__isnull=False)
        .order_by("-issued_at", "-id")
        .values_list("due_at", flat=True)
        .first()
    )
    return decided or row.due_at


def refresh_funding(funding_ids: Iterable[int]) -> None:
    """What was disbursed of lines of the capital plan."""
    with as_system("sums follow from all payments, whoever may see them"):
        for funding_id in sorted(set(funding_ids)):
            paid = Payment.objects.filter(funding_id=funding_id)
            total = paid.aggregate(n=Sum("amount_vnd"))["n"] or 0
            Funding.objects.filter(pk=funding_id).update(disbursed_vnd=total)


def refresh_contract(contract: Contract) -> Contract:
    """The present value and end of a contract, and what was paid on it."""
    with as_system("a contract's figures follow from all its parts"):
        changes = Amendment.objects.filter(contract=contract)
        value = changes.aggregate(n=Sum("change_vnd"))["n"] or 0
        latest = changes.exclude(ends_at=None).order_by("-signed_at", "-id").first()
        paid = Payment.objects.filter(contract=contract).aggregate(n=Sum("amount_vnd"))["n"] or 0
        Contract.objects.filter(pk=contract.pk).update(
            current_vnd=contract.value_vnd + value,
            current_ends_at=latest.ends_at if latest else contract.ends_at,
            paid_vnd=paid,
        )
        return Contract.objects.get(pk=contract.pk)


@use_case("projects.project.change", act="projects.refresh", check_result=False)
def refresh_projects(*, actor: Actor) -> int:
    """Judge the pace of all running projects anew; for the night. Returns how many changed."""
    changed = 0
    with as_system("every running project is judged every night"):
        rows = list(Project.objects.exclude(step=COURSE.last.code))
    for row in rows:
        changed += refresh(row).pace != row.pace
    return changed
