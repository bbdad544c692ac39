"""What differs between two tables of one rule, row by row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sen.domains.norms.data import Row


class Difference(StrEnum):
    SAME = "SAME"
    VALUE = "VALUE"
    CONDITION = "CONDITION"
    MOVED = "MOVED"
    ADDED = "ADDED"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row of the old table beside the one of the new table that takes its place."""

    kind: Difference
    old: Row | None
    new: Row | None

    @property
    def is_changed(self) -> bool:
        return self.kind is not Difference.SAME


def compare_tables(old: Sequence[Row], new: Sequence[Row]) -> list[RowDifference]:
    """Rows with the same conditions are the same row; the others pair in their order.

    The order counts, because the first row that fits decides: a row that overtook another is
    MOVED. The result is in the order of the new table, with what is gone at its old place.
    """
    pairs = _pairs(old, new)
    ranks = [number for number, _new in pairs if number is not None]
    moved = set(ranks) - _longest_rising(ranks)
    found: list[tuple[int, RowDifference]] = []
    last = -1
    for number, row in pairs:
        if number is not None and number not in moved:
            last = max(last, number)
        before = None if number is None else old[number]
        found.append((last, RowDifference(_kind(before, row, number in moved), before, row)))
    taken = set(ranks)
    gone = [
        (number, RowDifference(Difference.REMOVED, row, None))
        for number, row in enumerate(old)
        if number not in taken
    ]
    return [item for _rank, item in sorted([*found, *gone], key=lambda entry: entry[0])]


def _pairs(old: Sequence[Row], new: Sequence[Row]) -> list[tuple[int | None, Row]]:
    """For each new row the number of the old one: by conditions, the rest at the same place."""
    by_condition: dict[str, list[int]] = {}
    for number, row in enumerate(old):
        by_condition.setdefault(_key(row), []).append(number)
    found: list[int | None] = [next(iter(by_condition.get(_key(row), [])), None) for row in new]
    seen: set[int] = set()
    for place, known in enumerate(list(found)):
        if known is not None and known in seen:
            found[place] = None
        elif known is not None:
            seen.add(known)
    for place in range(min(len(old), len(new))):
        if found[place] is None and place not in seen:
            found[place] = place
            seen.add(place)
    return list(zip(found, new, strict=True))


def _kind(old: Row | None, new: Row, is_moved: bool) -> Difference:
    if old is None:
        return Difference.ADDED
    if _key(old) != _key(new):
        return Difference.CONDITION
    if old.value != new.value:
        return Difference.VALUE
    return Difference.MOVED if is_moved else Difference.SAME


def _key(row: Row) -> str:
    return json.dumps(row.when, sort_keys=True, default=str)


def _longest_rising(ranks: Sequence[int]) -> set[int]:
    """The most rows that kept their order among themselves."""
    best: list[list[int]] = []
    for rank in ranks:
        before = max((run for run in best if run[-1] < rank), key=len, default=[])
        best.append([*before, rank])
    longest: Any = max(best, key=len, default=[])
    return set(longest)
