"""The topology of roads: where lines meet, the edges between, and what is wrong.

Pure geometry in a metric grid; no database. Ends of roads that come near to another road are
joined to it; lines that cross at the same level meet where they cross.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from sen.domains.routing.choices import FaultKind

#: An end this near to another road is joined to it: survey and drawing are no better.
SNAP_M: Final = 3.0
#: An end this near, but farther than that, is reported as dangling.
NEAR_M: Final = 25.0
#: A road that ends this little beyond a crossing was drawn too far.
OVERSHOOT_M: Final = 15.0
#: Lines that run so near for so long are the same road drawn twice.
DUPLICATE_WIDTH_M: Final = 2.0
DUPLICATE_LENGTH_M: Final = 50.0
#: A crossing so near to a flyover or an underpass is none at the same level.
FLYOVER_M: Final = 60.0

XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A road as the topology sees it; ``is_apart``: it meets others only at ends (an expressway).

    Units:
        ``shape``: metres of the grid.
    """

    road_id: int
    shape: LineString
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """A place at which a road is split.

    Units:
        ``along``: metres of the grid from the start of the line.
    """

    road_id: int
    along: float
    at: XY


@dataclass(frozen=True, slots=True)
class EdgeDraft:
    """A piece of a road between two nodes."""

    road_id: int
    source: int
    target: int
    shape: LineString


@dataclass(frozen=True, slots=True)
class FaultDraft:
    """Something that is wrong at a place; ``key`` names it again in the next run.

    Units:
        ``distance_m``: the gap, the excess, or the length that runs twice.
    """

    kind: FaultKind
    road_id: int
    other_id: int | None
    at: XY
    distance_m: float
    target: XY | None = None

    @property
    def key(self) -> str:
        x, y = (round(value / 5) for value in self.at)
        return f"{self.kind.value}:{self.road_id}:{self.other_id or 0}:{x}:{y}"


@dataclass(slots=True)
class Network:
    """All lines with a spatial index.

    ``shared``: pairs of roads said to run on one carriageway, with both ends of each such stretch.
    """

    lines: Mapping[int, Line]
    flyovers: Sequence[XY] = ()
    shared: Mapping[frozenset[int], Sequence[tuple[XY, XY]]] = field(default_factory=dict)
    _ids: list[int] = field(init=False)
    _tree: shapely.STRtree = field(init=False)
    _flyovers: shapely.STRtree = field(init=False)

    def __post_init__(self) -> None:
        self._ids = sorted(self.lines)
        self._tree = shapely.STRtree([self.lines[pk].shape for pk in self._ids])
        self._flyovers = shapely.STRtree([Point(place) for place in self.flyovers])

    def near(self, shape: BaseGeometry, within_m: float) -> list[int]:
        """Roads that come within a distance, by id."""
        found = self._tree.query(shape, predicate="dwithin", distance=within_m)
        return sorted(self._ids[int(i)] for i in found)

    def at_flyover(self, place: Point) -> bool:
        found = self._flyovers.query(place, predicate="dwithin", distance=FLYOVER_M)
        return len(found) > 0

    def neighbours(self, road_ids: Iterable[int], within_m: float = SNAP_M) -> set[int]:
        """The roads and all that they meet."""
        found: set[int] = set()
        for pk in road_ids:
            if pk in self.lines:
                found.update(self.near(self.lines[pk].shape, within_m))
        return found


def ends_of(line: Line) -> tuple[Point, Point]:
    coords = line.shape.coords
    return Point(coords[0]), Point(coords[-1])


def points_in(shape: BaseGeometry) -> Iterator[Point]:
    """The points of an intersection; of a shared stretch its two ends."""
    if isinstance(shape, Point):
        if not shape.is_empty:
            yield shape
    elif isinstance(shape, LineString):
        if not shape.is_empty:
            yield Point(shape.coords[0])
            yield Point(shape.coords[-1])
    else:
        for part in getattr(shape, "geoms", ()):
            yield from points_in(part)


def crossings(network: Network, one: Line, other: Line) -> list[Point]:
    """Where two roads meet at the same level."""
    return [
        place
        for place in points_in(one.shape.intersection(other.shape))
        if _meets(network, one, other, place)
    ]


