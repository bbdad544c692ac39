"""From a condition at points in time to firing and not firing: duration, hysteresis, gaps.

One machine stands for one level of one rule on one stream. It fires when the condition has held
for ``for_us`` at every observation, and is quiet again when the value has been beyond the clearing
level for ``clear_for_us``. Duration is proven by observations: it is never assumed that a value
stayed where it was, and a gap longer than ``gap_us`` begins the count anew.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: No run is on.
NEVER: Final = -1
#: A machine: firing, start of the run of bad values, start of the run of good ones.
Machine = list[Any]


def fresh() -> Machine:
    return [False, NEVER, NEVER]


def step(
    machine: Machine,
    at: int,
    is_broken: bool,
    is_bad: bool,
    is_good: bool,
    for_us: int,
    clear_for_us: int,
) -> bool:
    """Take one observation; whether the machine changed between firing and quiet."""
    firing, bad_since, good_since = machine
    if not is_bad:
        bad_since = NEVER
    elif bad_since == NEVER or is_broken:
        bad_since = at
    if not is_good:
        good_since = NEVER
    elif good_since == NEVER or is_broken:
        good_since = at
    changed = (
        (is_good and at - good_since >= clear_for_us)
        if firing
        else (is_bad and at - bad_since >= for_us)
    )
    machine[0], machine[1], machine[2] = firing != changed, bad_since, good_since
    return bool(changed)


def run(
    machine: Machine,
    at: Times,
    broken: Flags,
    bad: Flags,
    good: Flags,
    for_us: int,
    clear_for_us: int,
) -> list[int]:
    """Take many observations at once; the places at which the machine changed.

    Shapes:
        All arrays (n,), n ≥ 1.
    """
    bad_since = _run_starts(at, broken, bad, machine[1])
    good_since = _run_starts(at, broken, good, machine[2])
    fires = np.flatnonzero(bad & (at - bad_since >= for_us))
    clears = np.flatnonzero(good & (at - good_since >= clear_for_us))
    changes: list[int] = []
    firing, place = bool(machine[0]), 0
    while True:
        candidates = clears if firing else fires
        k = int(np.searchsorted(candidates, place))
        if k == len(candidates):
            break
        found = int(candidates[k])
        changes.append(found)
        firing, place = not firing, found + 1
    machine[0] = firing
    machine[1] = int(bad_since[-1]) if bad[-1] else NEVER
    machine[2] = int(good_since[-1]) if good[-1] else NEVER
    return changes


def _run_starts(at: Times, broken: Flags, held: Flags, since: int) -> Times:
    """For every observation the time at which the run that it belongs to began."""
    begins = held.copy()
    begins[1:] &= ~held[:-1] | broken[1:]
    if since != NEVER and not broken[0]:
        begins[0] = False
    places = np.where(begins, np.arange(len(at)), -1)
    np.maximum.accumulate(places, out=places)
    return np.where(places < 0, since if since != NEVER else at[0], at[np.maximum(places, 0)])
