"""What is asked, and how that went, in the database. Called from a thread."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from sen.domains.telemetry.choices import DeviceState
from sen.domains.telemetry.models import Device, PullState
from sen.domains.telemetry.pulls.base import MODULES, Reading
from sen.kernel.access.context import as_system
from sen.kernel.access.crypto import DecryptionError
from sen.lib.errors import InputError

_ASKED: Final = (
    "INSERT INTO telemetry_pullstate (device_id, asked_at, read_at, failures, error, points)"
    " SELECT d.id, to_timestamp(asked / 1e6), to_timestamp(nullif(read, 0) / 1e6), n,"
    " error::jsonb, points::jsonb"
    " FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::int[], %s::text[], %s::text[])"
    " AS t(id, asked, read, n, error, points) JOIN telemetry_device d ON d.id = t.id"
    " ON CONFLICT (device_id) DO UPDATE SET asked_at = excluded.asked_at,"
    " read_at = coalesce(excluded.read_at, telemetry_pullstate.read_at),"
    " failures = excluded.failures, error = excluded.error,"
    " points = CASE WHEN excluded.points = '{}' THEN telemetry_pullstate.points"
    " ELSE excluded.points END"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A device that is to be asked; equal as long as nothing about that changes."""

    id: int
    code: str
    protocol: str
    connection: str
    secret: str = field(repr=False)


@dataclass(slots=True)
class Went:
    """How the last time went; ``read_us`` 0 when nothing was read."""

    asked_us: int
    read_us: int = 0
    failures: int = 0
    error: InputError | None = None
    readings: list[Reading] = field(default_factory=list)


def to_be_asked() -> list[Asked]:
    """Raises: DatabaseError: the database is away."""
    with as_system("devices that are asked"):
        rows = (
            Device.objects.filter(
                protocol__in=[str(name) for name in MODULES],
                state__in=[DeviceState.PROVISIONED.value, DeviceState.ACTIVE.value],
            )
            .exclude(connection={})
            .values_list("id", "code", "protocol", "connection")
        )
        found = list(rows.order_by("id"))
        secrets = _secrets([row[0] for row in found]) if found else {}
    return [
        Asked(pk, code, protocol, json.dumps(plan, sort_keys=True), secrets.get(pk, ""))
        for pk, code, protocol, plan in found
    ]


def _secrets(devices: list[int]) -> dict[int, str]:
    rows = PullState.objects.filter(device_id__in=devices).exclude(secret=None)
    try:
        return {pk: secret or "" for pk, secret in rows.values_list("device_id", "secret")}
    except DecryptionError:
        # A key is missing: those that need no password go on.
        return {}


def write_states(states: Mapping[int, Went]) -> None:
    """Raises: DatabaseError: the database is away."""
    if not states:
        return
    went = list(states.values())
    with as_system("how asking devices went"), connection.cursor() as cursor:
        cursor.execute(
            _ASKED,
            [
                list(states),
                [float(one.asked_us) for one in went],
                [float(one.read_us) for one in went],
                [one.failures for one in went],
                [_text({} if one.error is None else told(one.error)) for one in went],
                [_text({r.stream: _point(r, one.read_us) for r in one.readings}) for one in went],
            ],
        )


def told(error: InputError) -> dict[str, Any]:
    """An error as it is kept, to be said in the language of who looks."""
    params = {
        name: value if isinstance(value, int | float) else str(value)[:300]
        for name, value in error.params.items()
    }
    return {"template": error.template, "params": params}


def _point(reading: Reading, read_us: int) -> dict[str, Any]:
    kept: dict[str, Any] = {"at": reading.at_us or read_us, "quality": int(reading.quality)}
    if reading.error is not None:
        return {**kept, "error": told(reading.error)}
    return {**kept, "raw": reading.raw, "value": reading.value}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", "")
