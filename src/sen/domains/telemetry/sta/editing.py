"""Changing and deleting single observations: rare, logged, and told to the rollups."""

from __future__ import annotations

from datetime import datetime
from math import isnan
from typing import Any, Final

import msgspec
from django.db import connection

from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.results import result_schemas
from sen.domains.telemetry.sta.answers import RefusedError, not_found
from sen.domains.telemetry.sta.keys import microseconds, observation_key
from sen.domains.telemetry.sta.observations import Stream, draft_of
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.usecase import authorise
from sen.lib.errors import gettext_noop

#: Members that a PATCH may leave out; the others come from what is stored.
_KEPT: Final = ("resultTime", "validTime", "parameters")
_FORGET: Final = "DELETE FROM telemetry_latest WHERE datastream_id = %s"
_NEWEST: Final = (
    "INSERT INTO telemetry_latest (datastream_id, at, result, quality, received_at, extra) "
    "SELECT datastream_id, at, result, quality, received_at, extra FROM telemetry_observation "
    "WHERE datastream_id = %s ORDER BY at DESC LIMIT 1"
)


def change_observation(actor: Actor, key: str, body: dict[str, Any]) -> None:
    """Change an observation; when it was is its identity and stays.

    Raises:
        RefusedError: it is not there, or its time was to change.
        PermissionDeniedError: the stream is not the actor's to change.
    """
    row, at = _found(actor, key)
    with as_system("an observation is changed by whoever may change its stream"):
        before = _stored(row, at)
        given = {"phenomenonTime": at.isoformat(), **_members(before), **body}
        draft = draft_of(_stream(row), given)
        if draft.at_us != microseconds(at):
            raise RefusedError(
                400,
                "time",
                gettext_noop("Không đổi được phenomenonTime; hãy xóa rồi tạo quan trắc mới."),
            )
        number = None if isnan(draft.value) else draft.value
        extra = msgspec.json.encode(draft.extra).decode() if draft.extra else None
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE telemetry_observation SET result = %s, quality = %s, extra = %s::jsonb "
                "WHERE datastream_id = %s AND at = %s",
                [number, draft.quality, extra, row.pk, at],
            )
        _told(row, at, removed=False)
        detail = {"at": at.isoformat(), "before": _members(before), "after": body}
        record(act="telemetry.change_observation", on=row, detail=detail)


def delete_observation(actor: Actor, key: str) -> None:
    """Delete an observation.

    Raises:
        RefusedError: it is not there.
        PermissionDeniedError: the stream is not the actor's to change.
    """
    row, at = _found(actor, key)
    with as_system("an observation is deleted by whoever may change its stream"):
        before = _stored(row, at)
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM telemetry_observation WHERE datastream_id = %s AND at = %s",
                [row.pk, at],
            )
        _told(row, at, removed=True)
        detail = {"at": at.isoformat(), "before": _members(before)}
        record(act="telemetry.delete_observation", on=row, detail=detail)


def _found(actor: Actor, key: str) -> tuple[Datastream, datetime]:
    found = observation_key(key)
    row = None
    if found is not None:
        row = Datastream.objects.visible_to(actor).filter(pk=found[0]).first()
    if found is None or row is None:
        raise not_found(f"Observations({key})")
    authorise(actor, "telemetry.datastream.change", rows=[row])
    return row, found[1]


def _stored(row: Datastream, at: datetime) -> tuple[Any, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT result, extra FROM telemetry_observation "
            "WHERE datastream_id = %s AND at = %s FOR UPDATE",
            [row.pk, at],
        )
        found = cursor.fetchone()
    if found is None:
        raise not_found(f"Observations({row.pk}-{microseconds(at)})")
    extra = found[1]
    return found[0], msgspec.json.decode(extra) if isinstance(extra, str) else extra or {}


def _members(stored: tuple[Any, Any]) -> dict[str, Any]:
    """The members of a stored observation as its JSON has them."""
    result, extra = stored
    found = {name: extra[name] for name in _KEPT if name in extra}
    found["result"] = extra.get("result", result)
    if "featureOfInterest" in extra:
        found["FeatureOfInterest"] = {"@iot.id": extra["featureOfInterest"]}
    return found


def _stream(row: Datastream) -> Stream:
    low = float("-inf") if row.valid_min is None else row.valid_min
    high = float("inf") if row.valid_max is None else row.valid_max
    parts = len(row.components)
    schema = result_schemas().get(row.result_schema)
    return Stream(row.pk, row.result_kind, parts, low, high, True, True, 0, schema)


def _told(row: Datastream, at: datetime, *, removed: bool) -> None:
    """The newest value and the rollups follow."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [row.pk])
        cursor.execute(_NEWEST, [row.pk])
        cursor.execute(
            "INSERT INTO telemetry_changed (datastream_id, first_at, last_at, removed) "
            "VALUES (%s, %s, %s, %s)",
            [row.pk, at, at, removed],
        )
