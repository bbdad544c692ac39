"""Turns that signs forbid or order: entered, obeyed by ways, carried over with their roads."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.network import api as network
from sen.domains.routing import api
from sen.domains.routing.data import Route, Vehicle
from sen.domains.routing.models import Fault, TurnRule
from sen.domains.routing.rules import Edge, expand
from sen.domains.routing.services import create_turn
from sen.domains.routing.tests.conftest import PutRoad
from sen.domains.routing.tests.test_routes import compute, way
from sen.kernel.access.context import as_system
from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.engine import Request, run
from sen.kernel.imports.importer import importers
from sen.kernel.web.register.resource import resources

pytestmark = pytest.mark.django_db
SINCE = date(2026, 1, 1)


@pytest.fixture
def town(put_road: PutRoad) -> None:
    """A main street to the east; a street crosses it at 1000 m, a way around in the north-east."""
    put_road("QL.30", (0, 0), (1000, 0), (3000, 0))
    put_road("ĐT.841", (1000, -800), (1000, 0), (1000, 800))
    put_road("ĐT.842", (1000, 800), (1600, 800), (1600, 0))
    compute()


def forbid(kind: str, start: str, end: str, at_m: float, heading: str, **values: Any) -> TurnRule:
    with as_system("test enters a turn") as actor:
        roads = {road.code: road for road in network.roads(actor)}
        return create_turn(
            actor=actor,
            **{
                "kind": kind,
                "from_road": roads[start],
                "at_m": at_m,
                "heading": heading,
                "to_road": roads[end],
                "valid_from": SINCE,
                "basis": "QĐ 15/QĐ-SXD",
                **values,
            },
        )


def roads_of(route: Route) -> list[str]:
    return [leg.road for leg in route.legs]


def test_a_forbidden_turn_changes_the_way_and_nothing_else(town: None) -> None:
    start, end = (500, 0), (1000, 500)
    with as_system("faults before"):
        faults = set(Fault.objects.values_list("key", flat=True))
    assert roads_of(way(start, end)) == ["QL.30", "ĐT.841"]
    rule = forbid("NO_LEFT", "QL.30", "ĐT.841", 1000, "UP")
    assert rule.to_heading == "UP"
    assert float(rule.to_m) == pytest.approx(800, abs=0.5)
    assert rule.title == "Cấm rẽ trái: QL.30 Km1+000 → ĐT.841"
    around = way(start, end)
    assert roads_of(around) == ["QL.30", "ĐT.842", "ĐT.841"]
    assert around.length_m == pytest.approx(500 + 600 + 800 + 600 + 300, rel=0.01)
    # Who comes from the other side, or goes the other way, may turn there.
    assert roads_of(way((1300, 0), end)) == ["QL.30", "ĐT.841"]
    assert roads_of(way(end, start)) == ["ĐT.841", "QL.30"]
    assert roads_of(way(start, (1000, -500))) == ["QL.30", "ĐT.841"]
    # The place itself may lie on the edge at which the turn is forbidden.
    assert roads_of(way((990, 0), (1000, 10)))[:2] == ["QL.30", "ĐT.842"]
    compute()
    assert roads_of(way(start, end)) == ["QL.30", "ĐT.842", "ĐT.841"]
    with as_system("faults after"):
        assert set(Fault.objects.values_list("key", flat=True)) == faults


def test_a_rule_is_for_the_vehicles_weights_and_days_that_it_names(town: None) -> None:
    start, end = (500, 0), (1000, 500)
    straight, around = ["QL.30", "ĐT.841"], ["QL.30", "ĐT.842", "ĐT.841"]
    forbid("NO_LEFT", "QL.30", "ĐT.841", 1000, "UP", vehicles=["TRUCK"], above_t=5)
    assert roads_of(way(start, end)) == straight
    assert roads_of(way(start, end, Vehicle(kind="TRUCK", weight_t=4))) == straight
    assert roads_of(way(start, end, Vehicle(kind="BUS", weight_t=12))) == straight
    assert roads_of(way(start, end, Vehicle(kind="TRUCK", weight_t=12))) == around
    today = timezone.localdate()
    forbid("NO_LEFT", "QL.30", "ĐT.841", 1000, "UP", valid_to=today)
    forbid("NO_LEFT", "QL.30", "ĐT.841", 1000, "UP", valid_from=today + timedelta(days=1))
    assert roads_of(way(start, end)) == straight


def test_an_order_forbids_everything_else(town: None, put_road: PutRoad) -> None:
    forbid("ONLY_STRAIGHT", "QL.30", "QL.30", 1000, "UP")
    assert roads_of(way((500, 0), (1000, 500))) == ["QL.30", "ĐT.842", "ĐT.841"]
    assert roads_of(way((500, 0), (2000, 0))) == ["QL.30"]


def test_turning_back_is_the_last_way(put_road: PutRoad) -> None:
    put_road("QL.30", (0, 0), (1000, 0), (3000, 0))
    put_road("ĐT.841", (1000, 0), (1000, 800))
    put_road("ĐT.842", (1600, 0), (1600, 500))
    compute()
    forbid("NO_LEFT", "QL.30", "ĐT.841", 1000, "UP")
    back = way((500, 0), (1000, 500))
    assert back.length_m == pytest.approx(500 + 600 + 600 + 500, rel=0.01)


def test_without_another_way_the_answer_says_that_a_turn_is_forbidden(put_road: PutRoad) -> None:
    put_road("QL.30", (0, 0), (1000, 0))
    put_road("ĐT.841", (1000, 0), (1000, 800))
    compute()
    forbid("NO_LEFT", "QL.30", "ĐT.841", 1000, "UP")
    with pytest.raises(api.NoRouteError, match="cấm rẽ"):
        way((500, 0), (1000, 500))
    assert roads_of(way((1000, 500), (500, 0))) == ["ĐT.841", "QL.30"]


def test_what_is_no_turn_is_refused_in_words(town: None, put_road: PutRoad) -> None:
    put_road("ĐT.843", (0, 0), (0, 500))
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"to_road": "ĐT.842"}, "to_road"),
        ({"at_m": 9000}, "at_m"),
        ({"kind": "NO_U_TURN"}, "kind"),
        ({"at_m": 0, "to_road": "ĐT.843"}, "heading"),
        ({"basis": " "}, "basis"),
        ({"vehicles": ["TRAM"]}, "vehicles"),
        ({"valid_to": SINCE}, "valid_to"),
    ]
    for change, field in wrong:
        values = {"kind": "NO_LEFT", "at_m": 1000, "to_road": "ĐT.841", **change}
        kind, end, at_m = values.pop("kind"), values.pop("to_road"), values.pop("at_m")
        with pytest.raises(InvalidInputError) as error:
            forbid(kind, "QL.30", end, at_m, "UP", **values)
        assert list(error.value.fields) == [field]


def test_a_carriageway_is_driven_as_traffic_goes_on_it(town: None, put_road: PutRoad) -> None:
    put_road("QL.30-T", (0, 8), (3000, 8), number="", part="LEFT", main="QL.30")
    rule = forbid("NO_RIGHT", "QL.30-T", "ĐT.841", 1000, "UP")
    assert (rule.from_road.code, rule.heading, rule.to_heading) == ("QL.30", "DOWN", "UP")
    assert "ĐT.842" in roads_of(way((1300, 0), (1000, 500)))


def test_rules_follow_their_road_or_are_asked_about(town: None) -> None:
    rule = forbid("NO_LEFT", "QL.30", "ĐT.841", 1000, "UP")
    day = timezone.localdate()
    decisions = resources["network.decisions"].model.objects
    with as_system("operations") as actor:
        road = network.roads(actor).get(code="QL.30")
        total = float(road.start_m or 0) + float(road.end_m or 0)
        network.reverse_road(actor=actor, road=road, version=road.version, valid_from=day)
        rule.refresh_from_db()
        assert float(rule.at_m) == pytest.approx(total - 1000, abs=0.01)
        assert (rule.heading, rule.to_heading) == ("DOWN", "UP")
        road.refresh_from_db()
        network.split_road(
            actor=actor, road=road, version=road.version, at_m=total - 1500, code="QL.30B",
            valid_from=day,
        )  # fmt: skip
        rule.refresh_from_db()
        assert rule.from_road.code == "QL.30B"
        crossed = network.roads(actor).get(code="ĐT.841")
        first, last = (network.point_at(road=crossed, chainage_m=m) for m in (300, 1400))
        network.realign_road(
            actor=actor, road=crossed, version=crossed.version, valid_from=day,
            line=[(first.x, first.y), (first.x + 0.003, 10.3), (last.x, last.y)],
        )  # fmt: skip
        asked = decisions.get(subject="routing.turn")
        network.decide(actor=actor, row=asked, version=asked.version, choice="END")
        rule.refresh_from_db()
        assert rule.valid_to == day


OSM = """<osm version="0.6">
<node id="1" version="1" lon="105.5" lat="10.3"/>
<node id="2" version="1" lon="{east}" lat="10.3"/>
<way id="7" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>
<relation id="90" version="1"><member type="way" ref="7" role="from"/>
<member type="node" ref="2" role="via"/><member type="way" ref="8" role="to"/>
<tag k="type" v="restriction"/><tag k="restriction:hgv" v="no_left_turn"/></relation>
<relation id="91" version="1"><member type="way" ref="7" role="from"/>
<member type="node" ref="2" role="via"/><member type="way" ref="99" role="to"/>
<tag k="type" v="restriction"/><tag k="restriction" v="no_right_turn"/></relation>
</osm>
"""


def test_restrictions_of_openstreetmap_become_rules(put_road: PutRoad, tmp_path: Path) -> None:
    put_road("OSM-w7", (0, 0), (1000, 0), number="", manager_class="PROVINCIAL")
    put_road("OSM-w8", (1000, 0), (1000, 800), number="", manager_class="PROVINCIAL")
    east = 105.5 + 1000 / 109_530
    file = tmp_path / "streets.osm"
    file.write_text(OSM.format(east=east))
    with as_system("an import") as actor:
        request = Request(file=file, outside=True)
        for state in ((1, 0), (0, 1)):
            done = run(importer=importers["turn-rules"], actor=actor, request=request)
            assert (done.state, done.faults) == ("DONE", [])
            assert (done.created, done.unchanged) == state
        assert any("1 quan hệ" in note for note in done.notes)
        rule = TurnRule.objects.get()
    assert (rule.source_code, rule.kind, rule.heading) == ("OSM-r90", "NO_LEFT", "UP")
    assert rule.vehicles == ["TRACTOR", "TRUCK"]


def test_the_form_of_the_way_asks_for_the_kind_of_vehicle(town: None, client: Client) -> None:
    forbid("NO_LEFT", "QL.30", "ĐT.841", 1000, "UP", vehicles=["BUS"])
    asked = {"from": "Km0+500 QL.30", "to": "Km1+300 ĐT.841", "vehicle": "BUS"}
    page = client.get("/tra-cuu/routing/lo-trinh/", asked).content.decode()
    assert "vào ĐT.842" in page
    assert '<option value="BUS" selected>' in page
    body = client.get("/api/public/v1/routing/route", asked).json()
    assert [leg["road"] for leg in body["legs"]] == ["QL.30", "ĐT.842", "ĐT.841"]
    assert (
        client.get("/api/public/v1/routing/route", asked | {"vehicle": "TRAM"}).status_code == 422
    )


edges_of = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=6)


@given(pairs=edges_of, banned=st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11))))
def test_a_junction_taken_apart_has_all_turns_but_those_that_are_forbidden(
    pairs: list[tuple[int, int]], banned: set[tuple[int, int]]
) -> None:
    edges = [Edge(i, a, b, 100.0) for i, (a, b) in enumerate(pairs, 1)]
    ends = [end for edge in edges for end, node in edge.ends if node == 1]
    bans = {(ends[i], ends[j]) for i, j in banned if i < len(ends) and j < len(ends)}
    made = expand(edges, {}, {1: bans})
    turns = [piece for piece in made.pieces if not piece.edge_id]
    assert len(turns) == len(ends) ** 2 - len(bans)
    # No edge comes to the junction itself any more, and each is driven both ways at its length.
    assert all(1 not in (piece.source, piece.target) for piece in made.pieces)
    lengths: dict[int, float] = {}
    for piece in made.pieces:
        ways = 2 if piece.back >= 0 else 1
        lengths[piece.edge_id] = lengths.get(piece.edge_id, 0) + ways * piece.cost
    assert all(lengths[edge.id] == 200.0 for edge in edges)
