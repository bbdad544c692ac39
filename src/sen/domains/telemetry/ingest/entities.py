"""Observations by MQTT as SensorThings writes them: ``v1.1/Datastreams(<id>)/Observations``.

The broker lets a device publish to its own datastreams only, so the datastream says whose it is.
What is in them is read and checked as by HTTP (:mod:`sen.domains.telemetry.sta.observations`).
"""

from __future__ import annotations

import time
from typing import Any, Final, NamedTuple

import msgspec
from django.db import DatabaseError, connection
from django.utils import translation
from django.utils.translation import gettext as _

from sen.domains.telemetry.choices import DeviceState
from sen.domains.telemetry.ingest.problems import PROBLEMS, RefusedError
from sen.domains.telemetry.models import Datastream, Device
from sen.domains.telemetry.sta import answers
from sen.domains.telemetry.sta.keys import moment_of
from sen.domains.telemetry.sta.observations import Stream, batch_of, draft_of, stream_of
from sen.domains.telemetry.wire import Batch
from sen.kernel.access.context import as_system

KNOWN_S: Final = 5.0
MOST: Final = 50_000


class Target(NamedTuple):
    """A stream with the device that serves it; ``device`` is 0 when several do."""

    stream: Stream
    device: int
    personal: bool


class Targets:
    """Streams by their number, known for some seconds. Call :meth:`read` in a thread."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Target | None, float]] = {}

    def known(self, number: int) -> tuple[Target | None, bool]:
        found, until = self._known.get(number, (None, 0.0))
        return found, time.monotonic() < until

    def read(self, number: int) -> Target | None:
        try:
            with as_system("a device publishes to a datastream"):
                target = _read(number)
        except DatabaseError:
            connection.close()
            raise
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[number] = (target, time.monotonic() + KNOWN_S)
        return target


def _read(number: int) -> Target | None:
    row = Datastream.objects.filter(pk=number).first()
    if row is None:
        return None
    sending = (DeviceState.PROVISIONED.value, DeviceState.ACTIVE.value)
    devices = Device.objects.filter(things=row.thing_id, state__in=sending).values_list("pk")
    known = [pk for (pk,) in devices[:2]]
    one = known[0] if len(known) == 1 else 0
    stream = stream_of(row, visible=True, writable=bool(known) and row.is_active, device=one)
    return Target(stream, one, bool(stream.schema and stream.schema.personal))


def read_entity(payload: bytes, target: Target | None, number: int, *, received_us: int) -> Batch:
    """The observation that a payload creates, as a batch.

    Raises:
        RefusedError: it cannot be read, or is none for this stream.
    """
    if target is None:
        raise RefusedError("unknown-stream", stream=str(number))
    if not target.stream.writable:
        raise RefusedError("not-active")
    try:
        body = msgspec.json.decode(payload, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("not-readable", error=str(error)) from error
    _check_links(body, number)
    body.setdefault("phenomenonTime", moment_of(received_us).isoformat())
    try:
        draft = draft_of(target.stream, body)
    except answers.RefusedError as error:
        raise _refused(error) from error
    batch = batch_of(target.device, [draft])
    return msgspec.structs.replace(batch, received_us=received_us)


def _check_links(body: dict[str, Any], number: int) -> None:
    for name in ("Datastream", "MultiDatastream"):
        link = body.get(name)
        named = link.get("@iot.id") if isinstance(link, dict) else link
        if link is not None and str(named) != str(number):
            raise RefusedError("not-readable", error=f"{name} is not that of the topic")
    if "result" not in body:
        raise RefusedError("not-readable", error="result is missing")
    feature = body.get("FeatureOfInterest")
    if feature is not None and not (isinstance(feature, dict) and "@iot.id" in feature):
        raise RefusedError("not-readable", error='FeatureOfInterest must be {"@iot.id": …}')


def _refused(error: answers.RefusedError) -> RefusedError:
    with translation.override("en"):
        text = _(error.template) % error.params
    if error.code in PROBLEMS and error.code.startswith("result-"):
        fault = error.params["text"].fault
        return RefusedError(error.code, stream=error.params["text"].stream, **fault.given)
    if error.code == "time":
        return RefusedError("time", value=error.params["value"])
    if error.code == "result":
        return RefusedError("wrong-result", stream=error.params["id"], kind=error.params["kind"])
    if error.code == "ahead":
        return RefusedError("clock-ahead")
    return RefusedError("not-readable", error=text)