def _meets(network: Network, one: Line, other: Line, place: Point) -> bool:
    """Lines that end at each other always meet; elsewhere they may pass above each other."""
    touches = any(end.distance(place) <= SNAP_M for end in (*ends_of(one), *ends_of(other)))
    if touches:
        return True
    return not (one.is_apart or other.is_apart or network.at_flyover(place))


def cuts_of(network: Network, road_id: int) -> list[Cut]:
    """All places at which a road is split, its own ends among them."""
    line = network.lines[road_id]
    start, end = ends_of(line)
    found = [
        Cut(road_id, 0.0, (start.x, start.y)),
        Cut(road_id, line.shape.length, (end.x, end.y)),
    ]
    for pk in network.near(line.shape, SNAP_M):
        if pk == road_id:
            continue
        other = network.lines[pk]
        places = crossings(network, line, other)
        places += [end for end in ends_of(other) if line.shape.distance(end) <= SNAP_M]
        for ends in network.shared.get(frozenset({road_id, pk}), ()):
            places = _meeting_at(line, places, ends)
        found += [Cut(road_id, line.shape.project(at), (at.x, at.y)) for at in places]
    return found


def _meeting_at(line: Line, places: Sequence[Point], ends: tuple[XY, XY]) -> list[Point]:
    """Along a shared stretch lines touch everywhere and nowhere: they meet at its two ends."""
    first, last = (Point(end) for end in ends)
    stretch = substring(line.shape, line.shape.project(first), line.shape.project(last))
    return [*(place for place in places if stretch.distance(place) > SNAP_M), first, last]


def joined(places: Sequence[XY], within_m: float = SNAP_M) -> list[int]:
    """The cluster of each place: places that are near to each other share a number.

    The number of a cluster is the position of its first place.
    """
    parents = list(range(len(places)))

    def root(item: int) -> int:
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    points = shapely.points(places) if places else []
    tree = shapely.STRtree(points)
    pairs = tree.query(points, predicate="dwithin", distance=within_m) if places else [[], []]
    for one, other in zip(*pairs, strict=True):
        a, b = sorted((root(int(one)), root(int(other))))
        parents[b] = a
    return [root(item) for item in range(len(places))]


def build_edges(
    network: Network,
    road_ids: Collection[int],
    *,
    known: Mapping[int, XY] | None = None,
    first_id: int = 1,
) -> list[EdgeDraft]:
    """The edges of roads; nodes that are known already keep their numbers.

    ``known`` are the nodes of the other roads, by number; new ones count up from ``first_id``.
    """
    cuts = {pk: cuts_of(network, pk) for pk in sorted(road_ids)}
    old = sorted((known or {}).items())
    places = [place for _number, place in old]
    places += [cut.at for found in cuts.values() for cut in found]
    clusters = joined(places)
    numbers: dict[int, int] = {}
    for (number, _place), cluster in zip(old, clusters, strict=False):
        numbers.setdefault(cluster, number)
    position, fresh = len(old), first_id
    edges: list[EdgeDraft] = []
    for pk, found in cuts.items():
        stops: list[tuple[float, int]] = []
        for cut in found:
            cluster = clusters[position]
            position += 1
            if cluster not in numbers:
                numbers[cluster] = fresh
                fresh += 1
            stops.append((cut.along, numbers[cluster]))
        edges += _between(network.lines[pk], stops)
    return edges


def _between(line: Line, stops: list[tuple[float, int]]) -> Iterator[EdgeDraft]:
    """The pieces between the stops of one road; stops at the same node count once."""
    kept: list[tuple[float, int]] = []
    for along, node in sorted(stops):
        # A loop comes back to its node; two stops close together are one.
        if not kept or kept[-1][1] != node or along - kept[-1][0] > SNAP_M * 4:
            kept.append((along, node))
    length = line.shape.length
    for number, ((start, source), (end, target)) in enumerate(pairwise(kept)):
        # The whole line belongs to its edges, also the bit before the first stop that was kept.
        low = 0.0 if number == 0 else start
        high = length if number == len(kept) - 2 else end
        piece = substring(line.shape, low, high)
        if isinstance(piece, LineString) and piece.length > 0:
            yield EdgeDraft(line.road_id, source, target, piece)


def faults_of(network: Network, road_ids: Collection[int]) -> list[FaultDraft]:
    """What is wrong with roads and those that they meet, but for isolated parts."""
    found: list[FaultDraft] = []
    for pk in sorted(road_ids):
        line = network.lines[pk]
        near = [other for other in network.near(line.shape, NEAR_M) if other != pk]
        found += _dangling(network, line, near)
        for other in near:
            if other > pk:
                found += _between_two(network, line, network.lines[other])
            found += _overshoots(network, line, network.lines[other])
    return found


