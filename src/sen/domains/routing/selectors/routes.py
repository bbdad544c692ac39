"""Ways through the network: the shortest that a vehicle may take."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.network.choices import RoadStatus
from sen.domains.routing.data import Leg, LonLat, Obstacle, Route, Vehicle
from sen.domains.routing.rules import Edge, End, Piece, Stops, components, expand, turn_deg
from sen.domains.routing.rules.turning import STRAIGHT_DEG
from sen.domains.routing.selectors.turns import Bans, bans_for, without_turning_back
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError

#: A place farther from every road than this has no way to it.
ACCESS_M: Final = 2_000.0
#: Degrees in which the nearest road is looked for first; about ``ACCESS_M``.
ACCESS_DEG: Final = 0.025
_STRUCTURES: Final = ("bridge", "tunnel")
#: Junctions at which turning back is looked into before a way with it is taken.
MOST_ROUNDS: Final = 25
_START: Final = -1
_END: Final = -2


class NoRouteError(SenError):
    """There is no way, or none for this vehicle."""

    code = "no-route"
    status = 422


class RoutingMissingError(SenError):
    """The database server lacks pgRouting."""

    code = "routing-missing"
    status = 503


@dataclass(frozen=True, slots=True)
class EdgePlace:
    """A place on an edge.

    Units:
        ``part``: 0 to 1 along the edge. ``away_m``: from the place asked for.
    """

    edge_id: int
    part: float
    away_m: float


def has_pgrouting() -> bool:
    """Whether the extension is there; without it all else of the domain works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pgrouting'")
        return cursor.fetchone() is not None


def find_route(actor: Actor, *, start: LonLat, end: LonLat, vehicle: Vehicle) -> Route:
    """The shortest way over open roads that the actor may see.

    Raises:
        NoRouteError: a place lies far from every road, or nothing leads there; what stands in the
            way of the vehicle is named.
        RoutingMissingError: the server has no pgRouting.
    """
    if not has_pgrouting():
        raise RoutingMissingError(
            _("Máy chủ cơ sở dữ liệu chưa có pgRouting nên chưa tìm được lộ trình."),
            hint=_("Người quản trị hãy chạy ./sen doctor để biết cách bổ sung."),
        )
    roads = list(
        network.roads(actor)
        .filter(status=RoadStatus.OPEN.value)
        .order_by()
        .values_list("id", flat=True)
    )
    ends = [
        nearest_edge(start, roads, _("điểm đi")),
        nearest_edge(end, roads, _("điểm đến")),
    ]
    closed = obstacles(actor, vehicle)
    bans = bans_for(actor, vehicle, roads)
    found = _lawful(roads, ends, closed, bans)
    if not found and bans and _search(roads, ends, closed, {}):
        raise NoRouteError(
            _("Không có lộ trình nào mà không phạm cấm rẽ."),
            hint=_("Xem danh mục cấm rẽ quanh hai vị trí, hoặc chọn loại xe khác."),
        )
    if not found:
        raise _no_way(actor, roads, ends, vehicle)
    return _route(actor, found, ends, closed)


_NEAREST: Final = """
SELECT e.id, ST_LineLocatePoint(e.geom, p.g),
  ST_Distance(e.geom::geography, p.g::geography)
FROM (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS g) p, routing_edge e
WHERE e.road_id = ANY(%(roads)s) AND e.geom && ST_Expand(p.g, %(reach)s)
ORDER BY e.geom <-> p.g, e.id LIMIT 8
"""


def nearest_edge(place: LonLat, roads: Sequence[int], name: str) -> EdgePlace:
    """Where a place comes onto the network.

    Raises:
        NoRouteError: no road near enough.
    """
    values: dict[str, Any] = {
        "lon": place[0],
        "lat": place[1],
        "roads": list(roads),
        "reach": ACCESS_DEG,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, values)
        rows = [EdgePlace(*row) for row in cursor.fetchall()]
    near = min(rows, key=lambda one: (one.away_m, one.edge_id), default=None)
    if near is None or near.away_m > ACCESS_M:
        raise NoRouteError(
            _("Không có đường nào trong vòng 2 km quanh %(name)s.") % {"name": name},
            hint=_("Hãy chọn vị trí gần đường hơn."),
        )
    return near


