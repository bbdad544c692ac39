"""Devices: an account and keys of their own, quarantine, release, retirement, silence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sen.domains.telemetry.choices import DeviceState, Protocol
from sen.domains.telemetry.events import DeviceFellSilent, DeviceStateChanged
from sen.domains.telemetry.models import DeadLetter, Device, Thing
from sen.domains.telemetry.services.writing import (
    KEEPING,
    belong,
    check_code,
    check_name,
    put_values,
)
from sen.kernel.access.accounts.devices import rotate_device_credential
from sen.kernel.access.context import as_system
from sen.kernel.access.models import DeviceCredential, User
from sen.kernel.access.people import who_may
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.notices.services import notify
from sen.kernel.usecase import check_version, use_case

_DEVICE: Final = (
    "code",
    "name",
    "protocol",
    "mapping",
    "silent_after_s",
    *KEEPING,
)
_SENDING: Final = (DeviceState.PROVISIONED.value, DeviceState.ACTIVE.value)


@use_case("telemetry.device.add", act="telemetry.provision_device")
def provision_device(
    *, actor: Actor, things: Sequence[Thing] | str | None = None, **values: Any
) -> Device:
    """Provision a device: an account of its own; keys are given by :func:`give_key`.

    Raises:
        InvalidInputError: by field.
    """
    row = Device()
    served = None if things is None else _things(actor, things)
    _put_device(row, actor, values)
    row.account = device_account(
        code=row.code,
        name=row.name,
        owner_org_id=row.owner_org_id,
        is_demo=row.is_demo,
    )
    row.save()
    if served:
        _serve(row, served)
    return row


@use_case("telemetry.device.change", act="telemetry.update_device")
def update_device(
    *,
    actor: Actor,
    row: Device,
    version: int | None,
    reason: str = "",
    things: Sequence[Thing] | str | None = None,
    **values: Any,
) -> Device:
    """Change a device; its code, by which its messages name it, stays.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    if values.get("code", row.code) not in (row.code, ""):
        raise InvalidInputError(
            {"code": _("Mã thiết bị nằm trong bản tin và khóa của nó nên không đổi được.")}
        )
    values["code"] = row.code
    served = None if things is None else _things(actor, things)
    _put_device(row, actor, values)
    row.save()
    if served is not None:
        _serve(row, served)
    return row


def _put_device(row: Device, actor: Actor, values: dict[str, Any]) -> None:
    check = InputCheck()
    put_values(row, _DEVICE, values)
    check_name(row, check)
    check_code(row, "TB", check)
    check.need(
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", row.code),
        "code",
        _("Mã thiết bị chỉ gồm chữ không dấu, chữ số, gạch nối và gạch dưới."),
    )
    check.need(
        row.protocol in Protocol.__members__, "protocol", _("Chọn một giao thức trong danh sách.")
    )
    check.need(
        row.silent_after_s > 0,
        "silent_after_s",
        _("Ghi số giây lớn hơn 0."),
    )
    belong(row=row, actor=actor, check=check)
    check.done()


def _things(actor: Actor, given: Sequence[Thing] | str) -> list[Thing]:
    """Stations, or their codes as a person types them."""
    if not isinstance(given, str):
        return list(given)
    codes = [code for part in given.replace(";", ",").split(",") if (code := part.strip())]
    found = {thing.code: thing for thing in Thing.objects.visible_to(actor).filter(code__in=codes)}
    if unknown := [code for code in codes if code not in found]:
        raise InvalidInputError(
            {"things": _("Không có trạm mã: %(codes)s.") % {"codes": ", ".join(unknown)}}
        )
    return list(found.values())


def _serve(row: Device, things: Sequence[Thing]) -> None:
    with as_system("what a device serves is part of it"):
        row.things.set(things)


def device_account(*, code: str, name: str, owner_org_id: int, is_demo: bool = False) -> User:
    """The account by which a device is known; it has no password, only keys."""
    with as_system("a device is known by its own account"):
        return User.objects.create_user(
            _username(code),
            kind=User.Kind.DEVICE,
            full_name=name[:120],
            organisation_id=owner_org_id,
            is_demo=is_demo,
        )


def _username(code: str) -> str:
    """A free name of an account; devices never type it."""
    stem = f"tb-{code.lower()}"[:52]
    name, number = stem, 1
    while User.objects.filter(username=name).exists():
        number += 1
        name = f"{stem}-{number}"
    return name


@use_case("telemetry.device.change", act="telemetry.give_device_key", check_result=False)
def give_key(*, actor: Actor, row: Device) -> str:
    """A new key for a device, told once; its older keys end after the overlap.

    Raises:
        ConflictError: it is retired.
    """
    account = _account(row)
    with as_system("keys are given by whoever may change the device"):
        _credential, secret = rotate_device_credential(actor=actor, device=account)
    return secret


