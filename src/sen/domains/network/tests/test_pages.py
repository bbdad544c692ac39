"""Registers, panels, layers and the map's search as people and programs see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.test import Client

from sen.domains.network import api
from sen.domains.network.data import EventInput
from sen.domains.network.models import KmPost, Road, RouteEvent
from sen.domains.network.tests.conftest import wavy
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.access.services import grant_role, put_role
from sen.kernel.geo.layers import layers
from sen.kernel.web.palette.suggest import suggest

pytestmark = pytest.mark.django_db

MakeRoad = Callable[..., Road]
LABELS = {0: 0.0, 10: 1000.0, 24: 2000.0, 30: 3000.0}


@pytest.fixture
def road(make_road: MakeRoad) -> Road:
    made = make_road("QL.30", LABELS, manager_class="NATIONAL", name="Quốc lộ 30")
    make_road("ĐT.848", {}, line=wavy(lat=10.5), name="Sa Đéc – Tân Khánh Trung")
    rows = [("surface", None, "CONCRETE"), ("iri", 7.25, ""), ("speed_limit", 60, "")]
    with as_system("test data of network") as actor:
        api.bulk_put_events(
            actor=actor,
            rows=[
                EventInput(
                    road="QL.30",
                    kind=kind,
                    from_m=500,
                    to_m=1500,
                    number=number,
                    text=text,
                    valid_from=date(2026, 1, 1),
                )
                for kind, number, text in rows
            ],
        )
    return made


@pytest.fixture
def officer(client: Client) -> Client:
    role = put_role(
        code="t-network",
        name_vi="Cán bộ hạ tầng",
        name_en="Road officer",
        permissions=["network.*.*"],
        clearance=2,
        needs_mfa=False,
    )
    user = User.objects.create_user("t-network", full_name="Phạm Thị Lộ", kind="OFFICIAL")
    grant_role(user=user, role=role)
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("typed", "shown", "hidden"),
    [
        ("ql 30", "Quốc lộ 30", "Sa Đéc"),
        ("quoc lo 30", "Quốc lộ 30", "Sa Đéc"),
        ("tinh lo 848", "Sa Đéc", "Quốc lộ 30"),
        ("DT848", "Sa Đéc", "Quốc lộ 30"),
        ("sa dec", "Sa Đéc", "Quốc lộ 30"),
    ],
)
def test_roads_are_found_as_people_type_them(
    road: Road, client: Client, typed: str, shown: str, hidden: str
) -> None:
    text = client.get("/tra-cuu/network/roads/", {"q": typed, "partial": "table"}).content.decode()
    assert shown in text
    assert hidden not in text


def test_the_page_of_a_road_shows_its_map_strips_and_posts(road: Road, officer: Client) -> None:
    text = officer.get(f"/ql/network/roads/{road.pk}/").content.decode()
    assert "Đường" in text
    assert "<sen-map" in text
    assert "Km0+500–Km1+500: 7,25 m/km" in text
    assert "Km0+500–Km1+500: Bê tông xi măng" in text
    assert re.search(r"1\.4\d\d(,\d)? m", text), "the long kilometre between Km1 and Km2"
    assert f"/ql/network/iri/them/?road={road.pk}" in text


def test_a_road_without_posts_offers_to_add_the_first(make_road: MakeRoad, officer: Client) -> None:
    bare = make_road("ĐT.849", {})
    text = officer.get(f"/ql/network/roads/{bare.pk}/").content.decode()
    assert f"/ql/network/km-posts/them/?road={bare.pk}" in text


def test_the_public_sees_a_road_but_no_button(road: Road, client: Client) -> None:
    text = client.get(f"/tra-cuu/network/roads/{road.pk}/").content.decode()
    assert "Km0+500–Km1+500: 7,25 m/km" in text
    assert "them/" not in text


def test_a_record_is_entered_in_the_form_of_its_kind(road: Road, officer: Client) -> None:
    form = officer.get("/ql/network/surface/them/", {"road": road.pk})
    assert "Bê tông nhựa" in form.content.decode()
    values = {
        "road": road.pk,
        "from_m": "Km1+500",
        "to_m": "Km2+750",
        "side": "BOTH",
        "lane": "0",
        "value_text": "ASPHALT",
        "valid_from": "2026-03-01",
        "data_class": "0",
    }
    wrong = officer.post("/ql/network/surface/them/", values | {"from_m": "Km1+200"})
    assert wrong.status_code == 422
    assert "Trùng đoạn" in wrong.content.decode()
    saved = officer.post("/ql/network/surface/them/", values)
    assert saved.status_code == 302
    with as_system("what was kept"):
        kept = RouteEvent.objects.get(from_m=1500)
    assert (float(kept.to_m), kept.kind, kept.value_text) == (2750.0, "surface", "ASPHALT")
    page = officer.get(f"/ql/network/surface/{kept.pk}/sua/").content.decode()
    assert "Km1+500" in page


def test_filters_of_a_kind_ask_for_its_value(road: Road, client: Client) -> None:
    found = client.get("/tra-cuu/network/iri/", {"value_number_min": "7", "road": str(road.pk)})
    none = client.get("/tra-cuu/network/iri/", {"value_number_min": "8"})
    assert "QL.30 Km0+500–Km1+500" in found.content.decode()
    assert "QL.30 Km0+500–Km1+500" not in none.content.decode()


def test_a_post_is_moved_in_its_form(road: Road, officer: Client) -> None:
    with as_system("id of the post"):
        post = KmPost.objects.get(road=road, measure_m=2000)
    lon, lat = wavy()[22]
    values = {
        "measure_m": "Km2",
        "geom": f"{lat}, {lon}",
        "condition": "FAIR",
        "is_calibrating": "on",
        "version": post.version,
    }
    saved = officer.post(f"/ql/network/km-posts/{post.pk}/sua/", values)
    assert saved.status_code == 302
    with as_system("where it is now"):
        assert api.point_at(road=road, chainage_m=2000).coords == pytest.approx(
            (lon, lat), abs=1e-6
        )


@pytest.mark.parametrize(
    "typed", ["Km2+000 QL.30", "km2 quoc lo 30", "QL30, Km 2", "Quốc lộ 30 tại km2+000"]
)
def test_the_map_goes_to_a_chainage(road: Road, client: Client, typed: str) -> None:
    answer = client.get("/map/goto", {"q": typed})
    place = answer.json()["items"][0]
    assert place["title"] == "Km2+000 QL.30"
    assert (place["lon"], place["lat"]) == pytest.approx(wavy()[24], abs=1e-6)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Km90+500 QL.30", "Km90+500 nằm ngoài tuyến: QL.30 Km0+000–Km"),
        ("Km1 quoc lo 99", "Không tìm thấy tuyến đường “quoc lo 99”"),
    ],
)
def test_the_map_says_why_it_cannot_go(road: Road, client: Client, typed: str, words: str) -> None:
    answer = client.get("/map/goto", {"q": typed})
    assert answer.status_code >= 400
    assert words in answer.json()["detail"]


def test_the_palette_offers_a_chainage(road: Road) -> None:
    with as_system("ask the palette"):
        found = suggest("km2 ql 30", ANONYMOUS)
        half = suggest("km2 ql 99", ANONYMOUS)
    assert found[0].title == "Km2+000 QL.30"
    assert found[0].url.startswith("/ban-do/#map=16/10.3")
    assert all(one.kind != "network.chainage" for one in half)


def test_conditions_of_posts_are_changed_together(road: Road, officer: Client) -> None:
    with as_system("ids of the posts"):
        ids = list(KmPost.objects.filter(road=road).values_list("pk", flat=True))
    answer = officer.post(
        "/ql/network/km-posts/hang-loat/",
        {
            "ids": ids,
            "set": "condition",
            "condition": "POOR",
            "reason": "bão số 3",
            "act": "save",
            "query": "q=km&size=25",
        },
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/ql/network/km-posts/?q=km&size=25", "the same list"
    with as_system("what was kept"):
        kept = set(KmPost.objects.filter(road=road).values_list("condition", flat=True))
    assert kept == {"POOR"}


def test_layers_carry_public_roads_to_everybody(road: Road, client: Client) -> None:
    config = client.get("/map/config.json").json()
    shown = {layer["id"]: layer for layer in config["layers"]}
    assert {"roads", "km-posts", "surface", "iri", "speed-limit"} <= shown.keys()
    known = layers["roads"]
    assert not known.access(ANONYMOUS).is_empty
    assert shown["roads"]["minzoom"] == 6
    assert shown["iri"]["legend"][0]["label"] == "Tốt"


def test_a_commune_shows_the_roads_that_run_through_it(road: Road, client: Client) -> None:
    with as_system("a commune with a boundary") as actor:
        unit = places.put_unit(
            actor=actor,
            code="29905",
            name="Sa Đéc",
            kind=UnitKind.WARD,
            area=Area.objects.get(code="30244"),
            owner_org=Organisation.objects.get(code="SXD"),
        )
        west, east = wavy()[0][0], wavy()[50][0]
        box = Polygon.from_bbox((west - 0.01, 10.25, east, 10.35))
        unit.geom = MultiPolygon(box, srid=4326)
        unit.save()
    text = client.get(f"/tra-cuu/places/units/{unit.pk}/").content.decode()
    assert "Đường bộ trên địa bàn" in text
    assert "1 tuyến, 5" in text
