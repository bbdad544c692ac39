"""Contracts, their amendments and the firms behind them."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.projects.choices import ContractStatus
from sen.domains.projects.events import ContractChanged
from sen.domains.projects.models import Amendment, Contract, ContractMember, Payment, Project
from sen.domains.projects.rules import CONTRACT_MOVES
from sen.domains.projects.services.figures import refresh, refresh_contract
from sen.domains.projects.services.filling import (
    is_taken,
    join,
    need_amount,
    need_choice,
    need_given,
    need_move,
    need_open,
    need_order,
    need_past,
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

CONTRACT: Final = (
    "code",
    "name",
    "kind",
    "price",
    "contractor",
    "signed_at",
    "starts_at",
    "ends_at",
    "value_vnd",
    "warranty_months",
    "status",
)
MEMBER: Final = ("party", "role", "share_pct", "scope")
AMENDMENT: Final = ("number", "signed_at", "change_vnd", "ends_at", "grounds")
MOST_MONTHS: Final = 600


@use_case("projects.contract.add", act="projects.create_contract")
def create_contract(*, actor: Actor, project: Project, **values: Any) -> Contract:
    """Enter a signed contract.

    Raises:
        InvalidInputError: by field.
    """
    row = Contract()
    join(row, project)
    return _put_contract(row, values)


@use_case("projects.contract.change", act="projects.update_contract")
def update_contract(
    *, actor: Actor, row: Contract, version: int | None, reason: str = "", **values: Any
) -> Contract:
    """Change a contract or its state. Value and end change by amendments once something is paid.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    return _put_contract(row, values)


@use_case("projects.contract.delete", act="projects.delete_contract")
def delete_contract(*, actor: Actor, row: Contract, version: int | None, reason: str) -> None:
    """Take out a contract that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile, or payments and the like hang on it.
    """
    check_version(row, version)
    project = row.project
    take_out(row)
    refresh(project)


def _put_contract(row: Contract, values: dict[str, Any]) -> Contract:
    old_status, old_value = row.status, row.value_vnd
    is_new = row.pk is None
    fill(row, values, CONTRACT)
    check = InputCheck()
    need_open(check, row.project)
    need_text(check, row, "code", "name")
    need_choice(check, row, "kind", "price", "status")
    need_given(check, row, "contractor", "signed_at", "value_vnd")
    need_past(check, row, "signed_at")
    need_amount(check, row, "value_vnd", least=1)
    need_order(check, row, "starts_at", "ends_at")
    need_order(check, row, "signed_at", "ends_at")
    if is_new:
        old_status = ContractStatus.SIGNED.value
        started = {ContractStatus.SIGNED.value, ContractStatus.RUNNING.value}
        check.need(
            row.status in started,
            "status",
            _("Hợp đồng mới ở trạng thái đã ký hoặc đang thực hiện."),
        )
    else:
        need_move(check, row, "status", CONTRACT_MOVES, old_status)
        check.need(
            row.value_vnd == old_value or not row.paid_vnd,
            "value_vnd",
            _("Hợp đồng đã thanh toán; hãy ghi phụ lục để đổi giá trị."),
        )
    months = row.warranty_months
    check.need(
        months is None or 0 <= months <= MOST_MONTHS,
        "warranty_months",
        _("Thời gian bảo hành tính bằng tháng, từ 0 đến 600."),
    )
    if is_taken(row, code=row.code):
        check.add("code", _("Số hợp đồng này đã được ghi."))
    check.done()
    row.current_vnd = row.value_vnd if is_new else max(row.value_vnd, row.paid_vnd)
    row.save()
    kept = _tell(row)
    row.current_vnd, row.current_ends_at = kept.current_vnd, kept.current_ends_at
    return row


def _tell(row: Contract) -> Contract:
    kept = refresh_contract(row)
    refresh(kept.project)
    publish(
        ContractChanged(
            project_id=kept.project_id,
            contract_id=kept.pk,
            code=kept.code,
            status=kept.status,
            current_vnd=kept.current_vnd,
        ),
        key=kept.project_id,
        on=kept,
    )
    return kept


@use_case("projects.member.add", act="projects.add_member")
def add_member(*, actor: Actor, contract: Contract, **values: Any) -> ContractMember:
    """Add a member of the consortium, or a subcontractor.

    Raises:
        InvalidInputError: by field; shares above 100 % together.
    """
    row = ContractMember(contract=contract)
    join(row, contract.project)
    _put_member(row, values)
    return row


