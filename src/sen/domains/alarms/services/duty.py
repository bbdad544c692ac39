"""Use cases on watches, shifts, steps of escalation and windows of shelving."""

from __future__ import annotations

from typing import Any, TypeVar

from django.utils.translation import gettext as _

from sen.domains.alarms.models import DutyRoster, DutyShift, EscalationStep, Shelving
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

M = TypeVar("M", bound=ScopedModel)


@use_case("alarms.roster.add")
def create_roster(*, actor: Actor, is_demo: bool = False, **values: Any) -> DutyRoster:
    """Set up a watch."""
    return _roster(DutyRoster(is_demo=is_demo), values)


@use_case("alarms.roster.change")
def update_roster(
    *, actor: Actor, row: DutyRoster, version: int | None, reason: str = "", **values: Any
) -> DutyRoster:
    """Change what a watch takes."""
    check_version(row, version)
    return _roster(row, values)


@use_case("alarms.roster.delete")
def delete_roster(*, actor: Actor, row: DutyRoster, version: int | None, reason: str = "") -> None:
    """Give a watch up, with its shifts and steps."""
    check_version(row, version)
    row.delete()


def _roster(row: DutyRoster, values: dict[str, Any]) -> DutyRoster:
    _fill(row, values)
    check = InputCheck()
    check.need(row.code, "code", _("Hãy ghi mã lịch trực."))
    check.need(row.name, "name", _("Hãy ghi tên lịch trực."))
    check.done()
    row.full_clean()
    row.save()
    return row


@use_case("alarms.shift.add")
def create_shift(*, actor: Actor, is_demo: bool = False, **values: Any) -> DutyShift:
    """Put somebody on duty."""
    return _shift(DutyShift(is_demo=is_demo), values)


@use_case("alarms.shift.change")
def update_shift(
    *, actor: Actor, row: DutyShift, version: int | None, reason: str = "", **values: Any
) -> DutyShift:
    """Change who is on duty, or when."""
    check_version(row, version)
    return _shift(row, values)


@use_case("alarms.shift.delete")
def delete_shift(*, actor: Actor, row: DutyShift, version: int | None, reason: str = "") -> None:
    """Take a shift off."""
    check_version(row, version)
    row.delete()


def _shift(row: DutyShift, values: dict[str, Any]) -> DutyShift:
    _fill(row, values)
    check = InputCheck()
    check.need(row.begin_at < row.end_at, "end_at", _("Ca trực phải kết thúc sau khi bắt đầu."))
    check.done()
    _inherit(row, row.roster)
    row.save()
    return row


@use_case("alarms.escalation.add")
def create_step(*, actor: Actor, is_demo: bool = False, **values: Any) -> EscalationStep:
    """Say whom to tell next."""
    return _step(EscalationStep(is_demo=is_demo), values)


@use_case("alarms.escalation.change")
def update_step(
    *, actor: Actor, row: EscalationStep, version: int | None, reason: str = "", **values: Any
) -> EscalationStep:
    """Change whom to tell, or after how long."""
    check_version(row, version)
    return _step(row, values)


@use_case("alarms.escalation.delete")
def delete_step(
    *, actor: Actor, row: EscalationStep, version: int | None, reason: str = ""
) -> None:
    """Take a step off."""
    check_version(row, version)
    row.delete()


def _step(row: EscalationStep, values: dict[str, Any]) -> EscalationStep:
    _fill(row, values)
    _inherit(row, row.roster)
    row.full_clean()
    row.save()
    return row


@use_case("alarms.shelving.add")
def create_shelving(*, actor: Actor, is_demo: bool = False, **values: Any) -> Shelving:
    """Set alarms of a work or of a stream aside for a time: maintenance, load tests."""
    return _shelving(Shelving(is_demo=is_demo), values)


@use_case("alarms.shelving.change")
def update_shelving(
    *, actor: Actor, row: Shelving, version: int | None, reason: str = "", **values: Any
) -> Shelving:
    """Change a window of shelving."""
    check_version(row, version)
    return _shelving(row, values)


@use_case("alarms.shelving.delete")
def delete_shelving(*, actor: Actor, row: Shelving, version: int | None, reason: str = "") -> None:
    """Give a window of shelving up."""
    check_version(row, version)
    row.delete()


def _shelving(row: Shelving, values: dict[str, Any]) -> Shelving:
    _fill(row, values)
    check = InputCheck()
    check.need(row.asset_id or row.datastream_id, "asset", _("Hãy chọn công trình hoặc kênh đo."))
    check.need(row.begin_at < row.end_at, "end_at", _("Phải kết thúc sau khi bắt đầu."))
    check.need(row.reason, "reason", _("Hãy ghi lý do."))
    check.done()
    of = row.asset or row.datastream
    if of is not None:
        _inherit(row, of)
    row.save()
    return row


def _fill(row: ScopedModel, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)


def _inherit(row: ScopedModel, of: ScopedModel) -> None:
    """What belongs to something is seen by those who see that."""
    row.owner_org_id, row.area_id = of.owner_org_id, of.area_id
