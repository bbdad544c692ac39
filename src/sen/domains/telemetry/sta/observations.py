"""Observations on their way in: read, checked against their stream, gathered, handed to the door.

All that waits while one batch is on its way goes with the next, so that many single requests cost
little more than one of many observations. The answer follows when the store has committed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isnan
from typing import Any, Final, NoReturn

from django.utils.translation import get_language

from sen.domains.telemetry.choices import DeviceState, Quality, ResultKind
from sen.domains.telemetry.ingest.problems import PROBLEMS
from sen.domains.telemetry.models import Datastream, Device
from sen.domains.telemetry.results import Fault, ResultSchema, fault_of, result_schemas
from sen.domains.telemetry.sta.answers import RefusedError, not_found
from sen.domains.telemetry.sta.callers import Caller, in_thread
from sen.domains.telemetry.sta.keys import microseconds
from sen.domains.telemetry.sta.odata.lexer import instant, interval
from sen.domains.telemetry.store.writing import EARLIEST_US
from sen.domains.telemetry.wire import Batch, BatchError, plain
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor, ActorKind
from sen.lib.errors import gettext_noop

Deliver = Callable[[Batch], Awaitable[None]]
NAN: Final = float("nan")
_LARGEST: Final = 1e300
_NUMERIC: Final = frozenset({ResultKind.MEASUREMENT.value, ResultKind.COUNT.value})
#: Observations that travel together at most.
_MOST: Final = 50_000
#: Units: microseconds. What lies further ahead is no clock that runs fast.
FAR_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Stream:
    """What has to be known of a stream to write to it."""

    id: int
    kind: str
    components: int
    low: float
    high: float
    visible: bool
    writable: bool
    device: int
    schema: ResultSchema | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An observation that is right and may be written."""

    stream: Stream
    at_us: int
    value: float
    quality: int
    extra: dict[str, Any] | None


# --- who may write where ---------------------------------------------------------------------


async def streams_of(caller: Caller, wanted: Iterable[int]) -> dict[int, Stream]:
    """The streams, each of them one that the caller may write to.

    Raises:
        RefusedError: one is not there for the caller, or is not theirs to write.
    """
    known: dict[int, Stream] = caller.streams
    asked = set(wanted)
    unknown = [number for number in asked if number not in known]
    if unknown:
        known.update(await in_thread(_look_up, caller.actor, unknown))
    for number in asked:
        stream = known.get(number)
        if stream is None or not (stream.visible or stream.writable):
            raise not_found(f"Datastreams({number})")
        if not stream.writable:
            raise RefusedError(
                403,
                "not-yours",
                gettext_noop("Bạn không có quyền ghi số liệu vào kênh đo %(id)d."),
                {"id": number},
            )
    return {number: known[number] for number in asked}


def _look_up(actor: Actor, wanted: list[int]) -> dict[int, Stream]:
    with as_system("see which streams somebody may write to", reading=True):
        device, its_things = _device_of(actor)
        rows = Datastream.objects.filter(pk__in=wanted)
        found = {}
        change, view = actor.scope(Datastream.access, "change"), actor.scope(Datastream.access)
        for row in rows:
            writable = row.thing_id in its_things if device else change.allows(row)
            found[row.pk] = stream_of(
                row,
                visible=view.allows(row),
                writable=writable and row.is_active,
                device=device,
            )
        return found


def stream_of(row: Datastream, *, visible: bool, writable: bool, device: int) -> Stream:
    """What has to be known of a row to write to it."""
    return Stream(
        row.pk,
        row.result_kind,
        len(row.components),
        float("-inf") if row.valid_min is None else row.valid_min,
        float("inf") if row.valid_max is None else row.valid_max,
        visible,
        writable,
        device,
        result_schemas().get(row.result_schema),
    )


def _device_of(actor: Actor) -> tuple[int, frozenset[int]]:
    """The device behind an account, with the things whose streams it may write to."""
    if actor.kind is not ActorKind.DEVICE:
        return 0, frozenset()
    sending = (DeviceState.PROVISIONED.value, DeviceState.ACTIVE.value)
    row = Device.objects.filter(account_id=actor.id, state__in=sending).first()
    if row is None:
        return -1, frozenset()
    return row.pk, frozenset(row.things.values_list("pk", flat=True))


# --- reading one -----------------------------------------------------------------------------


def draft_of(stream: Stream, body: dict[str, Any]) -> Draft:
    """An observation from its JSON.

    Raises:
        RefusedError: its time or its result is none for this stream.
    """
    at_us, extra = _times(body)
    if at_us > time.time_ns() // 1000 + FAR_US:
        raise RefusedError(
            400,
            "ahead",
            gettext_noop("phenomenonTime nằm quá một ngày trong tương lai; hãy kiểm tra đồng hồ."),
        )
    if at_us < EARLIEST_US:
        _wrong_time("phenomenonTime", body.get("phenomenonTime"))
    value, kept = result_of(stream, body.get("result"))
    if kept is not None:
        extra["result"] = kept
    if body.get("parameters"):
        extra["parameters"] = body["parameters"]
    feature = body.get("FeatureOfInterest")
    if isinstance(feature, dict) and feature.get("@iot.id") is not None:
        extra["featureOfInterest"] = _feature(feature["@iot.id"])
    quality = Quality.GOOD if stream.low <= value <= stream.high else Quality.OUT_OF_RANGE
    if isnan(value):
        quality = Quality.GOOD
    return Draft(stream, at_us, value, int(quality), _plain(extra) if extra else None)


