"""Sources of money, capital plans and what is paid out of them."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.projects.choices import PaymentKind
from sen.domains.projects.events import CapitalPlanned, MoneyDisbursed
from sen.domains.projects.models import Contract, Funding, Payment, Project, Source
from sen.domains.projects.services.figures import refresh, refresh_contract, refresh_funding
from sen.domains.projects.services.filling import (
    is_taken,
    join,
    need_amount,
    need_choice,
    need_given,
    need_open,
    need_past,
    need_same_project,
    need_text,
    take_out,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.filling import fill
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.money import format_vnd

FUNDING: Final = (
    "source",
    "year",
    "planned_vnd",
    "allocated_vnd",
    "carried_vnd",
    "decision",
    "note",
)
PAYMENT: Final = (
    "contract",
    "code",
    "kind",
    "paid_at",
    "amount_vnd",
    "recovered_vnd",
    "note",
)
YEARS: Final = range(2000, 2101)
#: What is paid to the firm of a contract; the rest goes to others.
_OF_CONTRACT: Final = (PaymentKind.ADVANCE, PaymentKind.VOLUME, PaymentKind.FINAL)


@use_case("projects.source.add", act="projects.put_source")
def put_source(*, actor: Actor, **values: Any) -> Source:
    """Enter a source of money, or change the one with its code.

    Raises:
        InvalidInputError: by field.
    """
    with as_system("codes are unique over all rows"):
        found = Source.objects.filter(code=values.get("code", "")).first()
    row = found or Source()
    fill(row, values, ("code", "name", "level", "is_active", "owner_org", "area", "is_demo"))
    check = InputCheck()
    need_text(check, row, "code", "name")
    need_choice(check, row, "level")
    need_given(check, row, "owner_org", "area")
    check.done()
    row.save()
    return row


@use_case("projects.funding.add", act="projects.plan_funding")
def plan_funding(*, actor: Actor, project: Project, **values: Any) -> Funding:
    """Enter a line of the capital plan: what a source gives in a year.

    Raises:
        InvalidInputError: by field.
    """
    row = Funding()
    join(row, project)
    _put_funding(row, values)
    return row


@use_case("projects.funding.change", act="projects.update_funding")
def update_funding(
    *, actor: Actor, row: Funding, version: int | None, reason: str = "", **values: Any
) -> Funding:
    """Change a line of the capital plan.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field; less than was disbursed.
    """
    check_version(row, version)
    _put_funding(row, values)
    return row


@use_case("projects.funding.delete", act="projects.delete_funding")
def delete_funding(*, actor: Actor, row: Funding, version: int | None, reason: str) -> None:
    """Take out a line of the capital plan.

    Raises:
        ConflictError: somebody changed it meanwhile, or money was paid out of it.
    """
    check_version(row, version)
    project = row.project
    take_out(row)
    refresh(project)


def _put_funding(row: Funding, values: dict[str, Any]) -> None:
    old = (row.source_id, row.year) if row.pk else None
    fill(row, values, FUNDING)
    check = InputCheck()
    need_open(check, row.project)
    need_given(check, row, "source", "year")
    check.need(
        row.year in YEARS,
        "year",
        _("Năm kế hoạch phải từ 2000 đến 2100; đã nhập %(year)s.") % {"year": row.year},
    )
    need_amount(check, row, "planned_vnd", "allocated_vnd", "carried_vnd")
    need_same_project(check, row, "decision")
    check.need(
        old is None or old == (row.source_id, row.year) or not row.disbursed_vnd,
        "source",
        _("Đã giải ngân từ dòng này; không đổi nguồn vốn hoặc năm được nữa."),
    )
    if "allocated_vnd" not in check.fields and "carried_vnd" not in check.fields:
        check.need(
            row.allocated_vnd + row.carried_vnd >= row.disbursed_vnd,
            "allocated_vnd",
            _("Thấp hơn số đã giải ngân %(paid)s.") % {"paid": format_vnd(row.disbursed_vnd)},
        )
    if row.source_id and is_taken(row, project=row.project, source_id=row.source_id, year=row.year):
        check.add("year", _("Nguồn vốn này đã có kế hoạch trong năm; hãy sửa dòng đó."))
    check.done()
    row.save()
    refresh(row.project)
    publish(
        CapitalPlanned(project_id=row.project_id, years=(row.year,)), key=row.project_id, on=row
    )


@use_case("projects.payment.add", act="projects.record_payment")
def record_payment(
    *, actor: Actor, project: Project, source: Source | None, year: int | None, **values: Any
) -> Payment:
    """Record money paid out of a source in a plan year.

    Raises:
        InvalidInputError: by field; more than the plan, or than the contract, leaves.
    """
    row = Payment()
    join(row, project)
    _put_payment(row, source, year, values)
    return row


@use_case("projects.payment.change", act="projects.update_payment")
def update_payment(
    *,
    actor: Actor,
    row: Payment,
    version: int | None,
    reason: str = "",
    source: Source | None = None,
    year: int | None = None,
    **values: Any,
) -> Payment:
    """Correct a payment.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    funding = row.funding
    _put_payment(row, source or funding.source, year or funding.year, values)
    return row


