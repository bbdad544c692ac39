"""One rule on one stream: observations in, changes of severity out.

**Late data.** Severity goes forward in the time of the observations alone: what is not newer than
the newest that was judged is counted and left out. It lies in the store like everything else:
the stretch is judged again from there (``runner.again``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sen.domains.alarms.choices import Direction, RuleKind
from sen.domains.alarms.engine import machine
from sen.domains.alarms.engine.machine import NEVER, Machine, Times
from sen.domains.alarms.engine.signals import SIGNALS, Floats, Tails
from sen.domains.alarms.engine.spec import Spec

#: Shorter batches go one by one: the arrays would cost more than they save.
FEW: Final = 12
_BAD: Final = (2, 4)
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Change:
    """The severity of a rule on a stream changed at an observation; 0 is none."""

    at: int
    before: int
    after: int
    signal: float
    value: float
    peak: float


@dataclass(slots=True)
class RuleState:
    """All that a rule remembers of a stream."""

    last: int = NEVER
    judged: int = NEVER
    late: int = 0
    peak: float = 0.0
    machines: list[Machine] = field(default_factory=list)
    memory: list[Any] = field(default_factory=list)

    def severity(self, spec: Spec) -> int:
        """The gravest level that fires; 0 when none does."""
        return max(
            (level.severity for level, m in zip(spec.levels, self.machines, strict=False) if m[0]),
            default=0,
        )

    def packed(self) -> list[Any]:
        return [
            _VERSION,
            self.last,
            self.judged,
            self.late,
            self.peak,
            self.machines,
            self.memory,
        ]

    @classmethod
    def unpacked(cls, data: list[Any]) -> RuleState:
        return cls(*data[1:])


def feed(
    spec: Spec,
    state: RuleState,
    at: Times,
    v: Floats,
    q: NDArray[np.uint8],
    tails: Tails | None = None,
) -> list[Change]:
    """Judge observations in the order in which they came.

    Shapes:
        ``at``, ``v``, ``q``: (n,).
    """
    if not state.machines:
        state.machines = [machine.fresh() for _level in spec.levels]
    if len(at) <= FEW:
        found: list[Change] = []
        for moment, value, mark in zip(at.tolist(), v.tolist(), q.tolist(), strict=True):
            change = _one(spec, state, moment, value, mark, tails or {})
            if change is not None:
                found.append(change)
        return found
    return _many(spec, state, at, v, q, tails or {})


def feed_one(
    spec: Spec, state: RuleState, at: int, v: float, q: int, tails: Tails | None = None
) -> Change | None:
    """Judge one observation."""
    if not state.machines:
        state.machines = [machine.fresh() for _level in spec.levels]
    return _one(spec, state, at, v, q, tails or {})


def _one(spec: Spec, state: RuleState, at: int, v: float, q: int, tails: Tails) -> Change | None:
    if at <= state.last:
        state.late += 1
        return None
    state.last = at
    # What is no number is neither within a range nor outside of it.
    if isnan(v) or (spec.kind is not RuleKind.RANGE and q in _BAD):
        return None
    signal = SIGNALS[spec.kind][1](spec, state.memory, at, v, q, tails)
    if isnan(signal):
        return None
    before = state.severity(spec)
    is_broken = bool(spec.gap_us) and state.judged != NEVER and at - state.judged > spec.gap_us
    state.judged = at
    changed = False
    x = _folded(spec, signal)
    for level, m in zip(spec.levels, state.machines, strict=True):
        raise_at, clear_at = _limits(spec, level.raise_at, level.clear_at)
        is_bad = x >= raise_at
        is_good = not is_bad and (x < clear_at or raise_at == clear_at)
        changed |= machine.step(m, at, is_broken, is_bad, is_good, spec.for_us, spec.clear_for_us)
    after = state.severity(spec) if changed else before
    if before or after:
        state.peak = signal if not before else _worse(spec, state.peak, signal)
    if after == before:
        return None
    return Change(at, before, after, signal, v, state.peak)


def _many(
    spec: Spec, state: RuleState, at: Times, v: Floats, q: NDArray[np.uint8], tails: Tails
) -> list[Change]:
    newest = np.maximum.accumulate(np.concatenate([[state.last], at]))
    fresh = at > newest[:-1]
    state.late += int(len(at) - np.count_nonzero(fresh))
    state.last = int(newest[-1])
    fresh &= ~np.isnan(v)
    if spec.kind is not RuleKind.RANGE:
        fresh &= (q != 2) & (q != 4)
    if not fresh.all():
        at, v, q = at[fresh], v[fresh], q[fresh]
    if not len(at):
        return []
    signal = SIGNALS[spec.kind][0](spec, state.memory, at, v, q, tails)
    known = ~np.isnan(signal)
    if not known.all():
        at, v, signal = at[known], v[known], signal[known]
    if not len(at):
        return []
    broken = np.zeros(len(at), np.bool_)
    if spec.gap_us:
        broken[1:] = np.diff(at) > spec.gap_us
        broken[0] = state.judged != NEVER and int(at[0]) - state.judged > spec.gap_us
    state.judged = int(at[-1])
    return _changes(spec, state, at, v, signal, broken)


def _changes(
    spec: Spec,
    state: RuleState,
    at: Times,
    v: Floats,
    signal: Floats,
    broken: NDArray[np.bool_],
) -> list[Change]:
    x = _folded_many(spec, signal)
    firing = [bool(m[0]) for m in state.machines]
    turns: dict[int, list[int]] = {}
    for index, (level, m) in enumerate(zip(spec.levels, state.machines, strict=True)):
        raise_at, clear_at = _limits(spec, level.raise_at, level.clear_at)
        bad = x >= raise_at
        good = ~bad if raise_at == clear_at else x < clear_at
        for place in machine.run(m, at, broken, bad, good, spec.for_us, spec.clear_for_us):
            turns.setdefault(place, []).append(index)
    severities = [level.severity for level in spec.levels]
    before = max((s for s, on in zip(severities, firing, strict=True) if on), default=0)
    found: list[Change] = []
    start = 0
    for place in sorted(turns):
        for index in turns[place]:
            firing[index] = not firing[index]
        after = max((s for s, on in zip(severities, firing, strict=True) if on), default=0)
        if before:
            state.peak = _worst(spec, state.peak, signal[start : place + 1], x[start : place + 1])
        elif after:
            state.peak = float(signal[place])
        if after != before:
            found.append(
                Change(
                    int(at[place]),
                    before,
                    after,
                    float(signal[place]),
                    float(v[place]),
                    state.peak,
                )
            )
        before, start = after, place + 1
    if before:
        state.peak = _worst(spec, state.peak, signal[start:], x[start:])
    return found


def _worst(spec: Spec, peak: float, signal: Floats, x: Floats) -> float:
    if not len(signal):
        return peak
    return _worse(spec, peak, float(signal[int(np.argmax(x))]))


def _folded(spec: Spec, signal: float) -> float:
    """The signal so that graver is greater."""
    if spec.kind is RuleKind.DRIFT:
        return signal
    if spec.direction is Direction.BELOW:
        return -signal
    return abs(signal) if spec.direction is Direction.BOTH else signal


def _folded_many(spec: Spec, signal: Floats) -> Floats:
    if spec.kind is RuleKind.DRIFT:
        return signal
    if spec.direction is Direction.BELOW:
        return -signal
    return np.abs(signal) if spec.direction is Direction.BOTH else signal


def _limits(spec: Spec, raise_at: float, clear_at: float) -> tuple[float, float]:
    if spec.direction is Direction.BELOW and spec.kind is not RuleKind.DRIFT:
        return -raise_at, -clear_at
    return raise_at, clear_at


def _worse(spec: Spec, left: float, right: float) -> float:
    return right if _folded(spec, right) > _folded(spec, left) else left
