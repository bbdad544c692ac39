"""What only a longer past shows: a lasting shift of the level, a channel that lost its neighbours.

Both work on means of hours. The usual course of the day and what other streams explain are taken
off first, so that heat is not told as settlement.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sen.domains.alarms.engine.machine import Times
from sen.domains.alarms.engine.signals import Floats

#: Units: days.
LEAST_DAYS: Final = 2
NEEDED_DAYS: Final = 10
#: Known hours of a day that counts.
LEAST_HOURS: Final = 12
#: A neighbour counts when it went along so closely before.
CLOSE: Final = 0.6
RECENT_DAYS: Final = 3
_DAY_H: Final = 24
_HOUR_US: Final = 3_600_000_000
_DAY_US: Final = 24 * _HOUR_US
_ZONE_US: Final = 7 * _HOUR_US
_MAD_TO_SIGMA: Final = 1.4826
#: A shift must stand out of the scatter of days by so much.
_OUT: Final = 4.0


@dataclass(frozen=True, slots=True)
class Shift:
    """The level moved for good at ``at``; a drift moved on in several steps in one direction.

    Units:
        ``at`` microseconds since 1970, the others the unit of the stream.
    """

    at: int
    size: float
    before: float
    after: float
    sigma: float
    is_drift: bool


def find_shift(at: Times, v: Floats, references: Mapping[str, Floats]) -> Shift | None:
    """The newest lasting shift of a series of hours; None when the level stood.

    Shapes:
        ``at``, ``v`` and every reference: (n,), hour by hour, NaN where nothing is known.
    Source:
        Celisse, A. et al. (2018), New efficient algorithms for multiple change-point detection
        with reproducing kernels, Computational Statistics & Data Analysis 128 (KernelCPD).
    """
    rest = _explained_off(v, references)
    known = ~np.isnan(rest)
    at, rest = at[known], rest[known]
    if not len(at):
        return None
    number = (at + _ZONE_US) // _DAY_US
    days, places, hours = np.unique(number, return_inverse=True, return_counts=True)
    # The median of a few hours scatters too much to say what the day was like.
    whole = (hours >= LEAST_HOURS)[places]
    at, rest, number = at[whole], rest[whole], number[whole]
    days, starts = np.unique(number, return_index=True)
    if len(days) < NEEDED_DAYS:
        return None
    level = np.array([np.median(part) for part in np.split(rest, starts[1:])])
    ends = _segments(level)
    return None if len(ends) < 2 else _newest(at, rest, days, level, ends)


def _explained_off(v: Floats, references: Mapping[str, Floats]) -> Floats:
    """What is left when the course of the day and what other streams explain are taken off.

    The weights come from the change against the same hour of the day before: neither the daily
    course nor a lasting shift has a part in it.
    """
    found: Floats = np.asarray(v - np.nanmean(v) if _has(v) else v, np.float64)
    columns = [column - np.nanmean(column) for column in references.values() if _has(column)]
    if columns:
        change = found[_DAY_H:] - found[:-_DAY_H]
        changes = np.column_stack([column[_DAY_H:] - column[:-_DAY_H] for column in columns])
        known = ~(np.isnan(change) | np.isnan(changes).any(axis=1))
        if np.count_nonzero(known) >= 4 * _DAY_H:
            explained = np.column_stack(columns) @ _weights(changes[known], change[known])
            found = np.asarray(found - explained, np.float64)
    whole = len(found) // _DAY_H * _DAY_H
    days = found[:whole].reshape(-1, _DAY_H)
    with warnings.catch_warnings():
        # A day without a value has no median, and is left out by that.
        warnings.simplefilter("ignore", RuntimeWarning)
        course = np.nanmedian(days - np.nanmedian(days, axis=1, keepdims=True), axis=0)
    return np.asarray(found - np.resize(course, len(found)), np.float64)


def _has(v: Floats) -> bool:
    return bool((~np.isnan(v)).any())


def _weights(x: Floats, y: Floats) -> Floats:
    """Least squares, once more without what lies far out: the day of a shift is no rule."""
    weights = np.linalg.lstsq(x, y, rcond=None)[0]
    rest = y - x @ weights
    usual = np.abs(rest) <= 4 * max(_MAD_TO_SIGMA * float(np.median(np.abs(rest))), 1e-12)
    return np.asarray(np.linalg.lstsq(x[usual], y[usual], rcond=None)[0], np.float64)


def _scatter(level: Floats) -> float:
    """Deviation from day to day, whatever the level does.

    Source:
        Median absolute difference of neighbours; robust against few shifts.
    """
    steps = np.diff(level)
    found = _MAD_TO_SIGMA * float(np.median(np.abs(steps - np.median(steps)))) / 2**0.5
    return max(found, 1e-12)


def _segments(level: Floats) -> list[int]:
    """Where segments of one level end, the last of them at the end of the series."""
    import ruptures

    sigma = _scatter(level)
    scaled = (level / sigma).reshape(-1, 1)
    search = ruptures.KernelCPD(kernel="linear", min_size=LEAST_DAYS).fit(scaled)
    return [int(end) for end in search.predict(pen=6.0 * log(len(level)))]


def _newest(at: Times, rest: Floats, days: Times, level: Floats, ends: list[int]) -> Shift | None:
    starts = [0, *ends[:-1]]
    means = [float(np.mean(level[a:b])) for a, b in zip(starts, ends, strict=True)]
    steps = np.diff(means)
    sigma = _scatter(level)
    first = len(steps) - 1
    while first > 0 and steps[first - 1] * steps[-1] > 0:
        first -= 1
    size = float(means[-1] - means[first])
    if abs(size) < _OUT * sigma:
        return None
    is_drift = len(steps) - first > 2
    turn = first if is_drift else first + int(np.argmax(np.abs(steps[first:])))
    moment = _hour_of(at, rest, int(days[ends[turn]]), means[turn], means[turn + 1])
    return Shift(moment, size, means[first], means[-1], sigma, is_drift)


def _hour_of(at: Times, rest: Floats, day: int, before: float, after: float) -> int:
    """The hour around a day at which one level takes the place of the other."""
    near = np.abs((at + _ZONE_US) / _DAY_US - day) <= 1.5
    moments, values = at[near], rest[near]
    left = np.concatenate([[0.0], np.cumsum((values - before) ** 2)])
    right = np.concatenate([np.cumsum(((values - after) ** 2)[::-1])[::-1], [0.0]])
    place = int(np.argmin(left + right))
    return int(moments[min(place, len(moments) - 1)])


def lost_neighbour(
    at: Times, v: Floats, neighbours: Mapping[str, Floats]
) -> tuple[str, float, float] | None:
    """How far a stream went away from the neighbour that it followed most closely.

    Returns:
        The neighbour, the correlation before and that of the last days; None when no neighbour
        was ever close, or too little is known.
    Shapes:
        ``at``, ``v`` and every neighbour: (n,), NaN where nothing is known.
    """
    if not len(at):
        return None
    is_recent = at > at[-1] - RECENT_DAYS * _DAY_US
    best: tuple[str, float, float] | None = None
    for name, other in neighbours.items():
        before = _correlation(v[~is_recent], other[~is_recent])
        now = _correlation(v[is_recent], other[is_recent])
        if before is None or now is None or abs(before) < CLOSE:
            continue
        if best is None or abs(before) > abs(best[1]):
            best = (name, before, now)
    return best


def _correlation(left: Floats, right: Floats) -> float | None:
    known: NDArray[np.bool_] = ~(np.isnan(left) | np.isnan(right))
    if np.count_nonzero(known) < 24:
        return None
    x, y = left[known], right[known]
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])