def obstacles(actor: Actor, vehicle: Vehicle) -> list[tuple[Obstacle, int, float]]:
    """Structures that are closed or posted below what the vehicle needs, with road and label."""
    wrong = Q(status="CLOSED")
    if vehicle.weight_t is not None:
        wrong |= Q(attributes__load_limit_t__lt=vehicle.weight_t)
    if vehicle.height_m is not None:
        wrong |= Q(attributes__road_clearance_m__lt=vehicle.height_m)
    found: list[tuple[Obstacle, int, float]] = []
    for kind in _STRUCTURES:
        rows = assets.assets(actor, type=kind).filter(
            wrong, road_id__isnull=False, chainage_m__isnull=False
        )
        for row in rows.exclude(status="REMOVED").defer("search"):
            if row.road_id is None or row.chainage_m is None:
                continue
            middle = row.geom.centroid
            obstacle = Obstacle(
                asset_id=row.pk,
                name=row.name,
                url=f"assets/{row.kind.slug}/{row.pk}/",
                closed=row.status == "CLOSED",
                limit_t=row.attributes.get("load_limit_t"),
                clearance_m=row.attributes.get("road_clearance_m"),
                lon=round(middle.x, 6),
                lat=round(middle.y, 6),
            )
            found.append((obstacle, row.road_id, float(row.chainage_m)))
    return found


_ON_EDGES: Final = """
SELECT q.place, e.id, least(greatest((q.m - e.from_m) / nullif(e.to_m - e.from_m, 0), 0), 1)
FROM unnest(%(roads)s::bigint[], %(labels)s::float8[]) WITH ORDINALITY q (road, m, place)
JOIN LATERAL (
  SELECT id, from_m, to_m FROM routing_edge
  WHERE road_id = q.road AND q.m BETWEEN from_m - 1 AND to_m + 1
  ORDER BY abs((from_m + to_m) / 2 - q.m) LIMIT 1) e ON true
"""

Block = tuple[Obstacle, int, float]


def _stops(ends: Sequence[EdgePlace], closed: Sequence[Block]) -> dict[int, Stops]:
    stops: dict[int, Stops] = defaultdict(Stops)
    for number, place in zip((_START, _END), ends, strict=False):
        stops[place.edge_id].places.append((place.part, number))
    if closed:
        values: dict[str, Any] = {
            "roads": [road for _o, road, _m in closed],
            "labels": [label for _o, _road, label in closed],
        }
        with connection.cursor() as cursor:
            cursor.execute(_ON_EDGES, values)
            for _place, edge, part in cursor.fetchall():
                stops[edge].blocks.append(float(part or 0))
    return stops


@dataclass(frozen=True, slots=True)
class Step:
    """One edge of the way as it is driven.

    Units:
        ``low``, ``high``: parts of the edge; ``backwards``: driven from high to low.
    """

    edge_id: int
    low: float
    high: float
    backwards: bool


_EDGES: Final = """
SELECT id, source, target, length_m AS cost,
  CASE WHEN one_way THEN -1 ELSE length_m END AS reverse_cost
FROM routing_edge WHERE road_id = ANY('{roads}'::bigint[]) AND NOT id = ANY('{cut}'::bigint[])
"""


def _search(
    roads: Sequence[int], ends: Sequence[EdgePlace], closed: Sequence[Block], bans: Bans
) -> list[Step]:
    """The way as edges; nothing when there is none."""
    stops = _stops(ends, closed)
    expanded = expand(_edges(roads, stops, bans), stops, bans)
    # Numbers only: the statement that pgRouting runs takes no parameters.
    text = _EDGES.format(
        roads="{" + ",".join(str(int(road)) for road in roads) + "}",
        cut="{" + ",".join(str(int(edge)) for edge in expanded.replaced) + "}",
    )
    for piece in expanded.pieces:
        text += (
            f" UNION ALL SELECT {piece.id}::bigint, {piece.source}::bigint,"
            f" {piece.target}::bigint, {piece.cost:.6f}::float8, {piece.back:.6f}::float8"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT node, edge FROM pgr_dijkstra(%s, %s::bigint, %s::bigint, true)"
            " ORDER BY path_seq",
            [text, _START, _END],
        )
        path = [(node, edge) for node, edge in cursor.fetchall() if edge != -1]
    return _steps(path, {piece.id: piece for piece in expanded.pieces})


