"""Dynamic segmentation: any set of records along a road cut into segments that share their borders.

Everything is counted in whole thousandths (millimetres of chainage, thousandths of a value), so
lengths and sums are exact whatever the number of records: nothing is lost, and nothing is counted
twice. A road is a strip of *cells*, one for each side and lane that the records tell apart; a
record that speaks of both sides or of all lanes holds in each of their cells.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise, product
from typing import Final

from sen.domains.network.choices import ALL_LANES, Side

#: Thousandths in one metre of chainage, and in one unit of a value.
SCALE: Final = 1000

Value = int | str
Cell = tuple[Side, int]


class Rule(StrEnum):
    """How the records within one segment become one value."""

    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    DOMINANT = "dominant"
    LIST = "list"


NUMBER_RULES: Final = (Rule.MEAN, Rule.MIN, Rule.MAX, Rule.DOMINANT, Rule.LIST)
TEXT_RULES: Final = (Rule.DOMINANT, Rule.LIST)


class Across(StrEnum):
    """Into how many rows a segment falls across the road."""

    ROAD = "road"
    SIDE = "side"
    LANE = "lane"


@dataclass(frozen=True, slots=True)
class Band:
    """One record: what holds from one place to another.

    Units:
        ``from_mm``, ``to_mm``: thousandths of a metre of the label. ``value``: thousandths of the
        unit if it is a number.
    """

    from_mm: int
    to_mm: int
    value: Value
    side: Side = Side.BOTH
    lane: int = ALL_LANES

    def holds_in(self, cell: Cell) -> bool:
        side, lane = cell
        return (self.side is side or Side.BOTH in (self.side, side)) and (
            self.lane == lane or ALL_LANES in (self.lane, lane)
        )


@dataclass(slots=True)
class Figure:
    """What the records of one layer say of one segment.

    Units:
        ``covered``: millimetres of cells about which something is recorded. ``weight``: the same
        with records on top of each other counted each. ``area``: value × weight, for numbers.
    """

    covered: int = 0
    weight: int = 0
    area: int = 0
    weights: dict[Value, int] = field(default_factory=dict)

    def add(self, value: Value, length: int) -> None:
        self.weight += length
        self.weights[value] = self.weights.get(value, 0) + length
        if isinstance(value, int):
            self.area += value * length

    def by(self, rule: Rule) -> Fraction | Value | tuple[Value, ...] | None:
        """The one value of the segment; None where nothing is recorded.

        Units:
            Thousandths, as they came in; the mean is exact.
        """
        if not self.weights:
            return None
        if rule is Rule.MEAN:
            return Fraction(self.area, self.weight)
        if rule is Rule.LIST:
            return tuple(self.weights)
        if rule is Rule.DOMINANT:
            # Of equal ones the first along the road, so that the same data give the same answer.
            return max(self.weights, key=lambda value: self.weights[value])
        numbers = [value for value in self.weights if isinstance(value, int)]
        return min(numbers) if rule is Rule.MIN else max(numbers)


@dataclass(frozen=True, slots=True)
class Segment:
    """One row of a segmentation; ``figures`` are in the order of the layers.

    Units:
        ``from_mm``, ``to_mm``: thousandths of a metre of the label. ``cells``: how many cells of
        the road the row speaks of.
    """

    from_mm: int
    to_mm: int
    side: Side
    lane: int
    cells: int
    figures: tuple[Figure, ...]

    @property
    def length_mm(self) -> int:
        return self.to_mm - self.from_mm

    def coverage(self, layer: int) -> Fraction:
        """The part of the segment about which a layer says something."""
        return Fraction(self.figures[layer].covered, self.length_mm * self.cells)


def segment(
    start_mm: int,
    end_mm: int,
    layers: Sequence[Iterable[Band]],
    *,
    step_mm: int | None = None,
    across: Across = Across.ROAD,
) -> list[Segment]:
    """Cut one road into segments: of ``step_mm``, or wherever a record begins or ends.

    Segments of a fixed length lie between round labels (Km0+100, Km0+200 …); the first and the
    last may be shorter. For each row across the road the segments cover the road exactly and never
    overlap.
    """
    if end_mm <= start_mm:
        return []
    cut = [clipped(bands, start_mm, end_mm) for bands in layers]
    cells = cells_of((band for bands in cut for band in bands), across)
    found: list[Segment] = []
    for side, lane, group in groups(cells, across):
        here = [[band for band in bands if any(map(band.holds_in, group))] for bands in cut]
        borders = regular(start_mm, end_mm, step_mm) if step_mm else changes(start_mm, end_mm, here)
        columns = [figures(borders, bands, group) for bands in here]
        found += [
            Segment(a, b, side, lane, len(group), tuple(column[i] for column in columns))
            for i, (a, b) in enumerate(pairwise(borders))
        ]
    found.sort(key=lambda row: row.from_mm)
    return found


def clipped(bands: Iterable[Band], start_mm: int, end_mm: int) -> list[Band]:
    """Records cut at the ends, in the order of their starts."""
    found: list[Band] = []
    for band in bands:
        low, high = max(band.from_mm, start_mm), min(band.to_mm, end_mm)
        if low < high:
            inside = (low, high) == (band.from_mm, band.to_mm)
            found.append(band if inside else Band(low, high, band.value, band.side, band.lane))
    found.sort(key=lambda band: (band.from_mm, band.to_mm, band.side, band.lane))
    return found


def cells_of(bands: Iterable[Band], across: Across) -> list[Cell]:
    """The cells that the records, or the wanted rows, tell apart."""
    sided, lanes = across is not Across.ROAD, 1 if across is Across.LANE else 0
    for band in bands:
        sided = sided or band.side is not Side.BOTH
        lanes = max(lanes, band.lane)
    sides = (Side.LEFT, Side.RIGHT) if sided else (Side.BOTH,)
    return list(product(sides, range(1, lanes + 1) if lanes else (ALL_LANES,)))


def groups(cells: Sequence[Cell], across: Across) -> Iterator[tuple[Side, int, list[Cell]]]:
    """The cells of each row across the road."""
    if across is Across.ROAD:
        yield Side.BOTH, ALL_LANES, list(cells)
    elif across is Across.SIDE:
        for side in (Side.LEFT, Side.RIGHT):
            yield side, ALL_LANES, [cell for cell in cells if cell[0] is side]
    else:
        for side, lane in cells:
            yield side, lane, [(side, lane)]


def regular(start_mm: int, end_mm: int, step_mm: int) -> list[int]:
    """Both ends and all multiples of the step between them."""
    first = (start_mm // step_mm + 1) * step_mm
    return [start_mm, *range(first, end_mm, step_mm), end_mm]


def changes(start_mm: int, end_mm: int, layers: Iterable[Iterable[Band]]) -> list[int]:
    """Both ends and every place where a record of any layer begins or ends."""
    found = {start_mm, end_mm}
    for bands in layers:
        for band in bands:
            found.add(band.from_mm)
            found.add(band.to_mm)
    return sorted(found)


def figures(borders: Sequence[int], bands: Sequence[Band], cells: Sequence[Cell]) -> list[Figure]:
    """One figure for each gap between two borders."""
    made = [Figure() for _border in borders[1:]]
    for band in bands:
        held = sum(map(band.holds_in, cells)) if len(cells) > 1 else 1
        for index, length in pieces(borders, band.from_mm, band.to_mm):
            made[index].add(band.value, length * held)
    for cell in cells:
        for low, high in merged(band for band in bands if band.holds_in(cell)):
            for index, length in pieces(borders, low, high):
                made[index].covered += length
    return made


def pieces(borders: Sequence[int], low: int, high: int) -> Iterator[tuple[int, int]]:
    """The gaps between borders that a stretch meets, with the length that it has in each."""
    index = bisect_right(borders, low) - 1
    while index < len(borders) - 1 and borders[index] < high:
        yield index, min(high, borders[index + 1]) - max(low, borders[index])
        index += 1


def merged(bands: Iterable[Band]) -> Iterator[tuple[int, int]]:
    """Stretches without those parts that a record before them covers already."""
    reached: int | None = None
    for band in bands:
        low = band.from_mm if reached is None else max(band.from_mm, reached)
        if low < band.to_mm:
            yield low, band.to_mm
            reached = band.to_mm
