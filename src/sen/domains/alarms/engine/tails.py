"""The newest values of a stream that explains others, asked as of a time."""

from __future__ import annotations

from bisect import bisect_right
from math import isnan, nan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sen.domains.alarms.engine.machine import Times

#: So many values are kept beyond one batch.
KEPT: Final = 64


class Tail:
    """Values in order of time; what comes late is left out."""

    __slots__ = ("at", "v")

    def __init__(self, at: list[int] | None = None, v: list[float] | None = None) -> None:
        self.at = at or []
        self.v = v or []

    def extend(self, at: Times, v: NDArray[np.float64]) -> None:
        """Take the numbers of a batch."""
        last = self.at[-1] if self.at else -1
        for moment, value in zip(at.tolist(), v.tolist(), strict=True):
            if moment > last and not isnan(value):
                self.at.append(moment)
                self.v.append(value)
                last = moment

    def trim(self) -> None:
        """Forget all but the newest; between batches, so that a batch finds what it needs."""
        if len(self.at) > KEPT:
            del self.at[:-KEPT], self.v[:-KEPT]

    def one(self, at: int, max_age_us: int) -> float:
        """The value that held at a time; no number when there is none young enough."""
        place = bisect_right(self.at, at) - 1
        if place < 0 or at - self.at[place] > max_age_us:
            return nan
        return self.v[place]

    def many(self, at: Times, max_age_us: int) -> NDArray[np.float64]:
        if not self.at:
            return np.full(len(at), nan)
        known = np.asarray(self.at, np.int64)
        places = np.searchsorted(known, at, side="right") - 1
        found = np.asarray(self.v, np.float64)[np.maximum(places, 0)]
        found = found.copy()
        found[(places < 0) | (at - known[np.maximum(places, 0)] > max_age_us)] = nan
        return found

    def packed(self) -> list[Any]:
        return [self.at, self.v]
