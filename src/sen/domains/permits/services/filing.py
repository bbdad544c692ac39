"""Receiving applications, correcting them, taking out what was entered by mistake."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.db.models import ForeignKey
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.norms import api as norms
from sen.domains.permits.data import Leg
from sen.domains.permits.events import PermitReceived
from sen.domains.permits.kinds import PermitKind, permit_kinds
from sen.domains.permits.models import Permit
from sen.domains.permits.rules import is_open
from sen.domains.permits.services.placing import keep_route, put_place
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.attributes.labels import fault_text
from sen.kernel.attributes.values import check_values
from sen.kernel.errors import (
    ConflictError,
    InputCheck,
    InvalidInputError,
    NotFoundError,
    RuleNotInForceError,
)
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.errors import gettext_noop
from sen.lib.text import nfc
from sen.lib.workdays import CalendarError

VALUES: Final = (
    "code",
    "name",
    "holder",
    "side",
    "asset",
    "received_at",
    "valid_from",
    "valid_to",
    "signer",
    "conditions",
    "fee_vnd",
    "measures",
    "owner_org",
    "area",
    "data_class",
)
PLACE: Final = ("road", "from_m", "to_m", "geom", "route")
#: No permit runs longer than a working calendar can be known ahead of time.
DEADLINE_SPAN_DAYS: Final = 60


@use_case("permits.permit.add", act="permits.receive_permit")
def receive_permit(*, actor: Actor, kind: str, is_demo: bool = False, **values: Any) -> Permit:
    """Enter an application; its deadline is counted in working days by the rule of its kind.

    Raises:
        InvalidInputError: by field.
    """
    declared = permit_kinds.get(kind)
    if declared is None:
        raise InvalidInputError({"kind": _("Không có loại giấy phép “%(kind)s”.") % {"kind": kind}})
    row = Permit(kind=kind, check_code=secrets.token_hex(8), is_demo=is_demo)
    row.received_at = values.get("received_at") or timezone.localdate()
    legs = fill_permit(actor=actor, row=row, values=values)
    row.save()
    keep_route(row, legs)
    publish(
        PermitReceived(permit_id=row.pk, kind=row.kind, code=row.code, due_at=row.due_at),
        key=row.pk,
        on=row,
    )
    return row


@use_case("permits.permit.change", act="permits.update_permit")
def update_permit(
    *, actor: Actor, row: Permit, version: int | None, reason: str = "", **values: Any
) -> Permit:
    """Correct an application before it is decided; a decided permit changes by acts alone.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is decided.
        InvalidInputError: by field.
    """
    check_version(row, version)
    if not is_open(row.status):
        raise ConflictError(
            _("Giấy phép đã có quyết định nên không sửa trực tiếp được."),
            hint=_("Hãy dùng gia hạn, thu hồi hoặc kết thúc; cấp sai thì thu hồi rồi cấp lại."),
        )
    legs = fill_permit(actor=actor, row=row, values=values)
    row.save()
    keep_route(row, legs)
    return row


@use_case("permits.permit.delete", act="permits.delete_permit")
def delete_permit(*, actor: Actor, row: Permit, version: int | None, reason: str) -> None:
    """Take out an application that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is decided.
    """
    check_version(row, version)
    if not is_open(row.status):
        raise ConflictError(
            _("Giấy phép đã có quyết định nên không xóa được."),
            hint=_("Hãy thu hồi hoặc ghi kết thúc."),
        )
    row.delete()


def fill_permit(*, actor: Actor, row: Permit, values: Mapping[str, Any]) -> list[Leg] | None:
    """Write values into a permit after checking them all.

    Returns:
        Its route, for :func:`keep_route` after the row is written; None: as it was.

    Raises:
        InvalidInputError: by field.
    """
    known = {*VALUES, *PLACE, "attributes"}
    if unknown := values.keys() - known:
        raise TypeError(f"permit: unknown values {sorted(unknown)}")
    check = InputCheck()
    for name in VALUES:
        if name in values:
            _put(row, name, values[name])
    row.received_at = row.received_at or timezone.localdate()
    row.code = row.code or _next_code(row)
    _check_shared(row, check)
    _put_attributes(row, values.get("attributes") or {}, check)
    legs: list[Leg] | None = None
    if row.pk is None or values.keys() & set(PLACE):
        legs = put_place(actor=actor, row=row, values=values, check=check)
    check.done()
    row.due_at = deadline_of(row.type, row.received_at, row.attributes)
    return legs


def _put(row: Permit, name: str, value: Any) -> None:
    field = row._meta.get_field(name)
    if isinstance(field, ForeignKey) and (value is None or isinstance(value, int)):
        setattr(row, field.attname, value)
        return
    if value is None and not getattr(field, "null", False):
        value = field.get_default() if hasattr(field, "get_default") else ""
    setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)


def _check_shared(row: Permit, check: InputCheck) -> None:
    check.need(0 < len(row.name) <= 300, "name", _("Hãy ghi nội dung, tối đa 300 ký tự."))
    check.need(row.holder_id, "holder", _("Hãy chọn chủ giấy phép."))
    check.need(row.owner_org_id, "owner_org", _("Hãy chọn cơ quan cấp phép."))
    check.need(len(row.code) <= 60, "code", _("Mã hồ sơ dài tối đa 60 ký tự."))
    check.need(
        row.received_at <= timezone.localdate(),
        "received_at",
        _("Ngày nhận hồ sơ không được ở tương lai."),
    )
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        check.add("valid_to", _("Ngày hết hiệu lực phải từ ngày có hiệu lực trở đi."))
    if row.fee_vnd is not None and not 0 <= row.fee_vnd < 10**12:
        check.add("fee_vnd", _("Lệ phí phải là số đồng không âm."))
    with as_system("a code is taken whoever may see its permit"):
        if row.code and Permit.objects.filter(code=row.code).exclude(pk=row.pk).exists():
            check.add("code", _("Mã này đã có giấy phép khác dùng; hãy chọn mã khác."))


def _put_attributes(row: Permit, given: Mapping[str, Any], check: InputCheck) -> None:
    clean, faults = check_values(
        row.type.by_name,
        {**row.attributes, **given},
        unknown=gettext_noop("Loại giấy phép này không có thông số “%(name)s”."),
    )
    for name, fault in faults.items():
        check.add(f"attributes__{name}", fault_text(fault))
    row.attributes = clean


def _next_code(row: Permit) -> str:
    """``GP-B7-2026-0012``: by group and year of the application."""
    year = (row.received_at or timezone.localdate()).year
    start = f"GP-{row.type.group}-{year}-"
    with as_system("codes are counted over all permits"):
        used = Permit.objects.filter(code__startswith=start).values_list("code", flat=True)
        numbers = [int(tail) for code in used if (tail := code[len(start) :]).isdecimal()]
    return f"{start}{max(numbers, default=0) + 1:04d}"


def deadline_of(kind: PermitKind, received: date, attributes: Mapping[str, Any]) -> date | None:
    """Until when an application is to be decided; None where no rule says it."""
    case = kind.deadline_case
    if attributes.get("purpose") == "funeral":
        case = "use_of_pavement_funeral"
    try:
        days = int(norms.ruling(kind.deadline_norm, on=received, permit=case).value)
        calendar = norms.calendar(received, _later(received))
        return calendar.add_working_days(received, days)
    except (NotFoundError, RuleNotInForceError, CalendarError):
        return None


def _later(day: date) -> date:
    return date.fromordinal(day.toordinal() + DEADLINE_SPAN_DAYS)