@use_case("projects.payment.delete", act="projects.delete_payment")
def delete_payment(*, actor: Actor, row: Payment, version: int | None, reason: str) -> None:
    """Take out a payment that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    project, funding_id, contract = row.project, row.funding_id, row.contract
    take_out(row)
    _follow(project, [funding_id], [contract])


def _put_payment(
    row: Payment, source: Source | None, year: int | None, values: dict[str, Any]
) -> None:
    before_funding, before_contract = row.funding_id, row.contract if row.contract_id else None
    fill(row, values, PAYMENT)
    check = InputCheck()
    need_open(check, row.project)
    need_text(check, row, "code")
    need_choice(check, row, "kind")
    need_given(check, row, "paid_at", "amount_vnd")
    need_past(check, row, "paid_at")
    need_amount(check, row, "amount_vnd", least=1)
    need_amount(check, row, "recovered_vnd")
    need_same_project(check, row, "contract")
    check.need(
        row.contract_id or row.kind not in _OF_CONTRACT,
        "contract",
        _("Hãy chọn hợp đồng cho khoản tạm ứng, thanh toán khối lượng hoặc quyết toán."),
    )
    if is_taken(row, project=row.project, code=row.code):
        check.add("code", _("Chứng từ này đã được ghi cho dự án."))
    _need_funding(check, row, source, year)
    if row.contract_id and not check.fields:
        _need_contract(check, row)
    check.done()
    row.save()
    _follow(row.project, [row.funding_id, before_funding], [row.contract, before_contract])
    publish(
        MoneyDisbursed(
            project_id=row.project_id,
            payment_id=row.pk,
            year=row.funding.year,
            amount_vnd=row.amount_vnd,
            paid_at=row.paid_at,
        ),
        key=row.project_id,
        on=row,
    )


def _need_funding(check: InputCheck, row: Payment, source: Source | None, year: int | None) -> None:
    """The line of the plan out of which it is paid, and that the line suffices."""
    with as_system("a plan suffices or not whoever may see it"):
        lines = Funding.objects.select_for_update().filter(project=row.project, source=source)
        line = lines.filter(year=year or 0).first() if source else None
        paid = list(Payment.objects.filter(funding=line).exclude(pk=row.pk)) if line else []
    if line is None:
        check.add(
            "funding__source", _("Dự án chưa có kế hoạch vốn của nguồn này trong năm đã chọn.")
        )
        return
    row.funding = line
    left = line.allocated_vnd + line.carried_vnd - sum(p.amount_vnd for p in paid)
    if "amount_vnd" not in check.fields and row.amount_vnd is not None:
        check.need(
            row.amount_vnd <= left,
            "amount_vnd",
            _("Vượt kế hoạch vốn năm %(year)s của nguồn này: còn %(left)s.")
            % {"year": year, "left": format_vnd(left)},
        )


def _need_contract(check: InputCheck, row: Payment) -> None:
    """No more is paid than the contract is worth, and no more recovered than was advanced."""
    with as_system("a contract suffices or not whoever may see it"):
        contract = Contract.objects.select_for_update().get(pk=row.contract_id or 0)
        others = list(Payment.objects.filter(contract=contract).exclude(pk=row.pk))
    left = contract.current_vnd - sum(p.amount_vnd for p in others)
    check.need(
        row.amount_vnd <= left,
        "amount_vnd",
        _("Vượt giá trị hợp đồng: còn %(left)s.") % {"left": format_vnd(left)},
    )
    advanced = sum(p.amount_vnd for p in others if p.kind == PaymentKind.ADVANCE)
    open_vnd = advanced - sum(p.recovered_vnd for p in others)
    check.need(
        row.recovered_vnd <= max(open_vnd, 0),
        "recovered_vnd",
        _("Số dư tạm ứng chỉ còn %(left)s.") % {"left": format_vnd(max(open_vnd, 0))},
    )


def _follow(project: Project, fundings: list[int | None], contracts: list[Contract | None]) -> None:
    """Sums above a payment."""
    refresh_funding([pk for pk in fundings if pk])
    for contract in {found.pk: found for found in contracts if found}.values():
        refresh_contract(contract)
    refresh(project)
