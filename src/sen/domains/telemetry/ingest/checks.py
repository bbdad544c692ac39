"""Rows of a device against what is known of its streams: a batch, and what is refused of it.

The clock: what lies ahead by more than the tolerance of its stream, but by a day at most, is taken
for a clock that runs ahead: all rows of the message are set back by the same amount, so that none
of them falls on another, and marked. What lies further ahead, or before 2000, is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sen.domains.telemetry.choices import Quality, ResultKind
from sen.domains.telemetry.ingest.bodies import Rows
from sen.domains.telemetry.ingest.directory import DeviceView
from sen.domains.telemetry.ingest.problems import PROBLEMS
from sen.domains.telemetry.results import Fault, fault_of
from sen.domains.telemetry.units import UnitError, factors
from sen.domains.telemetry.wire import Batch, BatchError, plain

UNSET_US: Final = 946_684_800_000_000  # 2000-01-01
FAR_US: Final = 86_400_000_000
#: So many faults are described one by one; the rest is counted.
DESCRIBED: Final = 100


@dataclass(slots=True)
class Refusals:
    """Rows that are refused, with their reasons."""

    rows: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)

    def add(self, number: int, code: str, **given: Any) -> None:
        self.rows.setdefault(number, (code, given))

    def __len__(self) -> int:
        return len(self.rows)

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for code, _given in self.rows.values():
            found[code] = found.get(code, 0) + 1
        return found

    def described(self, *, english: bool) -> list[dict[str, Any]]:
        return [
            {"index": n, "code": code, "detail": PROBLEMS[code].text(english=english, **given)}
            for n, (code, given) in sorted(self.rows.items())[:DESCRIBED]
        ]


def check_rows(rows: Rows, view: DeviceView, *, received_us: int) -> tuple[Batch | None, Refusals]:
    """What of ``rows`` the device may write, in the units of its streams."""
    refused = Refusals()
    slots = _slots(rows, view, refused)
    values, extra = _values(rows, view, slots, refused)
    extra = _plain(rows, extra, refused)
    times = _times(rows, received_us, refused)
    fit = np.ones(len(rows), bool)
    fit[list(refused.rows)] = False
    _convert(rows, view, slots, values, refused, fit)
    quality = np.zeros(len(rows), np.uint8)
    shift = _clock(times, view.tolerances[slots], received_us, refused, fit)
    if shift:
        times -= shift
        quality[:] = Quality.CLOCK_CORRECTED
        for number in np.nonzero(fit)[0].tolist():
            own = extra.setdefault(number, {})
            own["parameters"] = {**own.get("parameters", {}), "clockAhead_s": shift / 1_000_000}
    with np.errstate(invalid="ignore"):
        outside = (values < view.lows[slots]) | (values > view.highs[slots])
    quality[outside] = Quality.OUT_OF_RANGE
    for number, said in rows.quality.items():
        quality[number] = max(int(quality[number]), said)
    if not fit.any():
        return None, refused
    ids = view.ids[slots]
    if not fit.all():
        place = np.cumsum(fit) - 1
        extra = {int(place[n]): more for n, more in extra.items() if fit[n]}
        ids, times, values, quality = ids[fit], times[fit], values[fit], quality[fit]
    batch = Batch.of(
        device=view.id,
        received_us=received_us,
        streams=ids,
        times_us=times,
        values=values,
        quality=quality,
        extra=extra,
    )
    return batch, refused


def _slots(rows: Rows, view: DeviceView, refused: Refusals) -> NDArray[np.intp]:
    """The slot of each row; 0 where there is none, and the row is refused."""
    found = [view.slots.get(name, -1) for name in rows.streams]
    if -1 in found:
        for number, slot in enumerate(found):
            if slot < 0:
                other = view.slot_of(rows.streams[number])
                found[number] = other or 0
                if other is None:
                    refused.add(number, "unknown-stream", stream=str(rows.streams[number])[:100])
    return np.array(found, np.intp)


def _values(
    rows: Rows, view: DeviceView, slots: NDArray[np.intp], refused: Refusals
) -> tuple[NDArray[np.float64], dict[int, dict[str, Any]]]:
    """Numbers by row, NaN where the result is none, and what is beyond the numbers."""
    if view.numeric and all(type(v) is float or type(v) is int for v in rows.values):
        try:
            values = np.array(rows.values, np.float64)
        except OverflowError:
            values = np.full(len(rows), np.nan)
        if np.isfinite(values).all():
            return values, rows.extra
    values = np.full(len(rows), np.nan)
    extra = dict(rows.extra)
    for number, given in enumerate(rows.values):
        slot = int(slots[number])
        name = view.codes[slot]
        if number in refused.rows:
            continue
        if not view.active[slot]:
            refused.add(number, "stream-paused", stream=name)
            continue
        value, kept, fault = _result(given, view, slot)
        if fault is not None:
            refused.add(number, fault.code, stream=name, **fault.given)
        elif kept:
            extra[number] = {**extra.get(number, {}), "result": given}
        else:
            values[number] = value
    return values, extra


def _result(given: Any, view: DeviceView, slot: int) -> tuple[float, bool, Fault | None]:
    """The number of a result, whether it is kept as it came instead, what is wrong with it."""
    schema, kind = view.schemas[slot], view.kinds[slot]
    if schema is not None:
        return math.nan, True, fault_of(schema, given)
    value = _number(given, kind)
    if value is not None:
        return value, False, None
    if _is_result(given, kind, view.sizes[slot]):
        return math.nan, True, None
    if kind in (ResultKind.MEASUREMENT, ResultKind.COUNT):
        return math.nan, False, Fault("no-number", {})
    return math.nan, False, Fault("wrong-result", {"kind": kind})


def _plain(
    rows: Rows, extra: dict[int, dict[str, Any]], refused: Refusals
) -> dict[int, dict[str, Any]]:
    """What is beyond the numbers, as it can be kept; a row with what cannot is refused."""
    kept = {}
    for number, more in extra.items():
        try:
            kept[number] = plain(more)
        except BatchError as error:
            name = str(rows.streams[number])[:100]
            refused.add(number, "not-kept", stream=name, error=str(error)[:200])
    return kept


def _number(given: Any, kind: str) -> float | None:
    if isinstance(given, bool):
        return float(given) if kind in (ResultKind.TRUTH, ResultKind.ANY) else None
    if not isinstance(given, int | float) or kind in (ResultKind.CATEGORY, ResultKind.COMPLEX):
        return None
    if kind == ResultKind.TRUTH and given not in (0, 1):
        return None
    try:
        value = float(given)
    except OverflowError:
        return None
    if not math.isfinite(value) or (kind == ResultKind.COUNT and value != int(value)):
        return None
    return value


def _is_result(given: Any, kind: str, size: int) -> bool:
    if kind == ResultKind.CATEGORY:
        return isinstance(given, str) and 0 < len(given) <= 500
    if kind == ResultKind.COMPLEX:
        return isinstance(given, list) and (not size or len(given) == size)
    return kind == ResultKind.ANY and isinstance(given, str | list | dict)


def _times(rows: Rows, received_us: int, refused: Refusals) -> NDArray[np.int64]:
    for number, given in rows.broken.items():
        refused.add(number, "time", value=str(given)[:80])
    try:
        return np.array([received_us if at is None else at for at in rows.times], np.int64)
    except OverflowError:
        times = np.full(len(rows), received_us, np.int64)
        for number, at in enumerate(rows.times):
            if at is not None and abs(at) < 2**62:
                times[number] = at
            elif at is not None:
                refused.add(number, "time", value=str(at)[:80])
        return times


def _convert(
    rows: Rows,
    view: DeviceView,
    slots: NDArray[np.intp],
    values: NDArray[np.float64],
    refused: Refusals,
    fit: NDArray[np.bool_],
) -> None:
    for number, unit in rows.units.items():
        wanted = view.units[slots[number]]
        if unit == wanted or not wanted or not fit[number]:
            continue
        try:
            scale, offset = factors(unit, wanted)
        except UnitError:
            name = view.codes[slots[number]]
            refused.add(number, "unit", stream=name, unit=unit[:40], wanted=wanted)
            fit[number] = False
        else:
            values[number] = values[number] * scale + offset
            if math.isinf(values[number]):
                refused.add(number, "no-number", stream=view.codes[slots[number]])
                fit[number] = False


def _clock(
    times: NDArray[np.int64],
    tolerances: NDArray[np.int64],
    received_us: int,
    refused: Refusals,
    fit: NDArray[np.bool_],
) -> int:
    """How far the clock runs ahead in µs, 0 when it does not; refuses what no clock can mean."""
    ahead = times - received_us
    for code, wrong in (("clock-unset", times < UNSET_US), ("clock-ahead", ahead > FAR_US)):
        for number in np.nonzero(wrong & fit)[0].tolist():
            refused.add(number, code)
            fit[number] = False
    beyond = fit & (ahead > tolerances)
    return int(ahead[beyond].max()) if beyond.any() else 0
