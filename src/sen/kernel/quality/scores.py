"""Scores from counts: pure arithmetic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sen.kernel.quality.checks import Check, Dimension
from sen.kernel.quality.counting import Count


@dataclass(frozen=True, slots=True)
class Score:
    """How good: 0 to 100, None where nothing was to be judged.

    Units:
        ``value``: percent of the weighted questions that found no fault.
    """

    value: float | None
    applicable: int
    faulty: int


def score(counts: Iterable[Count], checks: Mapping[str, Check]) -> Score:
    """The score of some counts together."""
    asked = at_fault = 0
    applicable = faulty = 0
    for count in counts:
        weight = checks[count.check].weight
        asked += weight * count.applicable
        at_fault += weight * count.faulty
        applicable += count.applicable
        faulty += count.faulty
    value = None if asked == 0 else 100 * (asked - at_fault) / asked
    return Score(value, applicable, faulty)


def by_dimension(counts: Iterable[Count], checks: Mapping[str, Check]) -> dict[Dimension, Score]:
    """A score for each of the five; those that nothing asks about have none."""
    sorted_counts: dict[Dimension, list[Count]] = defaultdict(list)
    for count in counts:
        sorted_counts[checks[count.check].dimension].append(count)
    return {dimension: score(sorted_counts[dimension], checks) for dimension in Dimension}


def overall(scores: Mapping[Dimension, Score]) -> float | None:
    """The mean of the dimensions that were judged: a hundred clean names make up for no gap."""
    known = [found.value for found in scores.values() if found.value is not None]
    return sum(known) / len(known) if known else None
