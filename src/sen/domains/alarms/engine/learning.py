"""What is usual for a stream, learned from its past: hours of the day and other streams.

``v = a + h(hour) + Σ bₖ (refₖ - mean refₖ)`` by least squares on values of good quality. Outliers
beyond six median deviations are left out once and the fit is done again, so that an event in the
past does not become usual.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from sen.domains.alarms.engine.machine import Times
from sen.domains.alarms.engine.signals import Floats
from sen.domains.alarms.engine.tails import Tail
from sen.lib.errors import InputError, gettext_noop

#: Below this nothing can be said of a day.
LEAST: Final = 96
_OUTLIER: Final = 6.0
_MAD_TO_SIGMA: Final = 1.4826
_MICRO: Final = 1_000_000
_ZONE_S: Final = 7 * 3_600


def learn(
    at: Times,
    v: Floats,
    references: Sequence[tuple[str, Tail]],
    *,
    by_hour: bool,
    max_age_us: int,
) -> dict[str, Any]:
    """The model as a definition stores it.

    Raises:
        InputError: too few values, or none at which all references are known.

    Shapes:
        ``at``, ``v``: (n,).
    """
    columns = [tail.many(at, max_age_us) for _by, tail in references]
    known = ~np.isnan(v)
    for column in columns:
        known &= ~np.isnan(column)
    if np.count_nonzero(known) < LEAST:
        raise InputError(
            gettext_noop("Cần ít nhất %(least)s số liệu có đủ kênh so sánh để học, mới có %(n)s."),
            least=LEAST,
            n=int(np.count_nonzero(known)),
        )
    at, v = at[known], v[known]
    columns = [column[known] for column in columns]
    centers = [float(np.mean(column)) for column in columns]
    hours = (at // _MICRO + _ZONE_S) % 86_400 // 3_600
    parts = [column - center for column, center in zip(columns, centers, strict=True)]
    parts.append(np.ones(len(v)))
    if by_hour:
        # Hour 0 is in the constant; an hour never seen gets no column.
        parts.extend((hours == hour).astype(np.float64) for hour in range(1, 24))
    matrix = np.column_stack(parts)
    found, sigma, n = _fit(matrix, v)
    spread = float(np.var(v))
    count = len(columns)
    hourly = [0.0, *found[count + 1 :].tolist()] if by_hour else []
    return {
        "intercept": float(found[count]),
        "hourly": hourly,
        "references": [
            {"by": by, "weight": float(weight), "center": center}
            for (by, _tail), weight, center in zip(references, found[:count], centers, strict=True)
        ],
        "sigma": sigma,
        "n": n,
        "mean": float(np.mean(v)),
        "r2": 1.0 - float(np.var(v - matrix @ found)) / spread if spread > 0 else 0.0,
        "begin_us": int(at[0]),
        "end_us": int(at[-1]),
    }


def _fit(matrix: Floats, v: Floats) -> tuple[Floats, float, int]:
    found = np.linalg.lstsq(matrix, v, rcond=None)[0]
    rest = v - matrix @ found
    spread = _MAD_TO_SIGMA * float(np.median(np.abs(rest - np.median(rest))))
    usual = np.abs(rest) <= _OUTLIER * spread if spread > 0 else np.ones(len(v), np.bool_)
    found = np.linalg.lstsq(matrix[usual], v[usual], rcond=None)[0]
    rest = v[usual] - matrix[usual] @ found
    weights: Floats = np.asarray(found, np.float64)
    return weights, float(np.std(rest)), int(np.count_nonzero(usual))