@use_case("telemetry.device.change", act="telemetry.revoke_device_key", check_result=False)
def revoke_key(*, actor: Actor, row: Device, key_id: str, reason: str = "") -> None:
    """End one key at once.

    Raises:
        InvalidInputError: the device has no such key.
    """
    account = _account(row)
    ended = DeviceCredential.objects.filter(device=account, key_id=key_id, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not ended:
        raise InvalidInputError({"key_id": _("Thiết bị không có khóa này hoặc khóa đã hết hạn.")})


@use_case("telemetry.device.change", act="telemetry.quarantine_device")
def quarantine_device(*, actor: Actor, row: Device, reason: str) -> Device:
    """Keep what a device sends out of the store until it is released.

    Raises:
        ConflictError: it does not send.
        InvalidInputError: without a reason.
    """
    return _move(row, DeviceState.QUARANTINED, reason, come_from=_SENDING)


@use_case("telemetry.device.change", act="telemetry.release_device")
def release_device(*, actor: Actor, row: Device, reason: str) -> Device:
    """Take a device back from quarantine.

    Raises:
        ConflictError: it is not in quarantine.
        InvalidInputError: without a reason.
    """
    return _move(
        row,
        DeviceState.PROVISIONED if row.last_seen_at is None else DeviceState.ACTIVE,
        reason,
        come_from=(DeviceState.QUARANTINED.value,),
    )


@use_case("telemetry.device.change", act="telemetry.retire_device")
def retire_device(*, actor: Actor, row: Device, reason: str) -> Device:
    """Take a device out of use for good: its keys end, what it measured stays.

    Raises:
        ConflictError: it is retired already.
        InvalidInputError: without a reason.
    """
    moved = _move(
        row, DeviceState.RETIRED, reason, come_from=(*_SENDING, DeviceState.QUARANTINED.value)
    )
    with as_system("keys of a retired device end"):
        DeviceCredential.objects.filter(device_id=row.account_id, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        User.objects.filter(pk=row.account_id or 0).update(is_active=False)
    return moved


def _move(row: Device, to: DeviceState, reason: str, *, come_from: Sequence[str]) -> Device:
    if row.state not in come_from:
        raise ConflictError(
            _("Thiết bị đang ở trạng thái “%(state)s” nên không làm được việc này.")
            % {"state": row.get_state_display()}
        )
    if not reason.strip():
        raise InvalidInputError({"reason": _("Hãy ghi lý do.")})
    before = row.state
    row.state, row.state_reason = to.value, reason.strip()[:250]
    row.save()
    publish(
        DeviceStateChanged(
            device_id=row.pk, code=row.code, before=before, state=row.state, reason=row.state_reason
        ),
        key=row.pk,
        on=row,
    )
    return row


def _account(row: Device) -> User:
    account = row.account
    if account is None or row.state == DeviceState.RETIRED:
        raise ConflictError(_("Thiết bị đã ngừng sử dụng nên không cấp khóa được."))
    return account


@use_case("telemetry.device.add", act="telemetry.provision_unknown")
def provision_unknown(*, actor: Actor, letter_id: int, **values: Any) -> Device:
    """Provision the device that a refused payload named; its letters are then its own.

    Raises:
        InvalidInputError: no such letter, or it is a known device's.
    """
    letter = DeadLetter.objects.filter(pk=letter_id, device=None).exclude(source="").first()
    if letter is None:
        raise InvalidInputError({"letter": _("Không còn bản tin nào của thiết bị lạ này.")})
    row: Device = provision_device(actor=actor, **values)
    DeadLetter.objects.filter(device=None, source=letter.source).update(device=row)
    return row


_FALLEN: Final = """
UPDATE telemetry_device SET silent_since = last_seen_at
 WHERE state = 'ACTIVE' AND silent_since IS NULL
   AND last_seen_at < now() - make_interval(secs => silent_after_s)
RETURNING id
"""
_BACK: Final = """
UPDATE telemetry_device SET silent_since = NULL
 WHERE silent_since IS NOT NULL
   AND (state <> 'ACTIVE' OR last_seen_at >= now() - make_interval(secs => silent_after_s))
RETURNING id
"""


@use_case("telemetry.device.change", act="telemetry.mark_silent", audit=False)
def mark_silent(*, actor: Actor) -> dict[str, int]:
    """Mark devices that fell silent, tell those who mind them, and unmark who is heard again."""
    with connection.cursor() as cursor:
        cursor.execute(_BACK)
        back = len(cursor.fetchall())
        cursor.execute(_FALLEN)
        fallen = [pk for (pk,) in cursor.fetchall()]
    for row in Device.objects.visible_to(actor).filter(pk__in_array=fallen):
        if row.last_seen_at is not None:
            _tell_silent(row, row.last_seen_at)
    return {"silent": len(fallen), "back": back}


def _tell_silent(row: Device, last_seen_at: datetime) -> None:
    publish(
        DeviceFellSilent(device_id=row.pk, code=row.code, last_seen_at=last_seen_at),
        key=row.pk,
        on=row,
    )
    seen = timezone.localtime(last_seen_at)
    notify(
        [user.pk for user in who_may(row, "change")],
        key=f"telemetry.silent.{row.pk}.{int(seen.timestamp())}",
        title=_("Thiết bị %(name)s mất liên lạc") % {"name": row.name},
        text=_("Bản tin cuối cùng lúc %(at)s.") % {"at": date_format(seen, "H:i d/m/Y")},
        url=f"/ql/telemetry/devices/{row.pk}/",
        is_demo=row.is_demo,
    )
