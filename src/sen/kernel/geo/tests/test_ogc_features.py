"""OGC API Features: what the abstract tests of parts 1 and 2 ask, and the access rule."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import DataClass
from sen.kernel.geo.layers import Layer
from sen.kernel.geo.ogc.crs import SYSTEMS
from sen.kernel.geo.tests.test_tiles import tile_at
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House
from sen.lib.vn2000 import from_wgs84

ITEMS = "/ogc/collections/things/items"


@pytest.fixture
def clerk(make_account: MakeAccount, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(make_account("guarded.thing.view", clearance=DataClass.INTERNAL))


def names(client: Client, query: str = "") -> set[str]:
    answer = client.get(f"{ITEMS}{query}")
    assert answer.status_code == 200, answer.content
    return {feature["properties"]["name"] for feature in answer.json()["features"]}


def test_items_and_counts_hold_what_the_actor_may_see(
    things: dict[str, Thing], client: Client, clerk: Client
) -> None:
    public = client.get(f"{ITEMS}?limit=1").json()
    assert public["numberMatched"] == 2
    assert public["numberReturned"] == 1
    assert names(client) == {"Cầu Công", "Cầu Xa"}
    assert names(clerk) == {"Cầu Công", "Cầu Nội", "Cầu Xa"}
    assert clerk.get(f"{ITEMS}?limit=1").json()["numberMatched"] == 3
    assert client.get(f"{ITEMS}/{things['internal'].pk}").status_code == 404
    assert clerk.get(f"{ITEMS}/{things['internal'].pk}").status_code == 200
    assert clerk.get(f"{ITEMS}/{things['secret'].pk}").status_code == 404


def test_a_masked_value_is_neither_shown_nor_searchable(
    things: dict[str, Thing], client: Client, clerk: Client
) -> None:
    (shown,) = [f for f in client.get(ITEMS).json()["features"] if f["id"] == things["public"].pk]
    assert shown["properties"]["phone"] is None
    assert shown["properties"]["manager"] == "Sở Xây dựng"
    assert names(client, "?phone=0277") == set()
    assert names(clerk, "?phone=0277") == set(), "internal clearance is below the mask"


def test_the_extent_does_not_betray_a_hidden_row(
    things: dict[str, Thing], client: Client, house: House
) -> None:
    house.thing("V-9", geom="SRID=4326;POINT(107.5 11.5)", data_class=DataClass.SECRET)
    (box,) = client.get("/ogc/collections/things").json()["extent"]["spatial"]["bbox"]
    assert box == [105.63, 10.36, 106.36, 10.46]


def test_paging_visits_every_feature_once(
    things: dict[str, Thing], layer: Layer, client: Client, house: House
) -> None:
    for number in range(7):
        house.thing(f"P-{number}", geom="SRID=4326;POINT(105.7 10.4)")
    url, seen = f"{ITEMS}?limit=4", []
    while url:
        page = client.get(url).json()
        assert page["numberMatched"] == 9
        seen += [feature["id"] for feature in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == 9


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("bbox=105.6,10.4,105.7,10.5", {"Cầu Công"}),
        ("bbox=105.6,10.4,0,105.7,10.5,100", {"Cầu Công"}),
        ("bbox=105,10,107,11", {"Cầu Công", "Cầu Xa"}),
        ("bbox=106.36,10.36,106.36,10.36", {"Cầu Xa"}),
        ("bbox=170,10,-170,11", set()),
        (
            "bbox=10.4,105.6,10.5,105.7&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326",
            {"Cầu Công"},
        ),
        ("name=C%E1%BA%A7u%20Xa", {"Cầu Xa"}),
        ("length_m=150", {"Cầu Công"}),
        ("manager=S%E1%BB%9F%20X%C3%A2y%20d%E1%BB%B1ng", {"Cầu Công", "Cầu Xa"}),
        ("lanes=4", set()),
        ("datetime=2000-01-01T00:00:00Z/..", {"Cầu Công", "Cầu Xa"}),
        ("datetime=../2000-01-01T00:00:00Z", set()),
        ("datetime=2000-01-01", set()),
    ],
)
def test_filters(things: dict[str, Thing], client: Client, query: str, found: set[str]) -> None:
    assert names(client, f"?{query}") == found


@pytest.mark.parametrize(
    "query",
    [
        "unknown=1",
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=1&limit=2",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=1,2,3,nan",
        "bbox=105,11,106,10",
        "bbox=105,10,406,11",
        "bbox=1,1,2,2&bbox-crs=http://example.org/none",
        "datetime=yesterday",
        "datetime=2026-01-01T00:00:00",
        "datetime=2026-02-01T00:00:00Z/2026-01-01T00:00:00Z",
        "datetime=../..",
        "crs=EPSG:4326",
        "after=x",
        "f=xml",
        "length_m=much",
        "length_m=nan",
        "opened_on=2026-13-01",
        "updated_at=now",
        "name=%00",
    ],
)
def test_what_makes_no_sense_is_a_400_that_names_the_parameter(
    things: dict[str, Thing], client: Client, query: str
) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()["errors"]) <= {part.split("=")[0] for part in query.split("&")}


def test_a_limit_beyond_the_maximum_is_lowered(things: dict[str, Thing], client: Client) -> None:
    assert client.get(f"{ITEMS}?limit=1000000").status_code == 200


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.uri.rpartition("/")[2])
def test_every_system_is_written_in_its_axis_order(
    things: dict[str, Thing], client: Client, system: Any
) -> None:
    answer = client.get(f"{ITEMS}/{things['public'].pk}?crs={system.uri}")
    assert answer["Content-Crs"] == f"<{system.uri}>"
    found = answer.json()["geometry"]["coordinates"]
    if system.srid in (3405, 5897, 9210):
        assert found == pytest.approx(from_wgs84(105.63, 10.46, system.srid), abs=0.01)
    elif system.srid == 3857:
        north = math.log(math.tan(math.pi / 4 + math.radians(10.46) / 2))
        mercator = [math.radians(105.63) * 6378137, north * 6378137]
        assert found == pytest.approx(mercator, abs=0.01)
    else:
        near = [10.46, 105.63] if system.is_flipped else [105.63, 10.46]
        assert found == pytest.approx(near, abs=0 if system.srid == 4326 else 0.002)


@pytest.mark.parametrize("srid", [3405, 5897, 9210, 3857])
def test_a_box_in_a_grid_finds_the_feature(
    things: dict[str, Thing], client: Client, srid: int
) -> None:
    system = next(one for one in SYSTEMS if one.srid == srid)
    url = f"{ITEMS}/{things['public'].pk}?crs={system.uri}"
    x, y = client.get(url).json()["geometry"]["coordinates"]
    box = f"{x - 10},{y - 10},{x + 10},{y + 10}"
    assert names(client, f"?bbox={box}&bbox-crs={system.uri}") == {"Cầu Công"}


def test_etag_and_head(things: dict[str, Thing], client: Client) -> None:
    first = client.get(ITEMS)
    assert first["Content-Type"] == "application/geo+json"
    assert first["Access-Control-Allow-Origin"] == "*"
    assert client.get(ITEMS, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.head(ITEMS).status_code == 200
    assert client.post(ITEMS).status_code == 403, "writing is for those who may"
    assert client.put(ITEMS).status_code == 405
    with as_system("change a thing in a test"):
        Thing.objects.filter(code="V-1").update(name="Cầu Mới")
    assert client.get(ITEMS, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_coordinates_have_seven_decimals(house: House, layer: Layer, client: Client) -> None:
    thing = house.thing("V-1", geom="SRID=4326;POINT(105.123456789012 10.123456789012)")
    found = client.get(f"{ITEMS}/{thing.pk}").json()
    assert found["geometry"]["coordinates"] == [105.1234568, 10.1234568]


def test_a_row_without_a_place_is_a_feature_without_geometry(
    house: House, layer: Layer, client: Client
) -> None:
    thing = house.thing("V-1", attributes={"lanes": 4})
    found = client.get(f"{ITEMS}/{thing.pk}").json()
    assert found["geometry"] is None
    assert found["properties"]["lanes"] == 4
    assert names(client, "?lanes=4") == {"V-1"}
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}(\.\d{1,3})?\+00:00", found["properties"]["updated_at"])


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/",
        "/ogc/api",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/things",
        ITEMS,
        "/ogc/tileMatrixSets",
        "/ogc/tileMatrixSets/WebMercatorQuad",
        "/ogc/collections/things/tiles",
        "/ogc/collections/things/tiles/WebMercatorQuad",
    ],
)
def test_every_page_has_both_forms_and_refuses_unknown_ones(
    things: dict[str, Thing], client: Client, path: str
) -> None:
    assert client.get(path).json()
    assert client.get(f"{path}?f=json").json()
    page = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page["Content-Type"].startswith("text/html")
    assert b"<h1" in page.content
    assert client.get(f"{path}?f=yaml").status_code == 400
    assert client.get(f"{path}?x=1").status_code == 400


def test_a_feature_page(things: dict[str, Thing], client: Client) -> None:
    page = client.get(f"{ITEMS}/{things['public'].pk}?f=html").content.decode()
    assert "Cầu Công" in page
    assert 'focus="105.63,10.46,15"' in page


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/nothing",
        "/ogc/%0A/%F2%B1",
        "/ogc/collections/nothing",
        "/ogc/collections/nothing/items",
        "/ogc/collections/things/items/99999999999999999999",
        "/ogc/collections/things/items/x",
        "/ogc/tileMatrixSets/nothing",
        "/ogc/collections/things/tiles/nothing",
        "/ogc/collections/things/tiles/WebMercatorQuad/1/2/0",
    ],
)
def test_what_is_not_there_is_a_404_in_words(
    things: dict[str, Thing], client: Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["title"]


def test_tiles_through_the_ogc_address(
    things: dict[str, Thing], client: Client, clerk: Client
) -> None:
    listed = client.get("/ogc/collections/things/tiles").json()["tilesets"][0]
    template = next(link for link in listed["links"] if link["rel"] == "item")
    assert template["templated"] is True
    _, x, y = tile_at(105.63, 10.46, 14)
    path = template["href"].replace("http://testserver", "")
    path = path.format(tileMatrix=14, tileRow=y, tileCol=x)
    assert "Cầu Công".encode() in client.get(path).content
    assert "Cầu Nội".encode() not in client.get(path).content
    assert "Cầu Nội".encode() in clerk.get(path).content
    tilejson = client.get("/ogc/collections/things/tiles/WebMercatorQuad?f=tilejson").json()
    assert tilejson["vector_layers"][0]["id"] == "things"
    assert tilejson["bounds"] == [105.63, 10.36, 106.36, 10.46]


def test_the_description_is_valid_and_names_every_operation(
    things: dict[str, Thing], client: Client
) -> None:
    answer = client.get("/ogc/api")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    paths = answer.json()["paths"]
    assert "/collections/things/items/{featureId}" in paths
    operations = [path["get"]["operationId"] for path in paths.values()]
    assert len(operations) == len(set(operations))
    known = {p["name"] for p in paths["/collections/things/items"]["get"]["parameters"]}
    assert {"limit", "bbox", "datetime", "crs", "length_m"} <= known
