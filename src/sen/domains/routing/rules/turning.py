"""Turns at junctions: the graph around a junction with rules, taken apart into its turns."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import count, pairwise, product
from typing import Final

from sen.domains.routing.choices import Manoeuvre

#: An end of an edge: its id, and 0 for its source or 1 for its target.
End = tuple[int, int]

#: A turn of less than this is going straight on, of more than that turning back.
STRAIGHT_DEG: Final = 35.0
BACK_DEG: Final = 150.0
_FIRST_ID: Final = 10


def turn_deg(before: Sequence[float], at: Sequence[float], after: Sequence[float]) -> float:
    """By how much one turns at a place, to the right above 0.

    Units:
        Degrees, in places (longitude, latitude) and out.
    """
    return (_bearing(at, after) - _bearing(before, at) + 540) % 360 - 180


def _bearing(a: Sequence[float], b: Sequence[float]) -> float:
    east = (b[0] - a[0]) * math.cos(math.radians(a[1]))
    return math.degrees(math.atan2(east, b[1] - a[1]))


def is_manoeuvre(manoeuvre: Manoeuvre, degrees: float) -> bool:
    """Whether a turn by so much is what people call it."""
    if manoeuvre is Manoeuvre.STRAIGHT:
        return abs(degrees) <= STRAIGHT_DEG
    if manoeuvre is Manoeuvre.BACK:
        return abs(degrees) >= BACK_DEG
    # A sharp bend is a turn as well, so that what is no straight way has one name at least.
    turned = degrees if manoeuvre is Manoeuvre.RIGHT else -degrees
    return turned > STRAIGHT_DEG or (abs(degrees) >= BACK_DEG)


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of the graph as the search sees it.

    Units:
        ``length_m``: real metres.
    """

    id: int
    source: int
    target: int
    length_m: float
    one_way: bool = False

    @property
    def ends(self) -> tuple[tuple[End, int], tuple[End, int]]:
        """Both ends with their nodes."""
        return ((self.id, 0), self.source), ((self.id, 1), self.target)


@dataclass(slots=True)
class Stops:
    """What interrupts one edge: places to start or end at, and structures that are closed."""

    places: list[tuple[float, int]] = field(default_factory=list)
    blocks: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an edge, or a turn, in the question to the graph.

    ``edge_id`` is 0 for a turn. ``backwards`` is None where the piece is driven both ways.

    Units:
        ``low``, ``high``: parts of the edge. ``cost``, ``back``: metres; -1 for no way.
    """

    id: int
    edge_id: int
    low: float
    high: float
    source: int
    target: int
    cost: float
    back: float
    backwards: bool | None = None


@dataclass(frozen=True, slots=True)
class Expanded:
    """What takes the place of some edges."""

    replaced: tuple[int, ...]
    pieces: tuple[Piece, ...]


def expand(
    edges: Iterable[Edge],
    stops: Mapping[int, Stops],
    bans: Mapping[int, AbstractSet[tuple[End, End]]],
) -> Expanded:
    """Cut edges at their stops, and take junctions with bans apart.

    A junction with bans becomes one node for every end of an edge that arrives and one for every
    end that leaves, joined by the turns that are allowed. What is closed is left out.

    Shapes:
        ``edges``: those with stops and those that touch a junction with bans. ``bans``: by node,
        pairs of the end at which one arrives and the end at which one may not leave.
    """
    ids, nodes = count(_FIRST_ID), count(_FIRST_ID)
    arrive: dict[End, int] = {}
    leave: dict[End, int] = {}
    known = sorted(edges, key=lambda edge: edge.id)
    around: dict[int, list[End]] = defaultdict(list)
    for edge in known:
        for end, node in edge.ends:
            if node in bans:
                around[node].append(end)
                arrive[end], leave[end] = -next(nodes), -next(nodes)
    pieces: list[Piece] = []
    for edge in known:
        doors = (arrive, leave)
        pieces += _pieces(edge, stops.get(edge.id) or Stops(), doors, ids)
    for node, ends in around.items():
        pieces += [
            Piece(-next(ids), 0, 0.0, 0.0, arrive[a], leave[b], 0.0, -1.0, backwards=False)
            for a, b in product(ends, ends)
            if (a, b) not in bans[node]
        ]
    return Expanded(tuple(edge.id for edge in known), tuple(pieces))


def _pieces(
    edge: Edge, stops: Stops, doors: tuple[dict[End, int], dict[End, int]], ids: Iterable[int]
) -> list[Piece]:
    """The parts of an edge between its stops, but for those in which something is closed."""
    arrive, leave = doors
    number = iter(ids)
    start, end = (edge.id, 0), (edge.id, 1)
    places = [(0.0, edge.source), *sorted(stops.places), (1.0, edge.target)]
    last = len(places) - 2
    found: list[Piece] = []
    for i, ((low, source), (high, target)) in enumerate(pairwise(places)):
        if any(low <= block <= high for block in stops.blocks):
            continue
        length = edge.length_m * (high - low)
        first_door, last_door = i == 0 and start in leave, i == last and end in leave
        back = -1.0 if edge.one_way else length
        if not (first_door or last_door):
            found.append(Piece(-next(number), edge.id, low, high, source, target, length, back))
            continue
        out = leave[start] if first_door else source
        into = arrive[end] if last_door else target
        found.append(
            Piece(-next(number), edge.id, low, high, out, into, length, -1.0, backwards=False)
        )
        if not edge.one_way:
            out = leave[end] if last_door else target
            into = arrive[start] if first_door else source
            found.append(
                Piece(-next(number), edge.id, low, high, out, into, length, -1.0, backwards=True)
            )
    return found
