"""Warranties, and what is called to mind before they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.norms import api as norms
from sen.domains.projects.choices import MONTHS_NORM, WarrantyStatus
from sen.domains.projects.course import COURSE
from sen.domains.projects.events import WarrantyEnding
from sen.domains.projects.models import Contract, Warranty
from sen.domains.projects.rules import WARRANTY_MOVES, warranty_end
from sen.domains.projects.services.filling import (
    join,
    need_amount,
    need_choice,
    need_given,
    need_move,
    need_order,
    need_same_project,
    take_out,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.filling import fill
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, NotFoundError, RuleNotInForceError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case

WARRANTY: Final = ("work", "starts_at", "ends_at", "retained_vnd", "status", "note")


@use_case("projects.warranty.add", act="projects.create_warranty")
def create_warranty(*, actor: Actor, contract: Contract, **values: Any) -> Warranty:
    """Enter a warranty; without an end it lasts as long as the contract, or the law, says.

    Raises:
        InvalidInputError: by field.
    """
    row = Warranty(contract=contract)
    join(row, contract.project)
    _put(row, values)
    return row


@use_case("projects.warranty.change", act="projects.update_warranty")
def update_warranty(
    *, actor: Actor, row: Warranty, version: int | None, reason: str = "", **values: Any
) -> Warranty:
    """Change a warranty, call it, or release the money that was held back.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    _put(row, values)
    return row


@use_case("projects.warranty.delete", act="projects.delete_warranty")
def delete_warranty(*, actor: Actor, row: Warranty, version: int | None, reason: str) -> None:
    """Take out a warranty that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    take_out(row)


def _put(row: Warranty, values: dict[str, Any]) -> None:
    old, old_end = row.status, row.ends_at
    fill(row, values, WARRANTY)
    check = InputCheck()
    need_given(check, row, "starts_at")
    need_choice(check, row, "status")
    need_move(check, row, "status", WARRANTY_MOVES, old)
    need_amount(check, row, "retained_vnd")
    need_same_project(check, row, "work")
    if row.starts_at is not None and row.ends_at is None:
        months = _months(row)
        if months is None:
            check.add("ends_at", _("Hãy ghi ngày hết bảo hành; hợp đồng và quy định không nêu."))
        else:
            row.ends_at = warranty_end(row.starts_at, months)
    need_order(check, row, "starts_at", "ends_at")
    check.done()
    if row.ends_at != old_end:
        row.reminded_at = None
    row.save()


def _months(row: Warranty) -> int | None:
    """How long the warranty lasts: by the contract, else by law for the class of the work."""
    if row.contract.warranty_months is not None:
        return row.contract.warranty_months
    work_class = row.work.work_class if row.work_id and row.work else ""
    if not work_class or row.starts_at is None:
        return None
    try:
        ruling = norms.ruling(MONTHS_NORM, on=row.starts_at, work_class=work_class)
    except (NotFoundError, RuleNotInForceError):
        return None
    return int(ruling.value)


@use_case("projects.warranty.change", act="projects.remind_warranties", check_result=False)
def remind_warranties(*, actor: Actor) -> int:
    """Tell, once each, of warranties that end soon; returns how many."""
    today = timezone.localdate()
    with as_system("every warranty is looked at every night"):
        rows = (
            Warranty.objects.select_for_update(of=("self",))
            .filter(status=WarrantyStatus.RUNNING.value, reminded_at=None)
            .filter(ends_at__lte=today + timedelta(days=COURSE.limits.remind_days))
            .order_by("ends_at", "id")
        )
        found = list(rows)
        codes = dict(
            Contract.objects.filter(pk__in={row.contract_id for row in found}).values_list(
                "pk", "code"
            )
        )
        for row in found:
            row.reminded_at = today
            row.save()
            if row.ends_at is not None:
                publish(
                    WarrantyEnding(
                        project_id=row.project_id,
                        warranty_id=row.pk,
                        contract=codes[row.contract_id],
                        ends_at=row.ends_at,
                    ),
                    key=row.project_id,
                    on=row,
                )
    return len(found)