def _edges(roads: Sequence[int], stops: Mapping[int, Stops], bans: Bans) -> list[Edge]:
    """The edges that are not asked for as they are: with stops, or at a junction with bans."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, source, target, length_m, one_way FROM routing_edge"
            " WHERE road_id = ANY(%(roads)s) AND (id = ANY(%(edges)s)"
            " OR source = ANY(%(nodes)s) OR target = ANY(%(nodes)s))",
            {"roads": list(roads), "edges": list(stops), "nodes": list(bans)},
        )
        return [Edge(*row) for row in cursor.fetchall()]


def _sources(edges: Sequence[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, source FROM routing_edge WHERE id = ANY(%s)", [list(edges)])
        return dict(cursor.fetchall())


def _steps(path: Sequence[tuple[int, int]], pieces: dict[int, Piece]) -> list[Step]:
    sources = _sources([edge for _node, edge in path if edge not in pieces])
    steps: list[Step] = []
    for node, edge in path:
        piece = pieces.get(edge)
        if piece is None:
            steps.append(Step(edge, 0.0, 1.0, sources[edge] != node))
        elif piece.edge_id:
            turned = piece.source != node if piece.backwards is None else piece.backwards
            steps.append(Step(piece.edge_id, piece.low, piece.high, turned))
    return steps


def _lawful(
    roads: Sequence[int], ends: Sequence[EdgePlace], closed: Sequence[Block], bans: Bans
) -> list[Step]:
    """The shortest way that takes no forbidden turn, without turning back where it can be.

    Who may not turn left is not led on to the next junction and back again: junctions at which
    the way would turn back are taken apart one after the other until none is left.
    """
    first = found = _search(roads, ends, closed, bans)
    for _round in range(MOST_ROUNDS if bans else 0):
        back = _turned_back(found)
        if not back:
            break
        bans = without_turning_back(bans, back)
        found = _search(roads, ends, closed, bans)
    return first if not found or _turned_back(found) else found


def _turned_back(steps: Sequence[Step]) -> set[End]:
    """The ends of edges at which a way turns back on itself."""
    return {
        (one.edge_id, 0 if one.backwards else 1)
        for one, two in pairwise(steps)
        if one.edge_id == two.edge_id and one.backwards != two.backwards
    }


_DRIVEN: Final = """
SELECT e.road_id, e.from_m, e.to_m, e.length_m,
  ST_AsGeoJSON(CASE WHEN t.back THEN ST_Reverse(cut.g) ELSE cut.g END, 6)
FROM unnest(%(edges)s::bigint[], %(lows)s::float8[], %(highs)s::float8[], %(back)s::boolean[])
  WITH ORDINALITY t (edge, low, high, back, place)
