"""Computing the graph anew, and what people say about its faults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _
from shapely.geometry import LineString

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.network.choices import Carriageway, ManagerClass, RoadStatus
from sen.domains.network.data import METRIC_SRID
from sen.domains.routing.choices import REPAIRS
from sen.domains.routing.models import Edge, Fault, Pending
from sen.domains.routing.rules import (
    NEAR_M,
    XY,
    EdgeDraft,
    FaultDraft,
    Line,
    Network,
    build_edges,
    faults_of,
    isolated,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.services import record
from sen.kernel.errors import InputCheck
from sen.kernel.usecase import check_version, use_case

#: With more roads than this changed, computing all of them is quicker.
MOST_CHANGED: Final = 200
#: Of these a road is part of the network.
IN_GRAPH: Final = (RoadStatus.OPEN.value, RoadStatus.CLOSED.value)
#: A road that adds less to the network is a carriageway, or runs over another from end to end.
LEAST_M: Final = 1.0
_FLYOVERS: Final = ("bridge", "tunnel")


@dataclass(frozen=True, slots=True)
class RoadFacts:
    """What the graph takes over from a road."""

    one_way: bool
    label: str
    owner_org_id: int
    area_id: int
    data_class: int
    is_demo: bool


@use_case("routing.graph.change", act="routing.rebuild", audit=False)
def rebuild(*, actor: Actor, road_ids: Sequence[int] | None = None) -> dict[str, int]:
    """Compute edges and faults anew: of some roads and all that they meet, or of all.

    The result of some is the same as that of all, but for a node that may stay where a road was
    that is gone; the nightly run takes it out.
    """
    with as_system("the graph holds all roads, whoever may see them") as house:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(597061)")
        lines, facts = _roads(house)
        shared = network.shared_stretches(lines)
        net = Network(lines, _flyovers(house), _shared_ends(shared))
        chosen = set(lines) if road_ids is None else _affected(net, road_ids)
        edges = _put_edges(net, chosen, facts) - _drop_borne(shared)
        drafts = faults_of(net, chosen)
        counted = _put_faults(chosen, drafts, facts, complete=road_ids is None)
        counted["edges"] = edges
        _put_isolated(facts)
        Pending.objects.all().delete()
    record(act="routing.rebuild", resource="routing.graph", detail=counted | {"roads": len(chosen)})
    return counted | {"roads": len(chosen)}


@use_case("routing.fault.change", act="routing.judge_fault")
def judge_fault(
    *,
    actor: Actor,
    row: Fault,
    version: int | None,
    reason: str = "",
    status: str = "",
    note: str = "",
) -> Fault:
    """Say that a fault is as things are, or that it must be mended after all.

    Raises:
        ConflictError: somebody said something else meanwhile.
        InvalidInputError: an accepted fault has no note that says why.
    """
    check_version(row, version)
    check = InputCheck()
    accepted = status == Fault.Status.ACCEPTED
    check.need(status in Fault.Status.values, "status", _("Hãy chọn cách xử lý."))
    check.need(
        note.strip() or not accepted, "note", _("Hãy ghi căn cứ xác nhận, ví dụ biên bản kiểm tra.")
    )
    check.done()
    row.status, row.note = status, note.strip()
    row.save()
    return row


def _roads(actor: Actor) -> tuple[dict[int, Line], dict[int, RoadFacts]]:
    """The lines of the network: where a road is divided its axis, where roads share one once."""
    rows = network.roads(actor).filter(geom__isnull=False, status__in=IN_GRAPH)
    rows = rows.filter(Q(counted_m=None) | Q(counted_m__gte=LEAST_M))
    text, params = rows.values("id").query.sql_with_params()
    shapes: dict[int, bytes] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ST_AsBinary(ST_Transform(geom, %s)) FROM network_road"  # noqa: S608
            f" WHERE id IN (SELECT id FROM ({text}) seen)",
            [METRIC_SRID, *params],
        )
        shapes = {pk: bytes(shape) for pk, shape in cursor.fetchall()}
    lines: dict[int, Line] = {}
    facts: dict[int, RoadFacts] = {}
    for row in rows.defer("geom", "search"):
        shape = shapely.from_wkb(shapes[row.pk])
        if not isinstance(shape, LineString) or shape.length <= 0:
            continue
        apart = row.manager_class == ManagerClass.EXPRESSWAY.value
        lines[row.pk] = Line(row.pk, shape, apart)
        facts[row.pk] = RoadFacts(
            row.carriageway == Carriageway.ONE_WAY.value,
            row.label,
            row.owner_org_id,
            row.area_id,
            row.data_class,
            row.is_demo,
        )
    return lines, facts


def _flyovers(actor: Actor) -> list[tuple[float, float]]:
    """Bridges over roads and underpasses: where they stand, lines pass above each other."""
    found: list[tuple[float, float]] = []
    for kind in _FLYOVERS:
        rows = assets.assets(actor, type=kind)
        over = (
            {"attributes__crossing_kind": "road"}
            if kind == "bridge"
            else {"attributes__kind": "underpass"}
        )
        text, params = rows.filter(**over).order_by().values("id").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ST_X(p), ST_Y(p) FROM assets_asset,"  # noqa: S608  own names
                " LATERAL (SELECT ST_Transform(ST_Centroid(geom), %s) AS p) place"
                f" WHERE id IN (SELECT id FROM ({text}) seen)",
                [METRIC_SRID, *params],
            )
            found += [(x, y) for x, y in cursor.fetchall()]
    return found


def _affected(net: Network, road_ids: Sequence[int]) -> set[int]:
    """The roads, all that they meet, and all that they met before."""
    nodes = Edge.objects.filter(road_id__in=list(road_ids)).values_list("source", "target")
    before = {node for pair in nodes for node in pair}
    touching = Edge.objects.filter(source__in=before) | Edge.objects.filter(target__in=before)
    met = set(touching.values_list("road_id", flat=True)) & set(net.lines)
    return met | net.neighbours(road_ids, within_m=NEAR_M)


_KNOWN: Final = """
SELECT DISTINCT ON (node) node, ST_X(at), ST_Y(at) FROM (
  SELECT source AS node, ST_Transform(ST_StartPoint(geom), %(srid)s) AS at
  FROM routing_edge WHERE NOT road_id = ANY(%(roads)s)
  UNION ALL
  SELECT target, ST_Transform(ST_EndPoint(geom), %(srid)s)
  FROM routing_edge WHERE NOT road_id = ANY(%(roads)s)) ends