def _dangling(network: Network, line: Line, near: Sequence[int]) -> Iterator[FaultDraft]:
    """Ends that stop just short of another road."""
    for end in ends_of(line):
        away = {pk: network.lines[pk].shape.distance(end) for pk in near}
        if any(distance <= SNAP_M for distance in away.values()):
            continue
        away = {pk: m for pk, m in away.items() if not _met_before(line, network.lines[pk], end)}
        if not away:
            continue
        pk = min(away, key=lambda one: (away[one], one))
        if away[pk] > NEAR_M:
            continue
        other = network.lines[pk].shape
        foot = other.interpolate(other.project(end))
        yield FaultDraft(
            FaultKind.DANGLING, line.road_id, pk, (end.x, end.y), away[pk], (foot.x, foot.y)
        )


def _met_before(line: Line, other: Line, end: Point) -> bool:
    """Whether the line met the other road just before its end."""
    met = line.shape.intersection(other.shape)
    return not met.is_empty and met.distance(end) <= NEAR_M


def _overshoots(network: Network, line: Line, other: Line) -> Iterator[FaultDraft]:
    """Ends that lie a little beyond a road that they cross."""
    length = line.shape.length
    for place in crossings(network, line, other):
        along = line.shape.project(place)
        for end, beyond in zip(ends_of(line), (along, length - along), strict=True):
            if SNAP_M < beyond <= OVERSHOOT_M and length > 2 * OVERSHOOT_M:
                yield FaultDraft(
                    FaultKind.OVERSHOOT,
                    line.road_id,
                    other.road_id,
                    (end.x, end.y),
                    beyond,
                    (place.x, place.y),
                )


def _between_two(network: Network, one: Line, other: Line) -> Iterator[FaultDraft]:
    twice = one.shape.intersection(other.shape.buffer(DUPLICATE_WIDTH_M))
    if twice.length >= DUPLICATE_LENGTH_M:
        if frozenset({one.road_id, other.road_id}) in network.shared:
            return
        middle = twice.centroid
        at = one.shape.interpolate(one.shape.project(middle))
        yield FaultDraft(
            FaultKind.DUPLICATE, one.road_id, other.road_id, (at.x, at.y), twice.length
        )
        return
    for place in crossings(network, one, other):
        if not any(_has_vertex(line.shape, place) for line in (one, other)):
            yield FaultDraft(
                FaultKind.CROSSING, one.road_id, other.road_id, (place.x, place.y), 0.0
            )


def _has_vertex(shape: LineString, place: Point) -> bool:
    vertices = shapely.points(shapely.get_coordinates(shape))
    return bool((shapely.distance(vertices, place) <= SNAP_M).any())


def components(edges: Iterable[Any]) -> list[set[int]]:
    """Nodes that can be reached from each other, the largest set first.

    Shapes:
        ``edges``: anything with ``source`` and ``target``.
    """
    graph: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        graph[edge.source].add(edge.target)
        graph[edge.target].add(edge.source)
    found: list[set[int]] = []
    left = set(graph)
    while left:
        reached, open_nodes = set(), [min(left)]
        while open_nodes:
            node = open_nodes.pop()
            if node not in reached:
                reached.add(node)
                open_nodes += graph[node] - reached
        left -= reached
        found.append(reached)
    return sorted(found, key=lambda nodes: (-len(nodes), min(nodes)))


def isolated(edges: Sequence[EdgeDraft]) -> list[FaultDraft]:
    """One fault for each part of the network that cannot be reached from the largest."""
    parts = components(edges)
    faults: list[FaultDraft] = []
    of_node = {node: number for number, nodes in enumerate(parts) for node in nodes}
    by_part: dict[int, list[EdgeDraft]] = defaultdict(list)
    for edge in edges:
        by_part[of_node[edge.source]].append(edge)
    for number in range(1, len(parts)):
        first = min(by_part[number], key=lambda edge: (edge.road_id, edge.source))
        at = first.shape.coords[0]
        length = sum(edge.shape.length for edge in by_part[number])
        faults.append(FaultDraft(FaultKind.ISOLATED, first.road_id, None, (at[0], at[1]), length))
    return faults
