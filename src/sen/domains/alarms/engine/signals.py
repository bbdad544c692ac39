"""What a rule compares with its levels: one number per observation, or none.

Every kind exists twice, over arrays and for one observation, with the same arithmetic in the same
order, so that both give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import nan, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sen.domains.alarms.choices import Direction, RuleKind
from sen.domains.alarms.engine.machine import Times
from sen.domains.alarms.engine.spec import MICRO, Model, Spec
from sen.domains.alarms.engine.tails import Tail

Floats = NDArray[np.float64]
Memory = list[Any]
Tails = Mapping[str, Tail]

#: A window of change is remembered by so many points.
SLOTS: Final = 64
_ZONE_S: Final = 7 * 3_600
_DAY_S: Final = 86_400


def value_many(spec: Spec, memory: Memory, at: Times, v: Floats, q: Any, tails: Tails) -> Floats:
    return v


def value_one(spec: Spec, memory: Memory, at: int, v: float, q: int, tails: Tails) -> float:
    return v


def range_many(spec: Spec, memory: Memory, at: Times, v: Floats, q: Any, tails: Tails) -> Floats:
    """1 where the instrument says what it cannot have measured, else 0."""
    wrong = (q == 2) | (q == 4)
    if spec.low is not None:
        wrong |= v < spec.low
    if spec.high is not None:
        wrong |= v > spec.high
    return np.where(wrong, 1.0, 0.0)


def range_one(spec: Spec, memory: Memory, at: int, v: float, q: int, tails: Tails) -> float:
    wrong = q in (2, 4)
    wrong = wrong or (spec.low is not None and v < spec.low)
    wrong = wrong or (spec.high is not None and v > spec.high)
    return 1.0 if wrong else 0.0


def flat_many(spec: Spec, memory: Memory, at: Times, v: Floats, q: Any, tails: Tails) -> Floats:
    """Seconds for which the value has not moved by more than ``epsilon`` from one to the next."""
    before = memory[0] if memory else v[0]
    since = memory[1] if memory else int(at[0])
    moved = np.abs(np.diff(v, prepend=before)) > spec.epsilon
    places = np.where(moved, np.arange(len(v)), -1)
    np.maximum.accumulate(places, out=places)
    changed = np.where(places < 0, since, at[np.maximum(places, 0)])
    memory[:] = [float(v[-1]), int(changed[-1])]
    return np.asarray((at - changed) / MICRO, np.float64)


def flat_one(spec: Spec, memory: Memory, at: int, v: float, q: int, tails: Tails) -> float:
    moved = not memory or abs(v - memory[0]) > spec.epsilon
    since = at if moved else memory[1]
    memory[:] = [v, since]
    return (at - since) / MICRO


def spike_many(spec: Spec, memory: Memory, at: Times, v: Floats, q: Any, tails: Tails) -> Floats:
    """How far the value before jumped out and came back."""
    known = np.concatenate([np.asarray(memory, np.float64), v])
    out = np.zeros(len(known))
    if len(known) > 2:
        up = known[1:-1] - known[:-2]
        down = known[1:-1] - known[2:]
        both = np.minimum(np.abs(up), np.abs(down))
        out[2:] = np.where((up > 0) == (down > 0), both, 0.0)
    found = out[len(memory) :]
    memory[:] = known[-2:].tolist()
    return found


def spike_one(spec: Spec, memory: Memory, at: int, v: float, q: int, tails: Tails) -> float:
    found = 0.0
    if len(memory) == 2:
        up, down = memory[1] - memory[0], memory[1] - v
        if (up > 0) == (down > 0):
            found = min(abs(up), abs(down))
    memory.append(v)
    del memory[:-2]
    return found


def rate_many(spec: Spec, memory: Memory, at: Times, v: Floats, q: Any, tails: Tails) -> Floats:
    """Change over the window, per ``per_s``; the window's beginning is the first value in it.

    Of every 1/64 of the window the first value is remembered.
    """
    slot = max(spec.window_us // SLOTS, 1)
    known_at, known_v = memory or ([], [])
    slots = at // slot
    last = known_at[-1] // slot if known_at else -1
    fresh = slots != np.concatenate([[last], slots[:-1]])
    point_at = np.concatenate([np.asarray(known_at, np.int64), at[fresh]])
    point_v = np.concatenate([np.asarray(known_v, np.float64), v[fresh]])
    first = np.searchsorted(point_at, at - spec.window_us)
    first = np.minimum(first, len(point_at) - 1)
    span = (at - point_at[first]) / MICRO
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = (v - point_v[first]) / span * spec.per_s
    found[span * 2 * MICRO < spec.window_us] = nan
    keep = int(np.searchsorted(point_at, at[-1] - spec.window_us))
    memory[:] = [point_at[keep:].tolist(), point_v[keep:].tolist()]
    return found


def rate_one(spec: Spec, memory: Memory, at: int, v: float, q: int, tails: Tails) -> float:
    slot = max(spec.window_us // SLOTS, 1)
    if not memory:
        memory[:] = [[], []]
    known_at, known_v = memory
    if not known_at or at // slot != known_at[-1] // slot:
        known_at.append(at)
        known_v.append(v)
    while known_at[0] < at - spec.window_us and len(known_at) > 1:
        del known_at[0], known_v[0]
    span = (at - known_at[0]) / MICRO
    if span * 2 * MICRO < spec.window_us or span == 0:
        return nan
    return float((v - known_v[0]) / span * spec.per_s)


def model_many(spec: Spec, memory: Memory, at: Times, v: Floats, q: Any, tails: Tails) -> Floats:
    """How far the value is from what the hour and the other streams let expect."""
    model = spec.model
    expected = np.full(len(v), model.intercept)
    if model.hourly:
        hours = (at // MICRO + _ZONE_S) % _DAY_S // 3_600
        expected += np.asarray(model.hourly)[hours]
    for reference in model.references:
        tail = tails.get(reference.by)
        seen: Floats = np.full(len(v), nan) if tail is None else tail.many(at, spec.max_age_us)
        expected += reference.weight * (seen - reference.center)
    found: Floats = v - expected
    return found / model.sigma if spec.in_sigma and model.sigma > 0 else found


def model_one(spec: Spec, memory: Memory, at: int, v: float, q: int, tails: Tails) -> float:
    model = spec.model
    expected = model.intercept
    if model.hourly:
        expected += model.hourly[(at // MICRO + _ZONE_S) % _DAY_S // 3_600]
    for reference in model.references:
        tail = tails.get(reference.by)
        seen = nan if tail is None else tail.one(at, spec.max_age_us)
        expected += reference.weight * (seen - reference.center)
    found = v - expected
    return found / model.sigma if spec.in_sigma and model.sigma > 0 else found


def is_learnt(model: Model) -> bool:
    """Whether there is anything to compare with."""
    return model.n > 0 or bool(model.hourly) or model.sigma > 0


# Page–Hinkley: n, first value, Σd, Σd² of the warm-up; the upward sum and its least, the downward
# sum and its greatest. Source: Page, E. S. (1954), Continuous Inspection Schemes, Biometrika 41.
_DRIFT: Final = [0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def drift_many(spec: Spec, memory: Memory, at: Times, v: Floats, q: Any, tails: Tails) -> Floats:
    """Cumulated deviation from the mean of the warm-up, in its standard deviations."""
    memory[:] = memory or _DRIFT
    learning = 0 if spec.mean is not None else min(max(spec.warmup - memory[0], 0), len(v))
    found = np.zeros(len(v))
    if learning:
        _learn_many(memory, v[:learning])
    rest = v[learning:]
    if not len(rest):
        return found
    mean, sigma = _usual(spec, memory)
    z = (rest - mean) / sigma
    up = np.cumsum(np.concatenate([[memory[4]], z - spec.slack]))[1:]
    least = np.minimum.accumulate(np.minimum(up, memory[5]))
    down = np.cumsum(np.concatenate([[memory[6]], z + spec.slack]))[1:]
    most = np.maximum.accumulate(np.maximum(down, memory[7]))
    memory[4:] = [float(up[-1]), float(least[-1]), float(down[-1]), float(most[-1])]
    found[learning:] = _drift(spec.direction, up - least, most - down)
    return found


def drift_one(spec: Spec, memory: Memory, at: int, v: float, q: int, tails: Tails) -> float:
    memory[:] = memory or _DRIFT
    if spec.mean is None and memory[0] < spec.warmup:
        if memory[0] == 0:
            memory[1] = v
        d = v - memory[1]
        memory[0] += 1
        memory[2] += d
        memory[3] += d * d
        return 0.0
    mean, sigma = _usual(spec, memory)
    z = (v - mean) / sigma
    memory[4] = memory[4] + (z - spec.slack)
    memory[5] = min(memory[4], memory[5])
    memory[6] = memory[6] + (z + spec.slack)
    memory[7] = max(memory[6], memory[7])
    up, down = memory[4] - memory[5], memory[7] - memory[6]
    if spec.direction is Direction.BOTH:
        return float(max(up, down))
    return float(down if spec.direction is Direction.BELOW else up)


def _learn_many(memory: Memory, v: Floats) -> None:
    if memory[0] == 0:
        memory[1] = float(v[0])
    d = v - memory[1]
    memory[0] += len(v)
    memory[2] = float(np.cumsum(np.concatenate([[memory[2]], d]))[-1])
    memory[3] = float(np.cumsum(np.concatenate([[memory[3]], d * d]))[-1])


def _usual(spec: Spec, memory: Memory) -> tuple[float, float]:
    if spec.mean is not None:
        return spec.mean, spec.sigma or 1.0
    n, first, total, squares = memory[:4]
    variance = max(squares / n - (total / n) ** 2, 0.0)
    return first + total / n, sqrt(variance) or 1.0


def _drift(direction: Direction, up: Floats, down: Floats) -> Floats:
    if direction is Direction.BOTH:
        return np.asarray(np.maximum(up, down), np.float64)
    return down if direction is Direction.BELOW else up


Many = Callable[[Spec, Memory, Times, Floats, Any, Tails], Floats]
One = Callable[[Spec, Memory, int, float, int, Tails], float]

SIGNALS: Final[dict[RuleKind, tuple[Many, One]]] = {
    RuleKind.THRESHOLD: (value_many, value_one),
    RuleKind.RANGE: (range_many, range_one),
    RuleKind.FLAT: (flat_many, flat_one),
    RuleKind.SPIKE: (spike_many, spike_one),
    RuleKind.RATE: (rate_many, rate_one),
    RuleKind.PATTERN: (model_many, model_one),
    RuleKind.RELATION: (model_many, model_one),
    RuleKind.DRIFT: (drift_many, drift_one),
}