@use_case("projects.member.change", act="projects.update_member")
def update_member(
    *, actor: Actor, row: ContractMember, version: int | None, reason: str = "", **values: Any
) -> ContractMember:
    """Change the part of a member.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    _put_member(row, values)
    return row


@use_case("projects.member.delete", act="projects.delete_member")
def delete_member(*, actor: Actor, row: ContractMember, version: int | None, reason: str) -> None:
    """Take a firm off a contract.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    take_out(row)


def _put_member(row: ContractMember, values: dict[str, Any]) -> None:
    fill(row, values, MEMBER)
    check = InputCheck()
    need_given(check, row, "party")
    need_choice(check, row, "role")
    share = row.share_pct
    if share is not None:
        with as_system("shares add up whoever may see them"):
            rows = ContractMember.objects.filter(contract=row.contract).exclude(pk=row.pk)
            others = rows.exclude(role=ContractMember.Role.SUBCONTRACTOR)
            taken = sum(found.share_pct or 0 for found in others)
        is_partner = row.role != ContractMember.Role.SUBCONTRACTOR
        check.need(
            share > 0 and (share + taken if is_partner else share) <= 100,
            "share_pct",
            _("Tỷ lệ phải lớn hơn 0 và cộng các thành viên không quá 100 %."),
        )
    if row.party_id and is_taken(row, contract=row.contract, party_id=row.party_id):
        check.add("party", _("Đơn vị này đã có trong hợp đồng."))
    check.done()
    row.save()


@use_case("projects.amendment.add", act="projects.add_amendment")
def add_amendment(*, actor: Actor, contract: Contract, **values: Any) -> Amendment:
    """Record an annex to a contract; its value and end follow.

    Raises:
        InvalidInputError: by field; a value below what was paid.
    """
    row = Amendment(contract=contract)
    join(row, contract.project)
    _put_amendment(row, values)
    return row


@use_case("projects.amendment.change", act="projects.update_amendment")
def update_amendment(
    *, actor: Actor, row: Amendment, version: int | None, reason: str = "", **values: Any
) -> Amendment:
    """Correct an annex.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    _put_amendment(row, values)
    return row


@use_case("projects.amendment.delete", act="projects.delete_amendment")
def delete_amendment(*, actor: Actor, row: Amendment, version: int | None, reason: str) -> None:
    """Take out an annex that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: more was paid than the contract is worth without it.
    """
    check_version(row, version)
    contract = row.contract
    row.change_vnd = 0
    check = InputCheck()
    _need_covered(check, row)
    check.done()
    take_out(row)
    _tell(contract)


def _put_amendment(row: Amendment, values: dict[str, Any]) -> None:
    fill(row, values, AMENDMENT)
    check = InputCheck()
    need_text(check, row, "number", "grounds")
    need_given(check, row, "signed_at")
    need_past(check, row, "signed_at")
    need_amount(check, row, "change_vnd", may_fall=True)
    need_order(check, row, "signed_at", "ends_at")
    check.need(
        row.signed_at is None or row.signed_at >= row.contract.signed_at,
        "signed_at",
        _("Phụ lục không thể ký trước hợp đồng."),
    )
    check.need(
        row.change_vnd or row.ends_at,
        "change_vnd",
        _("Phụ lục phải đổi giá trị hoặc đổi ngày kết thúc."),
    )
    _need_covered(check, row)
    if is_taken(row, contract=row.contract, number=row.number):
        check.add("number", _("Phụ lục này đã được ghi cho hợp đồng."))
    check.done()
    row.save()
    _tell(row.contract)


def _need_covered(check: InputCheck, row: Amendment) -> None:
    """The contract stays worth at least what was paid on it."""
    if "change_vnd" in check.fields:
        return
    with as_system("a contract's value follows from all its amendments"):
        contract = Contract.objects.get(pk=row.contract_id)
        others = Amendment.objects.filter(contract=contract).exclude(pk=row.pk)
        value = contract.value_vnd + sum(found.change_vnd for found in others) + row.change_vnd
        paid = sum(found.amount_vnd for found in Payment.objects.filter(contract=contract))
    check.need(
        value >= max(paid, 1),
        "change_vnd",
        _("Hợp đồng còn %(value)s, thấp hơn số đã thanh toán %(paid)s.")
        % {"value": format_vnd(value), "paid": format_vnd(paid)},
    )
