from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from sen.domains.assets import api as assets
from sen.domains.assets.data import AssetInput
from sen.domains.network import api as network
from sen.domains.routing import api
from sen.domains.routing.data import Route, Vehicle
from sen.domains.routing.models import Edge, Fault
from sen.domains.routing.services import judge_fault
from sen.domains.routing.tests.conftest import PutRoad, at
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import ANONYMOUS, DataClass
from sen.kernel.dbsync import as_superuser, missing_extensions
from sen.kernel.errors import InvalidInputError
from sen.kernel.events.relay import deliver_pending
from sen.kernel.jobs.testing import run_queued
from sen.kernel.web.register.resource import resources


def compute() -> dict[str, int]:
    with as_system("test computes the graph") as actor:
        return api.rebuild(actor=actor)


def follow() -> None:
    """What changed is told, and the jobs that it asks for are done."""
    deliver_pending()
    assert [run.error for run in run_queued() if run.error] == []


def way(
    start: tuple[float, float], end: tuple[float, float], vehicle: Vehicle | None = None
) -> Route:
    with acting_as(ANONYMOUS):
        return api.find_route(
            ANONYMOUS, start=at(*start), end=at(*end), vehicle=vehicle or Vehicle()
        )


def put_bridge(road: str, chainage_m: float, **attributes: object) -> None:
    row = AssetInput(
        type="bridge",
        code=f"C-{road}-{chainage_m:.0f}",
        name="Cầu Thử",
        owner_org="SXD",
        area="82",
        road=road,
        chainage_m=chainage_m,
        attributes={"length_m": 20, **attributes},
    )
    with as_system("test data of routing") as actor:
        assets.bulk_put_assets(actor=actor, rows=[row])


@pytest.fixture
def square(put_road: PutRoad) -> None:
    """A short way along the south and a long one around the north."""
    put_road("QL.30", (0, 0), (2000, 0))
    put_road("ĐT.841", (100, 0), (100, 1500))
    put_road("ĐT.842", (100, 1500), (1900, 1500))
    put_road("ĐT.843", (1900, 1500), (1900, 0))
    compute()


def test_the_shortest_way_is_found_and_said_road_by_road(square: None) -> None:
    route = way((50, 20), (1950, -20))
    assert [leg.road for leg in route.legs] == ["QL.30"]
    assert route.length_m == pytest.approx(1900, rel=0.01)
    around = way((100, 700), (1900, 700))
    assert [(leg.road, leg.turn) for leg in around.legs] == [
        ("ĐT.841", "start"),
        ("QL.30", "left"),
        ("ĐT.843", "left"),
    ]


def test_a_heavy_vehicle_goes_around_a_weak_bridge(square: None) -> None:
    put_bridge("QL.30", 1000, load_limit_t=10)
    light = way((500, 0), (1500, 0), Vehicle(weight_t=8))
    heavy = way((500, 0), (1500, 0), Vehicle(weight_t=15))
    assert light.length_m == pytest.approx(1000, rel=0.02)
    assert [leg.road for leg in heavy.legs] == ["QL.30", "ĐT.841", "ĐT.842", "ĐT.843", "QL.30"]
    assert [one.name for one in heavy.avoided] == ["Cầu Thử"]


def test_what_stands_in_the_way_is_named_when_there_is_no_other(put_road: PutRoad) -> None:
    put_road("QL.30", (0, 0), (2000, 0))
    put_bridge("QL.30", 1000, road_clearance_m=3.5)
    compute()
    with pytest.raises(api.NoRouteError, match="Cầu Thử"):
        way((100, 0), (1900, 0), Vehicle(height_m=4.2))
    assert way((100, 0), (1900, 0), Vehicle(height_m=3)).length_m > 1700


def test_roads_that_do_not_connect_have_no_way(put_road: PutRoad) -> None:
    put_road("QL.30", (0, 0), (2000, 0))
    put_road("QL.80", (0, 900), (2000, 900))
    compute()
    with pytest.raises(api.NoRouteError, match="không nối"):
        way((100, 0), (100, 900))
    with pytest.raises(api.NoRouteError, match="2 km"):
        way((100, 0), (100, 40_000))


def test_nobody_is_led_over_a_road_that_they_may_not_see(put_road: PutRoad) -> None:
    put_road("QL.30", (0, 0), (2000, 0), data_class=DataClass.SECRET)
    put_road("ĐT.841", (0, 0), (0, 500), (2000, 500), (2000, 0))
    compute()
    route = way((0, 100), (2000, 100))
    assert [leg.road for leg in route.legs] == ["ĐT.841"]


def test_the_graph_follows_a_new_road_and_is_the_same_as_computed_anew(
    square: None, put_road: PutRoad
) -> None:
    follow()
    put_road("ĐT.850", (1000, -500), (1000, 800))
    follow()
    followed = graph()
    assert any(code == "ĐT.850" for code, *_rest in followed)
    compute()
    assert graph() == followed


def graph() -> list[tuple[str, int, int]]:
    with as_system("test reads the graph"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.code, round(e.from_m)::int, round(e.to_m)::int FROM routing_edge e"
            " JOIN network_road r ON r.id = e.road_id ORDER BY 1, 2"
        )
        return [(code, start, end) for code, start, end in cursor.fetchall()]


