from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS, DataClass
from sen.kernel.geo.changes import changes
from sen.kernel.geo.config import tiles_url
from sen.kernel.geo.layers import Layer, LayerFilter, layer_filters
from sen.kernel.geo.tests.conftest import make_things
from sen.kernel.geo.tests.test_tiles import tile_at
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import build_house


def url(
    layer: Layer, template: str | None = None, place: tuple[float, float] = (105.63, 10.46)
) -> str:
    z, x, y = tile_at(*place, 14)
    template = template or tiles_url(layer, ANONYMOUS)
    return template.format(z=z, x=x, y=y)


@pytest.fixture
def clerk(make_account: MakeAccount, sign_in: Callable[[User], Client]) -> Client:
    """A signed-in official who may see internal things."""
    return sign_in(make_account("guarded.thing.view", clearance=DataClass.INTERNAL))


def test_a_public_tile_is_immutable_and_the_second_costs_no_statement(
    committed: None, layer: Layer, client: Client
) -> None:
    make_things(build_house())
    address = url(layer)
    first = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert first.status_code == 200
    assert first["Cache-Control"] == "public, max-age=31536000, immutable"
    assert first["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert "Cầu Công".encode() in gzip.decompress(first.content)
    assert "Set-Cookie" not in first
    with CaptureQueriesContext(connection) as queries:
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert len(queries) == 0
    assert "Cầu Công".encode() in client.get(address).content, "plain for a client without gzip"


def test_a_public_address_shows_public_rows_to_everybody(
    things: dict[str, Thing], layer: Layer, clerk: Client
) -> None:
    content = clerk.get(url(layer)).content
    assert "Cầu Công".encode() in content
    assert "Cầu Nội".encode() not in content


def test_an_official_gets_a_private_address_and_tile(
    things: dict[str, Thing], layer: Layer, clerk: Client, client: Client
) -> None:
    config = clerk.get("/map/config.json").json()
    template = next(item["tiles"] for item in config["layers"] if item["id"] == layer.name)
    address = url(layer, template)
    answer = clerk.get(address)
    assert "Cầu Nội".encode() in answer.content
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Cookie" in answer["Vary"]
    stranger = client.get(address)
    assert "Cầu Nội".encode() not in stranger.content
    assert stranger["Cache-Control"] == "public, max-age=30"


def test_nothing_there_is_204_and_nowhere_is_404(
    things: dict[str, Thing], layer: Layer, client: Client
) -> None:
    assert client.get(url(layer, place=(107.0, 11.0))).status_code == 204
    base = tiles_url(layer, ANONYMOUS)
    assert client.get(base.format(z=3, x=1, y=1)).status_code == 204
    assert client.get(base.format(z=14, x=16384, y=1)).status_code == 404
    assert client.get(base.format(z=17, x=1, y=1)).status_code == 404
    assert client.get("/tiles/unknown/p-1-1/1/1/1.mvt").status_code == 404


def test_an_outdated_address_shows_the_present_for_a_short_time(
    things: dict[str, Thing], layer: Layer, client: Client
) -> None:
    old = url(layer)
    with as_system("change a thing in a test"):
        Thing.objects.filter(code="V-1").update(name="Cầu Mới")
    changes.refresh()
    answer = client.get(old)
    assert "Cầu Mới".encode() in answer.content
    assert answer["Cache-Control"] == "public, max-age=30"
    assert url(layer) != old


def test_an_address_newer_than_the_mirror_reads_the_log(
    things: dict[str, Thing], layer: Layer, client: Client
) -> None:
    client.get(url(layer))
    with as_system("change a thing in a test"):
        Thing.objects.filter(code="V-1").update(name="Cầu Mới")
    head, _, version = tiles_url(layer, ANONYMOUS).split("/")[3].rpartition("-")
    newer = tiles_url(layer, ANONYMOUS).replace(f"{head}-{version}", f"{head}-{int(version) + 1}")
    assert "Cầu Mới".encode() in client.get(url(layer, newer)).content


def test_a_tile_follows_the_filters_of_a_register(
    things: dict[str, Thing], layer: Layer, clerk: Client
) -> None:
    layer_filters._entries["guarded.things"] = LayerFilter(
        Thing, lambda query: Q(length_m__gte=query.get("length_min", 0))
    )
    try:
        template = clerk.get("/map/config.json?layers=things").json()["layers"][0]["tiles"]
        address = url(layer, template) + "?ids-of=guarded.things&length_min=100"
        answer = clerk.get(address)
        assert "Cầu Công".encode() in answer.content
        assert "Cầu Nội".encode() not in answer.content
        assert answer["Cache-Control"] == "private, no-cache"
        assert clerk.get(url(layer, template) + "?ids-of=nothing").status_code == 400
    finally:
        layer_filters.remove("guarded.things")


def test_the_configuration_follows_the_contract(
    things: dict[str, Thing], layer: Layer, client: Client
) -> None:
    config = client.get("/map/config.json?layers=things").json()
    assert config["categories"] == [{"id": "test", "title": "Thử"}]
    (shown,) = config["layers"]
    assert shown["kind"] == "point"
    assert shown["source_layer"] == "things"
    assert shown["tiles"].startswith("/tiles/things/p-")
    assert shown["style"] == {"color": "#b03060", "radius": 5, "label_field": "name"}
    assert shown["detail_url"] == "/ql/things/{id}/"
    assert len(config["bounds"]) == 4


def test_the_box_of_a_list_holds_what_the_actor_may_see(
    committed: None, layer: Layer, client: Client, clerk: Client
) -> None:
    make_things(build_house())
    with as_system("the test looks at all rows"):
        places = {
            is_public: [
                thing.geom.centroid.coords
                for thing in Thing.objects.all()
                if thing.geom and (not is_public or thing.data_class == DataClass.PUBLIC)
            ]
            for is_public in (True, False)
        }
    for who, is_public in ((client, True), (clerk, False)):
        west, south, east, north = who.get(f"/map/extent/{layer.name}").json()["bounds"]
        for x, y in places[is_public]:
            assert west <= x <= east
            assert south <= y <= north
    nothing = client.get(f"/map/extent/{layer.name}?ids-of=no.such")
    assert nothing.status_code == 400
    assert client.get("/map/extent/no-such-layer").status_code == 404
