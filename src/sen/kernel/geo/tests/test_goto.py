from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError
from sen.kernel.geo.goto import Place, goto_resolvers
from sen.kernel.geo.layers import Layer
from sen.kernel.testing.accounts import MakeAccount
from sen.lib.vn2000 import from_wgs84

KNOWN = "chỗ nào đó"


def ask(client: Client, text: str) -> dict[str, object]:
    answer = client.get("/map/goto", {"q": text})
    assert answer.status_code == 200, answer.content
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.django_db
def test_typed_degrees_are_a_place(client: Client) -> None:
    found = ask(client, "10.46, 105.63")
    assert (found["lon"], found["lat"]) == (105.63, 10.46)
    assert found["label"] == "10°27′36.0″B, 105°37′48.0″Đ"


@pytest.mark.django_db
def test_a_vn2000_pair_offers_every_system(client: Client) -> None:
    x, y = from_wgs84(105.63, 10.46, 9210)
    items = ask(client, f"X={y:.2f} Y={x:.2f}")["items"]
    assert isinstance(items, list)
    assert any(
        abs(item["lon"] - 105.63) < 1e-6 and abs(item["lat"] - 10.46) < 1e-6 for item in items
    )
    assert any("105°45′" in item["subtitle"] for item in items)


@pytest.mark.django_db
def test_a_coordinate_elsewhere_says_so(client: Client) -> None:
    answer = client.get("/map/goto", {"q": "48.85, 2.35"})
    assert answer.status_code == 422
    assert "nằm ngoài Việt Nam" in answer.json()["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "x", "không có gì cả", "100%"])
def test_nothing_found_is_an_empty_list(client: Client, layer: Layer, text: str) -> None:
    assert ask(client, text) == {"items": []}


@pytest.fixture
def chainage() -> Iterator[None]:
    def resolve(text: str, actor: Actor) -> list[Place]:
        if text == "nơi không có":
            raise NotFoundError("lý trình", text)
        return [Place("Km12+500 QL.30", 105.7, 10.4, "Quốc lộ 30")] if text == KNOWN else []

    goto_resolvers._entries["test"] = resolve
    yield
    goto_resolvers.remove("test")


@pytest.mark.django_db
@pytest.mark.usefixtures("chainage")
def test_a_domain_resolves_its_own_texts_first(client: Client) -> None:
    found = ask(client, KNOWN)
    assert found["label"] == "Km12+500 QL.30"
    assert found["zoom"] == 16


@pytest.mark.django_db
@pytest.mark.usefixtures("chainage")
def test_a_resolver_that_knows_better_says_why(client: Client) -> None:
    answer = client.get("/map/goto", {"q": "nơi không có"})
    assert answer.status_code == 404
    assert "nơi không có" in answer.json()["detail"]


@pytest.mark.django_db
def test_the_map_has_a_public_and_a_working_page(
    client: Client, make_account: MakeAccount, sign_in: Callable[[User], Client]
) -> None:
    assert b'<sen-map config="/map/config.json"' in client.get("/ban-do/").content
    assert client.get("/ql/ban-do/").status_code == 302
    page = sign_in(make_account("guarded.thing.view")).get("/ql/ban-do/").content
    assert b'<sen-map config="/map/config.json"' in page