def test_faults_are_listed_kept_when_accepted_and_gone_when_mended(put_road: PutRoad) -> None:
    put_road("QL.30", (0, 0), (2000, 0))
    put_road("ĐT.841", (500, 12), (500, 900))
    compute()
    with as_system("test reads faults") as actor:
        dangling = Fault.objects.get(kind=Fault.Kind.DANGLING)
        assert dangling.title.startswith("ĐT.841 Km0+000")
        assert dangling.distance_m == pytest.approx(12, abs=0.2)
        with pytest.raises(InvalidInputError, match="căn cứ"):
            judge_fault(actor=actor, row=dangling, version=dangling.version, status="ACCEPTED")
        judge_fault(
            actor=actor, row=dangling, version=dangling.version, status="ACCEPTED", note="Cổng chốt"
        )
    compute()
    with as_system("test reads faults"):
        assert Fault.objects.get(kind=Fault.Kind.DANGLING).status == "ACCEPTED"
    put_road("ĐT.841", (500, 0), (500, 900))
    compute()
    with as_system("test reads faults"):
        assert not Fault.objects.filter(kind=Fault.Kind.DANGLING).exists()


def test_a_deleted_road_leaves_the_graph(square: None) -> None:
    with as_system("test deletes a road") as actor:
        road = network.roads(actor).get(code="ĐT.842")
        delete = resources["network.roads"].delete
        assert delete is not None
        delete(actor=actor, row=road, version=road.version, reason="nhập nhầm")
    follow()
    assert not Edge.objects.filter(road_id=road.pk).exists()
    put_bridge("QL.30", 1000, load_limit_t=10)
    with pytest.raises(api.NoRouteError):
        way((500, 0), (1500, 0), Vehicle(weight_t=15))


def test_the_page_and_the_interface_tell_the_same_way(square: None, client: Client) -> None:
    asked = {"from": "Km0+100 QL.30", "to": "Km1+900 QL.30", "weight_t": "8,5"}
    page = client.get("/tra-cuu/routing/lo-trinh/", asked).content.decode()
    assert "Đi theo QL.30" in page
    assert "1,8 km" in page
    body = client.get("/api/public/v1/routing/route", asked).json()
    assert body["length_m"] == pytest.approx(1800, rel=0.01)
    assert body["legs"][0]["text"] == "Đi theo QL.30"
    drawn = client.get("/tra-cuu/routing/lo-trinh/ban-do.geojson", asked).json()
    assert drawn["features"][0]["geometry"] == body["geometry"]


def test_bad_questions_are_refused_in_words(square: None, client: Client) -> None:
    wrong = {"from": "Km99+000 QL.30", "to": "", "weight_t": "nặng"}
    page = client.get("/tra-cuu/routing/lo-trinh/", wrong)
    text = page.content.decode()
    assert page.status_code == 422
    assert "nằm ngoài tuyến" in text
    assert "Ghi một số từ 0,1 đến 500" in text
    assert client.get("/api/public/v1/routing/route", wrong).status_code == 422


def test_a_road_over_another_and_the_sides_of_a_divided_one_are_driven_once(
    square: None, put_road: PutRoad
) -> None:
    follow()
    over = put_road("QL.N2", (500, 0), (1500, 0), (1500, -800))
    put_road("QL.30-T", (0, 8), (2000, 8), number="", part="LEFT", main="QL.30")
    follow()
    with as_system("two roads are drawn over each other") as actor:
        assert Fault.objects.get(kind=Fault.Kind.DUPLICATE).other_id == over
        bearing, borne = (network.roads(actor).get(code=code) for code in ("QL.30", "QL.N2"))
        network.declare_concurrency(
            actor=actor, bearing=bearing, borne=borne, from_m=500, to_m=1500, borne_from_m=0,
            borne_to_m=1000, valid_from=date(2026, 1, 1),
        )  # fmt: skip
    follow()
    followed = graph()
    assert [(a, b) for code, a, b in followed if code == "QL.N2"] == [(1000, 1800)]
    assert not any(code == "QL.30-T" for code, *_rest in followed)
    with as_system("test reads faults"):
        assert not Fault.objects.filter(kind=Fault.Kind.DUPLICATE).exists()
    assert [leg.road for leg in way((600, 5), (1500, -700)).legs] == ["QL.30", "QL.N2"]
    compute()
    assert graph() == followed


@pytest.fixture
def no_pgrouting(db: None) -> Iterator[None]:
    """A server to which nobody brought the extension."""
    as_superuser("DROP EXTENSION pgrouting CASCADE")
    yield
    as_superuser("CREATE EXTENSION pgrouting")


def test_without_pgrouting_the_page_and_the_doctor_say_so(
    no_pgrouting: None, put_road: PutRoad, client: Client
) -> None:
    put_road("QL.30", (0, 0), (2000, 0))
    assert compute()["edges"] == 1
    asked = {"from": "Km0+100 QL.30", "to": "Km1+900 QL.30"}
    page = client.get("/tra-cuu/routing/lo-trinh/", asked)
    assert page.status_code == 503
    assert "chưa có pgRouting" in page.content.decode()
    assert client.get("/api/public/v1/routing/route", asked).status_code == 503
    assert missing_extensions() == {"pgrouting": ["routing"]}