def _plain(extra: dict[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = plain(extra)
    except BatchError as error:
        raise RefusedError(
            400,
            "kept",
            gettext_noop("Kết quả hoặc parameters không lưu được: %(error)s."),
            {"error": str(error)[:200]},
        ) from error
    return found


def _feature(key: Any) -> int:
    if not str(key).removeprefix("-").isdigit() or len(str(key)) > 18:
        raise not_found(f"FeaturesOfInterest({key})")
    return int(key)


def _times(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    extra: dict[str, Any] = {}
    text = body.get("phenomenonTime")
    if text is None:
        at_us = time.time_ns() // 1000
    elif isinstance(text, str) and "/" in text:
        begin, end = _interval("phenomenonTime", text)
        at_us = microseconds(begin)
        extra["phenomenonEnd"] = end
    else:
        at_us = microseconds(_instant("phenomenonTime", text))
    if body.get("resultTime") is not None:
        extra["resultTime"] = _text(_instant("resultTime", body["resultTime"]))
    if body.get("validTime") is not None:
        begin, end = _interval("validTime", body["validTime"])
        extra["validTime"] = f"{_text(begin)}/{end}"
    return at_us, extra


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _instant(name: str, value: Any) -> datetime:
    try:
        return instant(value)
    except (ValueError, OverflowError, AttributeError, TypeError):
        _wrong_time(name, value)


def _interval(name: str, value: Any) -> tuple[datetime, str]:
    try:
        begin, end = interval(value)
    except (ValueError, OverflowError, AttributeError, TypeError):
        _wrong_time(name, value)
    if not isinstance(begin, datetime) or not isinstance(end, datetime):
        _wrong_time(name, value)
    return begin, _text(end)


def _wrong_time(name: str, value: Any) -> NoReturn:
    raise RefusedError(
        400,
        "time",
        gettext_noop("%(name)s “%(value)s” không đúng dạng ISO 8601, ví dụ 2026-01-31T08:00:00Z."),
        {"name": name, "value": str(value)[:60]},
    )


def result_of(stream: Stream, result: Any) -> tuple[float, Any]:
    """The number of a result, and what of it is no number.

    Raises:
        RefusedError: it is not what the stream observes.
    """
    if stream.schema is not None:
        return NAN, _by_schema(stream, stream.schema, result)
    if type(result) is float or type(result) is int:
        return _number(stream, result), None
    if result is None:
        return NAN, None
    if stream.components:
        if not isinstance(result, list) or len(result) != stream.components:
            _wrong_result(stream, result)
        return NAN, result
    if stream.kind in _NUMERIC or (
        stream.kind == ResultKind.TRUTH.value and result is not True and result is not False
    ):
        _wrong_result(stream, result)
    if isinstance(result, bool):
        return float(result), result
    return NAN, result


def _by_schema(stream: Stream, schema: ResultSchema, result: Any) -> Any:
    fault = fault_of(schema, result)
    if fault is not None:
        raise RefusedError(400, fault.code, "%(text)s", {"text": _Told(stream.id, fault)})
    return result


@dataclass(frozen=True, slots=True)
class _Told:
    """A fault in the language in which the answer will be written."""

    stream: int
    fault: Fault

    def __str__(self) -> str:
        english = (get_language() or "vi").startswith("en")
        said = PROBLEMS[self.fault.code]
        return said.text(english=english, stream=self.stream, **self.fault.given)


def _number(stream: Stream, result: float) -> float:
    value = float(result) if abs(result) < _LARGEST else NAN
    whole = stream.kind != ResultKind.COUNT.value or value.is_integer()
    if isnan(value) or not whole or stream.kind == ResultKind.CATEGORY.value or stream.components:
        _wrong_result(stream, result)
    return value


def _wrong_result(stream: Stream, result: Any) -> NoReturn:
    raise RefusedError(
        400,
        "result",
        gettext_noop("Kết quả “%(value)s” không hợp với kiểu %(kind)s của kênh đo %(id)d."),
        {"value": str(result)[:60], "kind": stream.kind, "id": stream.id},
    )


# --- gathering -------------------------------------------------------------------------------


@dataclass(slots=True)
class Gathering:
    """What waits for the next batch, by device."""

    deliver: Deliver
    _waiting: dict[int, list[tuple[list[Draft], asyncio.Future[None]]]] = field(
        default_factory=dict
    )
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _busy: bool = False

    async def put(self, drafts: list[Draft]) -> None:
        """Store observations of one sender; returns after the commit."""
        if not drafts:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(max(drafts[0].stream.device, 0), []).append((drafts, done))
        if not self._busy:
            self._busy = True
            task = asyncio.create_task(self._run())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        await done

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, {}
                await asyncio.gather(*(self._send(k, items) for k, items in taken.items()))
        finally:
            self._busy = False

    async def _send(
        self, device: int, items: list[tuple[list[Draft], asyncio.Future[None]]]
    ) -> None:
        """One batch; whoever waits for it learns how it went."""
        drafts = [draft for listed, _done in items for draft in listed]
        try:
            for start in range(0, len(drafts), _MOST):
                await self.deliver(batch_of(device, drafts[start : start + _MOST]))
        except Exception as error:  # noqa: BLE001  told to everybody who waits
            for _listed, done in items:
                if not done.done():
                    done.set_exception(error)
            return
        for _listed, done in items:
            if not done.done():
                done.set_result(None)


def batch_of(device: int, drafts: list[Draft]) -> Batch:
    return Batch.of(
        device=device,
        received_us=time.time_ns() // 1000,
        streams=[draft.stream.id for draft in drafts],
        times_us=[draft.at_us for draft in drafts],
        values=[draft.value for draft in drafts],
        quality=[draft.quality for draft in drafts],
        extra={n: draft.extra for n, draft in enumerate(drafts) if draft.extra},
    )
