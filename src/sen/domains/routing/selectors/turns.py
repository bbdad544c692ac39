"""The turns that a vehicle may not take, at the junctions of the graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from sen.domains.routing.choices import Heading, TurnKind
from sen.domains.routing.data import Vehicle
from sen.domains.routing.models import TurnRule
from sen.domains.routing.rules import End
from sen.kernel.access.scope import Actor

#: An end of an edge lies at the junction when its label is this near.
AT_M: Final = 15.0

Bans = dict[int, set[tuple[End, End]]]


def turn_rules(actor: Actor, *, on: date | None = None) -> QuerySet[TurnRule]:
    """The rules of a day that the actor may see."""
    day = on or timezone.localdate()
    return TurnRule.objects.visible_to(actor).filter(
        Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day
    )


def applies(rule: TurnRule, vehicle: Vehicle) -> bool:
    """Whether a rule is for a vehicle; one of which nothing is known has the rules for all."""
    if rule.vehicles and vehicle.kind not in rule.vehicles:
        return False
    return rule.above_t is None or (
        vehicle.weight_t is not None and vehicle.weight_t > float(rule.above_t)
    )


def bans_for(actor: Actor, vehicle: Vehicle, roads: Sequence[int]) -> Bans:
    """By node: the ends at which one arrives, each with an end at which one may not leave."""
    rows = turn_rules(actor).filter(from_road_id__in=roads, to_road_id__in=roads)
    rules = [row for row in rows.defer("geom", "search") if applies(row, vehicle)]
    if not rules:
        return {}
    near = _ends_near(
        [(rule.from_road_id, float(rule.at_m)) for rule in rules]
        + [(rule.to_road_id, float(rule.to_m)) for rule in rules]
    )
    bans: Bans = defaultdict(set)
    orders: list[tuple[int, End, End]] = []
    for i, rule in enumerate(rules):
        arriving, leaving = near[i], near[i + len(rules)]
        # One arrives at the target of an edge that runs along, and leaves at its source.
        arrive = {node: end for end, node in arriving if end[1] == (rule.heading == Heading.UP)}
        leave = {node: end for end, node in leaving if end[1] == (rule.to_heading != Heading.UP)}
        for node in sorted(arrive.keys() & leave.keys())[:1]:
            if TurnKind(rule.kind).is_order:
                orders.append((node, arrive[node], leave[node]))
            else:
                bans[node].add((arrive[node], leave[node]))
    around = _ends_at({node for node, _arrive, _leave in orders})
    for node, arrive_at, only in orders:
        bans[node] |= {(arrive_at, end) for end in around[node] if end != only}
    return dict(bans)


_NEAR: Final = """
SELECT q.place, e.id, e.source, e.target, abs(e.from_m - q.m), abs(e.to_m - q.m)
FROM unnest(%(roads)s::bigint[], %(labels)s::float8[]) WITH ORDINALITY q (road, m, place)
JOIN routing_edge e ON e.road_id = q.road
  AND (abs(e.from_m - q.m) <= %(at)s OR abs(e.to_m - q.m) <= %(at)s)
ORDER BY q.place, least(abs(e.from_m - q.m), abs(e.to_m - q.m)), e.id
"""


def _ends_near(places: Sequence[tuple[int, float]]) -> list[list[tuple[End, int]]]:
    """The ends of edges at labels of roads, with their nodes, the farthest first."""
    values: dict[str, Any] = {
        "roads": [road for road, _m in places],
        "labels": [measure for _road, measure in places],
        "at": AT_M,
    }
    found: list[list[tuple[float, End, int]]] = [[] for _place in places]
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, values)
        for place, edge, source, target, from_gap, to_gap in cursor.fetchall():
            if from_gap <= AT_M:
                found[place - 1].append((from_gap, (edge, 0), source))
            if to_gap <= AT_M:
                found[place - 1].append((to_gap, (edge, 1), target))
    return [[(end, node) for _gap, end, node in sorted(ends, reverse=True)] for ends in found]


def without_turning_back(bans: Bans, ends: set[End]) -> Bans:
    """The bans, and nobody turns back at the junctions at which some edges end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN q.at = 1 THEN e.target ELSE e.source END"
            " FROM unnest(%(edges)s::bigint[], %(ends)s::int[]) q (edge, at)"
            " JOIN routing_edge e ON e.id = q.edge",
            {"edges": [edge for edge, _at in ends], "ends": [at for _edge, at in ends]},
        )
        nodes = {node for (node,) in cursor.fetchall()}
    more = {node: set(banned) for node, banned in bans.items()}
    for node, around in _ends_at(nodes).items():
        if node in nodes:
            more[node] = more.get(node, set()) | {(end, end) for end in around}
    return more


def _ends_at(nodes: set[int]) -> dict[int, list[End]]:
    """All ends of edges at some nodes."""
    found: dict[int, list[End]] = defaultdict(list)
    if nodes:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, source, target FROM routing_edge"
                " WHERE source = ANY(%(nodes)s) OR target = ANY(%(nodes)s)",
                {"nodes": list(nodes)},
            )
            for edge, source, target in cursor.fetchall():
                found[source].append((edge, 0))
                found[target].append((edge, 1))
    return found
