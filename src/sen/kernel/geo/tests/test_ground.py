from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from django.db.models import Q
from django.test import Client

from sen.kernel.geo.layers import Layer, LayerError, layers
from sen.kernel.geo.tests.conftest import LAYER
from sen.kernel.geo.tests.test_tiles import tile_at
from sen.kernel.testing.guarded.models import Thing


@pytest.fixture
def ground(layer: Layer) -> Iterator[list[Layer]]:
    """Two layers of the ground: all things, and from zoom 10 the long ones."""
    found = [
        dataclasses.replace(LAYER, name="basemap_all", basemap=True),
        dataclasses.replace(
            LAYER, name="basemap_long", basemap=True, minzoom=10, where=Q(length_m__gte=100)
        ),
    ]
    for one in found:
        layers._entries[one.name] = one
    yield found
    for one in found:
        layers.remove(one.name)


def test_the_ground_is_one_tile_of_many_layers(
    things: dict[str, Thing], ground: list[Layer], client: Client
) -> None:
    config = client.get("/map/config.json").json()
    shown = {item["id"]: item for item in config["layers"]}
    template = shown["basemap_all"]["tiles"]
    assert template == shown["basemap_long"]["tiles"]
    assert template.startswith("/tiles/ground/p-")
    assert shown["basemap_long"]["basemap"] is True
    assert shown["things"]["tiles"].startswith("/tiles/things/")

    def names(zoom: int) -> list[bytes]:
        z, x, y = tile_at(105.63, 10.46, zoom)
        content = client.get(template.format(z=z, x=x, y=y)).content
        return [name for name in (b"basemap_all", b"basemap_long") if name in content]

    assert names(12) == [b"basemap_all", b"basemap_long"]
    assert names(9) == [b"basemap_all"]


def test_a_map_of_chosen_layers_stands_on_the_ground(
    things: dict[str, Thing], ground: list[Layer], client: Client
) -> None:
    shown = client.get("/map/config.json?layers=no-such-layer").json()["layers"]
    assert {layer["id"] for layer in shown} == {"basemap_all", "basemap_long"}


def test_hidden_rows_are_not_on_the_ground(
    things: dict[str, Thing], ground: list[Layer], client: Client
) -> None:
    template = client.get("/map/config.json?layers=basemap_all").json()["layers"][0]["tiles"]
    z, x, y = tile_at(105.63, 10.46, 14)
    content = client.get(template.format(z=z, x=x, y=y)).content
    assert "Cầu Công".encode() in content
    assert "Cầu Nội".encode() not in content


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "ground"},
        {"name": "Has Spaces"},
        {"tile_fields": ("code", "name", "phone", "length_m", "version")},
        {"minzoom": 9, "maxzoom": 8},
        {"tile_fields": ()},
        {"fields": {}},
        {"fields": {"limit": "code"}},
    ],
)
def test_a_layer_declared_wrongly_says_which_and_why(wrong: dict[str, object]) -> None:
    with pytest.raises(LayerError, match="layer"):
        dataclasses.replace(LAYER, **wrong)  # type: ignore[arg-type]
