"""The course of a permit: decided, extended, inspected, revoked, handed back, run out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.norms import api as norms
from sen.domains.permits.choices import Act, Result, Status
from sen.domains.permits.data import RouteCheck
from sen.domains.permits.events import (
    PermitExpiring,
    PermitExtended,
    PermitMoved,
    SiteInspected,
)
from sen.domains.permits.models import Permit, PermitAct
from sen.domains.permits.rules import after, latest_end, may
from sen.domains.permits.selectors import check_route, legs_of, vehicle_of
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck, NotFoundError, RuleNotInForceError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

LONGEST_NORM: Final = "permit.longest-days"
REMIND_NORM: Final = "permit.remind-days"
#: Warned so many days before the end where no rule says it.
REMIND_DAYS: Final = 15
SHOWN_OBSTACLES: Final = 5


@use_case("permits.permit.issue", act="permits.issue_permit")
def issue_permit(
    *,
    actor: Actor,
    row: Permit,
    version: int | None,
    valid_from: date,
    valid_to: date,
    number: str = "",
    signer: str = "",
    conditions: str | None = None,
    measures: str | None = None,
    on: date | None = None,
    reason: str = "",
) -> Permit:
    """Issue a permit. One for a vehicle is compared with every structure on its route first.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is decided already.
        InvalidInputError: by field: dates, a taken number, structures that do not do while no
            measures are said for them.
    """
    check_version(row, version)
    _need_move(row, Act.ISSUED)
    row.issued_at = on or timezone.localdate()
    row.valid_from, row.valid_to = valid_from, valid_to
    row.signer = nfc(signer).strip() or row.signer or actor.name
    if conditions is not None:
        row.conditions = nfc(conditions).strip()
    if measures is not None:
        row.measures = nfc(measures).strip()
    check = InputCheck()
    _check_span(row, check)
    row.number = nfc(number).strip() or _next_number(row)
    _check_number(row, check)
    if row.type.is_route:
        _check_obstacles(row, check)
    check.done()
    if row.fee_vnd is None:
        row.fee_vnd = fee_of(row)
    return _move(actor, row, Act.ISSUED, number=row.number, note=reason, on=row.issued_at)


@use_case("permits.permit.issue", act="permits.refuse_permit")
def refuse_permit(
    *, actor: Actor, row: Permit, version: int | None, reason: str, number: str = ""
) -> Permit:
    """Decide that no permit is issued, with the reason that the applicant is told.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is decided already.
        InvalidInputError: the reason lacks.
    """
    check_version(row, version)
    _need_move(row, Act.REFUSED)
    _need_reason(reason)
    return _move(actor, row, Act.REFUSED, number=number, note=reason)


@use_case("permits.permit.issue", act="permits.extend_permit")
def extend_permit(
    *,
    actor: Actor,
    row: Permit,
    version: int | None,
    valid_to: date,
    reason: str,
    number: str = "",
) -> Permit:
    """Let a permit hold longer.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is not in force.
        InvalidInputError: the new end is not later, or later than the rule allows.
    """
    check_version(row, version)
    _need_move(row, Act.EXTENDED)
    _need_reason(reason)
    before = row.valid_to
    check = InputCheck()
    check.need(
        before is None or valid_to > before,
        "valid_to",
        _("Ngày hết hiệu lực mới phải sau ngày hiện nay."),
    )
    longest = _days(LONGEST_NORM, row, valid_to)
    latest = latest_end(before + timedelta(days=1), longest) if before else None
    check.need(
        latest is None or valid_to <= latest,
        "valid_to",
        _("Mỗi lần gia hạn tối đa %(days)s ngày, đến hết %(day)s.")
        % {"days": longest, "day": f"{latest:%d/%m/%Y}" if latest else ""},
    )
    check.done()
    row.valid_to = valid_to
    moved = _move(actor, row, Act.EXTENDED, number=number, note=reason, valid_to=valid_to)
    publish(
        PermitExtended(permit_id=row.pk, code=row.code, before=before, now=valid_to),
        key=row.pk,
        on=row,
    )
    return moved


@use_case("permits.permit.issue", act="permits.revoke_permit")
def revoke_permit(
    *, actor: Actor, row: Permit, version: int | None, reason: str, number: str = ""
) -> Permit:
    """Take a permit back before its end.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is not in force.
        InvalidInputError: the reason lacks.
    """
    check_version(row, version)
    _need_move(row, Act.REVOKED)
    _need_reason(reason)
    return _move(actor, row, Act.REVOKED, number=number, note=reason)


@use_case("permits.act.add", act="permits.inspect_site")
def inspect_site(
    *,
    actor: Actor,
    row: Permit,
    result: str,
    note: str,
    person: str = "",
    on: date | None = None,
    mend_by: date | None = None,
) -> PermitAct:
    """Record what was found at the site of a permit.

    Raises:
        ConflictError: the permit has no site, or was never issued.
        InvalidInputError: by field.
    """
    if not row.type.site and not row.type.is_route:
        raise ConflictError(_("Loại giấy phép này không có hiện trường để kiểm tra."))
    _need_move(row, Act.INSPECTED)
    check = InputCheck()
    check.need(result in Result.__members__, "result", _("Hãy chọn kết quả kiểm tra."))
    check.need(nfc(note).strip(), "note", _("Hãy ghi điều đã thấy tại hiện trường."))
    needs_day = result in (Result.TO_MEND, Result.STOPPED)
    check.need(
        not needs_day or mend_by is not None, "mend_by", _("Hãy ghi hạn phải khắc phục xong.")
    )
    check.done()
    act = _record(
        actor,
        row,
        Act.INSPECTED,
        note=note,
        person=person,
        on=on,
        result=result,
        mend_by=mend_by if needs_day else None,
    )
    publish(
        SiteInspected(permit_id=row.pk, act_id=act.pk, result=result, mend_by=act.mend_by),
        key=row.pk,
        on=row,
    )
    return act


@use_case("permits.permit.change", act="permits.hand_back_site")
def hand_back_site(
    *,
    actor: Actor,
    row: Permit,
    version: int | None,
    note: str,
    person: str = "",
    on: date | None = None,
) -> Permit:
    """Take the site back from the holder; the permit is at its end.

    Raises:
        ConflictError: somebody changed it meanwhile, it was never issued, or the last inspection
            found something that is not mended.
        InvalidInputError: the finding lacks.
    """
    check_version(row, version)
    _need_move(row, Act.HANDED_BACK)
    check = InputCheck()
    check.need(nfc(note).strip(), "note", _("Hãy ghi tình trạng mặt bằng khi nhận lại."))
    check.done()
    last = (
        PermitAct.objects.visible_to(actor)
        .filter(permit=row, kind=Act.INSPECTED.value)
        .order_by("-done_at", "-id")
        .first()
    )
    if last is not None and last.result != Result.GOOD:
        raise ConflictError(
            _("Lần kiểm tra ngày %(day)s còn yêu cầu khắc phục.")
            % {"day": f"{last.done_at:%d/%m/%Y}"},
            hint=_("Hãy kiểm tra lại và ghi kết quả “Đúng giấy phép” trước khi nhận mặt bằng."),
        )
    row.closed_at = on or timezone.localdate()
    return _move(actor, row, Act.HANDED_BACK, note=note, person=person, on=row.closed_at)


@use_case("permits.permit.change", act="permits.expire_permits", check_result=False)
def expire_permits(*, actor: Actor, today: date | None = None) -> int:
    """Permits whose last day has passed are run out; returns how many."""
    day = today or timezone.localdate()
    with as_system("permits run out whoever owns them") as house:
        rows = Permit.objects.select_for_update(of=("self",)).filter(
            status=Status.ISSUED.value, valid_to__lt=day
        )
        found = list(rows.order_by("id"))
        for row in found:
            _move(house, row, Act.EXPIRED, on=day)
    return len(found)


@use_case("permits.permit.change", act="permits.remind_permits", check_result=False)
def remind_permits(*, actor: Actor, today: date | None = None) -> int:
    """Tell, once for each end, of permits that end soon; returns how many."""
    day = today or timezone.localdate()
    told = 0
    with as_system("ends of all permits are looked at"):
        rows = Permit.objects.select_for_update(of=("self",)).filter(
            status=Status.ISSUED.value, valid_to__gte=day
        )
        for row in rows.order_by("valid_to", "id"):
            days = _days(REMIND_NORM, row, day) or REMIND_DAYS
            if row.valid_to is None or row.valid_to > day + timedelta(days=days):
                continue
            if row.reminded_for == row.valid_to:
                continue
            row.reminded_for = row.valid_to
            row.save()
            publish(
                PermitExpiring(
                    permit_id=row.pk,
                    kind=row.kind,
                    code=row.code,
                    number=row.number,
                    valid_to=row.valid_to,
                ),
                key=row.pk,
                on=row,
            )
            told += 1
    return told


def route_check_of(row: Permit, on: date) -> RouteCheck:
    """The route of a permit against what is posted now."""
    return check_route(legs=legs_of(row), vehicle=vehicle_of(row), on=on)


def fee_of(row: Permit) -> int | None:
    """The fee by the rule of the day of the application."""
    try:
        return int(norms.ruling("permit.fee", on=row.received_at, permit=row.kind.lower()).value)
    except (NotFoundError, RuleNotInForceError):
        return None


def _days(norm: str, row: Permit, on: date) -> int | None:
    try:
        return int(norms.ruling(norm, on=on, permit=row.kind.lower()).value)
    except (NotFoundError, RuleNotInForceError):
        return None


def _check_span(row: Permit, check: InputCheck) -> None:
    if row.valid_from is None or row.valid_to is None:
        check.add("valid_to", _("Hãy ghi thời hạn của giấy phép."))
        return
    check.need(
        row.valid_to >= row.valid_from,
        "valid_to",
        _("Ngày hết hiệu lực phải từ ngày có hiệu lực trở đi."),
    )
    longest = _days(LONGEST_NORM, row, row.valid_from)
    latest = latest_end(row.valid_from, longest)
    check.need(
        latest is None or row.valid_to <= latest,
        "valid_to",
        _("Loại giấy phép này có thời hạn tối đa %(days)s ngày, đến hết %(day)s.")
        % {"days": longest, "day": f"{latest:%d/%m/%Y}" if latest else ""},
    )


def _check_number(row: Permit, check: InputCheck) -> None:
    with as_system("a number is taken whoever may see its permit"):
        taken = Permit.objects.filter(owner_org_id=row.owner_org_id, number=row.number)
        if taken.exclude(pk=row.pk).exists():
            check.add("number", _("Số giấy phép này đã dùng."))


def _check_obstacles(row: Permit, check: InputCheck) -> None:
    found = route_check_of(row, row.issued_at or timezone.localdate())
    row.obstacles = len(found.obstacles)
    if found.is_clear or row.measures:
        return
    names = [f"{item.title} ({item.place})" for item in found.obstacles[:SHOWN_OBSTACLES]]
    more = len(found.obstacles) - len(names)
    if more > 0:
        names.append(_("và %(n)s vị trí khác") % {"n": more})
    check.add(
        "measures",
        _("Xe vượt giới hạn tại: %(names)s. Hãy đổi lộ trình hoặc ghi biện pháp gia cường, hỗ trợ.")
        % {"names": "; ".join(names)},
    )


def _next_number(row: Permit) -> str:
    """``12/2026/GP-SXD``: counted by the issuing organisation and year."""
    year = (row.issued_at or timezone.localdate()).year
    org = Organisation.objects.get(pk=row.owner_org_id)
    end = f"/{year}/GP-{org.code}"[-50:]
    with as_system("numbers are counted over all permits of the organisation"):
        used = Permit.objects.filter(owner_org=org, number__endswith=end)
        heads = [number[: -len(end)] for number in used.values_list("number", flat=True)]
    return f"{max((int(head) for head in heads if head.isdecimal()), default=0) + 1}{end}"


def _need_move(row: Permit, act: Act) -> None:
    if not may(act, row.status):
        raise ConflictError(
            _("Giấy phép ở trạng thái “%(status)s” nên không làm được việc “%(act)s”.")
            % {"status": row.get_status_display(), "act": PermitAct.Kind(act.value).label}
        )


def _need_reason(reason: str) -> None:
    check = InputCheck()
    check.need(nfc(reason).strip(), "reason", _("Hãy ghi lý do."))
    check.done()


def _move(actor: Actor, row: Permit, act: Act, **values: Any) -> Permit:
    before = row.status
    row.status = after(act, row.status)
    row.save()
    _record(actor, row, act, **values)
    roads = {leg.road_id for leg in legs_of(row)} | ({row.road_id} if row.road_id else set())
    publish(
        PermitMoved(
            permit_id=row.pk,
            kind=row.kind,
            code=row.code,
            number=row.number,
            act=act.value,
            from_status=before,
            to_status=row.status,
            road_ids=tuple(sorted(roads)),
        ),
        key=row.pk,
        on=row,
    )
    return row


def _record(
    actor: Actor, row: Permit, act: Act, *, on: date | None = None, person: str = "", **values: Any
) -> PermitAct:
    with as_system("an act follows from what its doer was allowed to do"):
        count = PermitAct.objects.filter(permit=row).count()
        texts = {name: nfc(v).strip() if isinstance(v, str) else v for name, v in values.items()}
        return PermitAct.objects.create(
            code=f"{row.code}/{count + 1:02d}",
            permit=row,
            kind=act.value,
            done_at=on or timezone.localdate(),
            person=nfc(person).strip() or actor.name,
            owner_org_id=row.owner_org_id,
            area_id=row.area_id,
            data_class=row.data_class,
            is_demo=row.is_demo,
            **texts,
        )
