"""A rule on the past of a stream: when it would have fired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sen.domains.alarms.choices import RuleKind
from sen.domains.alarms.engine.evaluate import Change, RuleState, feed
from sen.domains.alarms.engine.machine import Times
from sen.domains.alarms.engine.signals import Floats
from sen.domains.alarms.engine.spec import MICRO, Spec
from sen.domains.alarms.engine.tails import Tail


@dataclass(frozen=True, slots=True)
class Episode:
    """From the raising to the clearing; without an end it still holds.

    Units:
        Unix microseconds.
    """

    begin: int
    end: int | None
    severity: int
    value: float
    peak: float


def episodes(
    spec: Spec,
    at: Times,
    v: Floats,
    q: NDArray[np.uint8],
    references: Mapping[str, Tail] | None = None,
) -> list[Episode]:
    """All firings of a rule on a series in order of time.

    Shapes:
        ``at``, ``v``, ``q``: (n,).
    """
    if spec.kind is RuleKind.MISSING:
        return _silences(spec, at)
    if not len(at):
        return []
    state = RuleState()
    changes = feed(spec, state, at, v, q, references)
    return folded(changes, state)


def folded(changes: list[Change], state: RuleState) -> list[Episode]:
    """Changes of severity as the stretches in which a rule fires."""
    found: list[Episode] = []
    opened: Change | None = None
    severity = 0
    for change in changes:
        if change.before == 0:
            opened, severity = change, change.after
        severity = max(severity, change.after)
        if change.after == 0 and opened is not None:
            found.append(Episode(opened.at, change.at, severity, opened.value, change.peak))
            opened = None
    if opened is not None:
        found.append(Episode(opened.at, None, severity, opened.value, state.peak))
    return found


def _silences(spec: Spec, at: Times) -> list[Episode]:
    """Gaps longer than the levels of a rule of missing data."""
    gaps = np.diff(at) / MICRO
    found: list[Episode] = []
    for place in np.flatnonzero(gaps >= spec.levels[0].raise_at).tolist():
        gap = float(gaps[place])
        severity = max(level.severity for level in spec.levels if gap >= level.raise_at)
        begin = int(at[place]) + int(spec.levels[0].raise_at * MICRO)
        found.append(Episode(begin, int(at[place + 1]), severity, gap, gap))
    return found