JOIN routing_edge e ON e.id = t.edge
CROSS JOIN LATERAL (SELECT ST_LineSubstring(e.geom, t.low, t.high) AS g) cut
ORDER BY t.place
"""


def _route(
    actor: Actor, steps: Sequence[Step], ends: Sequence[EdgePlace], closed: Sequence[Block]
) -> Route:
    values: dict[str, Any] = {
        "edges": [step.edge_id for step in steps],
        "lows": [step.low for step in steps],
        "highs": [step.high for step in steps],
        "back": [step.backwards for step in steps],
    }
    with connection.cursor() as cursor:
        cursor.execute(_DRIVEN, values)
        rows = cursor.fetchall()
    called = {
        row.pk: row.label
        for row in network.roads(actor)
        .filter(pk__in_array={row[0] for row in rows})
        .only("id", "number", "name")
    }
    legs: list[Leg] = []
    lines: list[list[list[float]]] = []
    for step, (road, start, end, length, shape) in zip(steps, rows, strict=True):
        coordinates = json.loads(shape)["coordinates"]
        low, high = start + (end - start) * step.low, start + (end - start) * step.high
        a, b = (high, low) if step.backwards else (low, high)
        driven = length * (step.high - step.low)
        previous = lines[-1] if lines else None
        if len(coordinates) >= 2 and isinstance(coordinates[0], list):
            lines.append(coordinates)
        if legs and legs[-1].road_id == road:
            last = legs[-1]
            legs[-1] = Leg(road, last.road, last.from_m, b, last.length_m + driven, last.turn)
        elif driven >= 1 or not legs:
            turn = _turn(previous, coordinates) if previous and legs else "start"
            legs.append(Leg(road, called.get(road, ""), a, b, driven, turn))
    legs = _exact_ends(legs, lines)
    return Route(
        length_m=sum(leg.length_m for leg in legs),
        access_m=(ends[0].away_m, ends[1].away_m),
        legs=tuple(legs),
        geometry={"type": "MultiLineString", "coordinates": lines},
        avoided=tuple(obstacle for obstacle, _road, _label in closed),
    )


def _exact_ends(legs: list[Leg], lines: Sequence[list[list[float]]]) -> list[Leg]:
    """Within an edge labels need not run evenly: the two ends of the way are asked for."""
    if not legs or not lines:
        return legs
    places = [tuple(lines[0][0]), tuple(lines[-1][-1])]
    roads = [legs[0].road_id, legs[-1].road_id]
    first, last = network.chainages_of(
        points=[(place[0], place[1]) for place in places], road_ids=roads
    )
    made = list(legs)
    if first is not None:
        made[0] = replace(made[0], from_m=first.chainage_m)
    if last is not None:
        made[-1] = replace(made[-1], to_m=last.chainage_m)
    return made


def _turn(before: list[list[float]], after: Any) -> str:
    """How one goes from the end of a line to the start of the next."""
    if len(before) < 2 or len(after) < 2 or not isinstance(after[0], list):
        return "straight"
    change = turn_deg(before[-2], after[0], after[1])
    if abs(change) <= STRAIGHT_DEG:
        return "straight"
    return "right" if change > 0 else "left"


def _no_way(
    actor: Actor, roads: Sequence[int], ends: Sequence[EdgePlace], vehicle: Vehicle
) -> NoRouteError:
    """Why there is none: what stands in the way, or that the roads do not connect."""
    empty = _search(roads, ends, [], {})
    if not empty:
        return NoRouteError(
            _("Mạng lưới đường đang khai thác không nối hai vị trí này."),
            hint=_("Xem danh sách lỗi kết nối để biết chỗ hở."),
        )
    names = [
        block[0].name
        for block in obstacles(actor, vehicle)
        if any(
            step.edge_id == edge and step.low <= part <= step.high
            for edge, found in _stops([], [block]).items()
            for part in found.blocks
            for step in empty
        )
    ]
    return NoRouteError(
        _("Không có lộ trình cho xe này; đường ngắn nhất vướng: %(names)s.")
        % {"names": ", ".join(names[:8]) or _("công trình hạn chế gần hai đầu")},
        hint=_("Giảm tải trọng, chiều cao, hoặc chọn vị trí khác."),
    )


@dataclass(frozen=True, slots=True)
class GraphFigures:
    """What the graph holds; ``parts`` are sets of nodes that cannot reach each other."""

    edges: int
    nodes: int
    parts: int
    length_km: float


@dataclass(frozen=True, slots=True)
class _Pair:
    source: int
    target: int


def figures() -> GraphFigures:
    """Counts of the whole graph."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT source, target, length_m FROM routing_edge")
        rows = cursor.fetchall()
    parts = components(_Pair(source, target) for source, target, _m in rows)
    return GraphFigures(
        edges=len(rows),
        nodes=sum(len(part) for part in parts),
        parts=len(parts),
        length_km=sum(row[2] for row in rows) / 1000,
    )