ORDER BY node
"""
_INSERT: Final = """
INSERT INTO routing_edge (road_id, source, target, from_m, to_m, length_m, one_way, geom)
SELECT road, source, target, a, b, ST_Length(shape::geography), one_way, shape
FROM (SELECT road, source, target, one_way,
    coalesce(network_chainage_of(road, ST_StartPoint(shape)), 0) AS a,
    coalesce(network_chainage_of(road, ST_EndPoint(shape)), 0) AS b, shape
  FROM (SELECT road, source, target, one_way,
      ST_Transform(ST_SetSRID(ST_GeomFromWKB(line), %(srid)s), 4326) AS shape
    FROM unnest(%(roads)s::bigint[], %(sources)s::bigint[], %(targets)s::bigint[],
      %(one_way)s::boolean[], %(lines)s::bytea[]) AS t (road, source, target, one_way, line)
  ) made) labelled
"""


def _put_edges(net: Network, chosen: set[int], facts: Mapping[int, RoadFacts]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"srid": METRIC_SRID, "roads": list(chosen)})
        known = {node: (x, y) for node, x, y in cursor.fetchall()}
        edges = build_edges(net, chosen, known=known, first_id=max(known, default=0) + 1)
        gone = Edge.objects.exclude(road_id__in=set(net.lines))
        gone.delete()
        Edge.objects.filter(road_id__in=chosen).delete()
        cursor.execute(
            _INSERT,
            {
                "srid": METRIC_SRID,
                "roads": [edge.road_id for edge in edges],
                "sources": [edge.source for edge in edges],
                "targets": [edge.target for edge in edges],
                "one_way": [facts[edge.road_id].one_way for edge in edges],
                "lines": [shapely.to_wkb(edge.shape) for edge in edges],
            },
        )
        cursor.execute("ANALYZE routing_edge")
    return len(edges)


def _shared_ends(
    shared: Sequence[network.Shared],
) -> dict[frozenset[int], list[tuple[XY, XY]]]:
    """Where the shared stretches of two roads begin and end, in metres of the grid."""
    found: dict[frozenset[int], list[tuple[XY, XY]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, ST_X(a.p), ST_Y(a.p), ST_X(b.p), ST_Y(b.p)"
            " FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) WITH ORDINALITY"
            " AS t (road, low, high, place),"
            " LATERAL (SELECT ST_Transform(network_point_at(road, low), %s) AS p) a,"
            " LATERAL (SELECT ST_Transform(network_point_at(road, high), %s) AS p) b"
            " WHERE a.p IS NOT NULL AND b.p IS NOT NULL",
            [
                [one.bearing_id for one in shared],
                [one.from_m for one in shared],
                [one.to_m for one in shared],
                METRIC_SRID,
                METRIC_SRID,
            ],
        )
        for place, ax, ay, bx, by in cursor.fetchall():
            one = shared[place - 1]
            found[frozenset({one.bearing_id, one.borne_id})].append(((ax, ay), (bx, by)))
    return found


def _drop_borne(shared: Iterable[network.Shared]) -> int:
    """Where a road is led over another only the bearing one is driven."""
    gone = 0
    for one in shared:
        low, high = sorted((one.borne_from, one.borne_to))
        inside = Edge.objects.filter(
            road_id=one.borne_id, from_m__gte=low - LEAST_M, to_m__lte=high + LEAST_M
        )
        gone += inside.delete()[0]
    return gone


def _put_faults(
    chosen: set[int],
    drafts: Iterable[FaultDraft],
    facts: Mapping[int, RoadFacts],
    *,
    complete: bool,
) -> dict[str, int]:
    """Write new faults, leave known ones as they are, and take out those that are gone."""
    found = {draft.key: draft for draft in drafts}
    stored = Fault.objects.unscoped("faults are compared with those of the last run")
    stored = stored.exclude(kind=Fault.Kind.ISOLATED)
    if not complete:
        stored = stored.filter(road_id__in=chosen)
    known = dict(stored.values_list("key", "id"))
    gone = [pk for key, pk in known.items() if key not in found]
    Fault.objects.unscoped("a fault that is gone leaves the list").filter(pk__in=gone).delete()
    _insert_faults([d for key, d in found.items() if key not in known], facts)
    return {"faults": len(found), "mended": len(gone)}


def _put_isolated(facts: Mapping[int, RoadFacts]) -> None:
    """Parts of the network are a question to the whole graph, so they are found anew each time."""
    edges: list[EdgeDraft] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT road_id, source, target, ST_AsBinary(ST_Transform(geom, %s))"
            " FROM routing_edge ORDER BY road_id, from_m",
            [METRIC_SRID],
        )
        for road, source, target, shape in cursor.fetchall():
            line = shapely.from_wkb(bytes(shape))
            if isinstance(line, LineString):
                edges.append(EdgeDraft(road, source, target, line))
    found = {draft.key: draft for draft in isolated(edges)}
    stored = Fault.objects.unscoped("parts are compared with those of the last run").filter(
        kind=Fault.Kind.ISOLATED
    )
    known = dict(stored.values_list("key", "id"))
    stored.filter(pk__in=[pk for key, pk in known.items() if key not in found]).delete()
    _insert_faults([draft for key, draft in found.items() if key not in known], facts)


def _insert_faults(drafts: Sequence[FaultDraft], facts: Mapping[int, RoadFacts]) -> None:
    if not drafts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, ST_X(p), ST_Y(p), network_chainage_of(road, p)"
            " FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) WITH ORDINALITY"
            " AS t (road, x, y, place), LATERAL (SELECT ST_Transform(ST_SetSRID("
            "ST_MakePoint(x, y), %s), 4326) AS p) made ORDER BY place",
            [
                [draft.road_id for draft in drafts],
                [draft.at[0] for draft in drafts],
                [draft.at[1] for draft in drafts],
                METRIC_SRID,
            ],
        )
        places = cursor.fetchall()
    Fault.objects.bulk_create(
        [_fault(draft, facts, place) for draft, place in zip(drafts, places, strict=True)],
        batch_size=500,
    )


def _fault(draft: FaultDraft, facts: Mapping[int, RoadFacts], place: Sequence[Any]) -> Fault:
    mine = facts[draft.road_id]
    other = facts[draft.other_id] if draft.other_id is not None else None
    _number, lon, lat, chainage = place
    where = mine.label if chainage is None else f"{mine.label} {network.label(chainage)}"
    return Fault(
        key=draft.key,
        kind=draft.kind.value,
        title=f"{where} – {other.label}" if other else where,
        road_id=draft.road_id,
        other_id=draft.other_id,
        chainage_m=None if chainage is None else round(chainage, 1),
        distance_m=round(draft.distance_m, 1),
        repair=REPAIRS[draft.kind].value,
        geom=Point(round(lon, 7), round(lat, 7), srid=4326),
        owner_org_id=mine.owner_org_id,
        area_id=mine.area_id,
        data_class=max(DataClass.INTERNAL.value, mine.data_class, other.data_class if other else 0),
        is_demo=mine.is_demo,
    )


def mark_changed(road_ids: Iterable[int]) -> None:
    """Remember roads for the next computation."""
    Pending.objects.bulk_create(
        [Pending(road_id=road_id) for road_id in road_ids], ignore_conflicts=True
    )


def changed_roads() -> list[int] | None:
    """The roads to compute anew; None stands for all of them."""
    found = list(Pending.objects.order_by("road_id").values_list("road_id", flat=True))
    if len(found) > MOST_CHANGED or not Edge.objects.exists():
        return None
    return found
