"""How a device is asked: its connection, its points, its password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.telemetry.choices import DeviceState
from sen.domains.telemetry.models import Datastream, Device, PullState
from sen.domains.telemetry.pulls.plan import AnyPlan, PlanError, parse_plan
from sen.domains.telemetry.units import UnitError, factors
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.usecase import check_version, use_case

#: What a password was given for.
SERVER = ("endpoint", "user", "security", "certificate")


@use_case("telemetry.device.connect", act="telemetry.connect_device")
def connect_device(
    *,
    row: Device,
    actor: Actor,
    plan: Mapping[str, Any],
    version: int | None = None,
    secret: str | None = None,
) -> Device:
    """Say how a device is asked; an empty ``secret`` takes its password away.

    None keeps it as long as it is for the same server: who changes the address must know it.

    Raises:
        ConflictError: it is retired, or somebody changed it meanwhile.
        InvalidInputError: the plan cannot be read, or names what the device does not have.
    """
    check_version(row, version)
    if row.state == DeviceState.RETIRED:
        raise ConflictError(_("Thiết bị đã ngừng sử dụng nên không khai kết nối được."))
    try:
        parsed = parse_plan(row.protocol, plan)
    except PlanError as error:
        raise InvalidInputError({error.where: said(error)}) from error
    check_streams(row, parsed)
    if any(plan.get(name) != row.connection.get(name) for name in SERVER):
        secret = secret or ""
    row.connection = dict(plan)
    row.save()
    with as_system("the password of a device is kept apart, encrypted"):
        state, _made = PullState.objects.get_or_create(device=row)
        if secret is not None:
            state.secret = secret or None
            state.save(update_fields=["secret"])
    return row


def check_streams(row: Device, plan: AnyPlan) -> None:
    """Every point leads to a stream of the device, in a unit that can be brought to its own.

    Raises:
        InvalidInputError: one does not; it says which.
    """
    with as_system("what a device serves is part of it"):
        own = Datastream.objects.filter(thing__in=row.things.all())
        units = dict(own.values_list("code", "unit"))
    for number, point in enumerate(plan.points, start=1):
        given = {"row": number, "stream": point.stream}
        if point.stream not in units:
            raise InvalidInputError(
                {
                    f"points.{number}.stream": _(
                        "Điểm %(row)s: thiết bị không có kênh đo “%(stream)s”; hãy kiểm tra mã kênh"
                        " và các trạm của thiết bị."
                    )
                    % given
                }
            )
        if not point.measure:
            continue
        try:
            factors(point.measure, units[point.stream])
        except UnitError as error:
            raise InvalidInputError(
                {
                    f"points.{number}.measure": _(
                        "Điểm %(row)s (%(stream)s): không đổi được từ “%(unit)s” sang “%(wanted)s”."
                    )
                    % {**given, "unit": point.measure, "wanted": units[point.stream]}
                }
            ) from error


def said(error: Any) -> str:
    """The sentence of an error of the pure library; what it names is translated as well."""
    params = {
        name: _(value) if isinstance(value, str) and value else value
        for name, value in error.params.items()
    }
    return _(error.template) % params
