from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyogrio
import pytest
from django.test import Client

from sen.domains.network import api
from sen.domains.network.data import EventInput
from sen.domains.network.models import Road
from sen.domains.network.tests.conftest import wavy
from sen.domains.network.web.diagram import strips_of
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import DataClass

BASE = "/tra-cuu/network/phan-doan/"
ASKED = {"road": "ĐT.848", "layer": ["network.iri", "network.surface"], "step": "500"}


@pytest.fixture
def road(make_road: Callable[..., Road]) -> Road:
    made = make_road(labels={0: 0, 50: 5000, 110: 11000}, lanes=2, width_m=7)
    since = date(2024, 1, 1)
    given = {"road": made.code, "valid_from": since}
    rows = [
        EventInput(kind="iri", from_m=0, to_m=1000, number=3, side="LEFT", **given),  # type: ignore[arg-type]
        EventInput(kind="iri", from_m=0, to_m=1000, number=7, side="RIGHT", **given),  # type: ignore[arg-type]
        EventInput(kind="surface", from_m=0, to_m=4000, text="ASPHALT", **given),  # type: ignore[arg-type]
    ]
    with as_system("test data of network") as actor:
        api.bulk_put_events(actor=actor, rows=rows)
    return made


def test_the_page_shows_the_segments_and_what_they_add_up_to(client: Client, road: Road) -> None:
    page = client.get(BASE, ASKED)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Km0+000" in text
    assert "Km0+500" in text
    assert "trung bình 5 m/km" in text
    assert "Bê tông nhựa 100 %" in text
    assert "<sen-along" in text


def test_bad_questions_are_refused_in_words(client: Client, road: Road) -> None:
    wrong = {"road": "QL.999", "layer": ["network.iri"], "step": "2", "on": "hôm nay", "x": "1"}
    page = client.get(BASE, wrong | {"min-network.iri": "nhiều"})
    text = page.content.decode()
    assert page.status_code == 422
    for words in ("QL.999", "từ 10 trở lên", "2026-12-31", "“nhiều” không phải số"):
        assert words in text


def test_segments_leave_as_csv_and_geopackage(client: Client, road: Road, tmp_path: Path) -> None:
    body = client.get(f"{BASE}xuat.csv", ASKED | {"across": "side"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    first = [row for row in rows if row["Từ lý trình"] == "Km0+000"]
    assert {row["Bên đường"]: row["Độ gồ ghề IRI (m/km)"] for row in first} == {
        "Bên trái": "3.0",
        "Bên phải": "7.0",
    }
    file = tmp_path / "segments.gpkg"
    file.write_bytes(client.get(f"{BASE}xuat.gpkg", ASKED).content)
    frame = pyogrio.read_info(file)
    assert frame["features"] == len({row["Từ lý trình"] for row in rows})
    assert "network_iri_mean" in list(frame["fields"])


def test_the_map_draws_segments_in_the_colours_of_a_layer(client: Client, road: Road) -> None:
    body = json.loads(client.get(f"{BASE}ban-do.geojson", ASKED).content)
    colors = {feature["properties"]["color"] for feature in body["features"]}
    assert len(colors) == 2
    assert body["features"][0]["geometry"]["type"] == "MultiLineString"


def test_the_strip_chart_carries_the_values_of_the_table(client: Client, road: Road) -> None:
    body = client.get(f"{BASE}bieu-do.json", ASKED).json()
    iri = body["tracks"][0]
    assert iri["shape"] == "line"
    assert iri["marks"][0] | {"color": ""} == {
        "a": 0.0,
        "b": 500.0,
        "text": "5 m/km",
        "n": 5.0,
        "color": "",
    }


def test_a_diagram_knows_posts_tracks_and_the_line(client: Client, road: Road) -> None:
    url = f"/tra-cuu/network/roads/{road.pk}/so-do/"
    body = client.get(f"{url}du-lieu.json").json()
    assert [post["m"] for post in body["posts"]] == [0, 5000, 11000]
    assert {track["name"] for track in body["tracks"]} >= {"network.iri", "network.surface"}
    assert len(body["line"]) > 10
    assert [point[2] for point in body["line"]] == sorted(point[2] for point in body["line"])
    text = client.get(url, {"from": "Km1+000", "to": "Km3+000"}).content.decode()
    assert 'value="Km1+000"' in text
    assert 'value="Km3+000"' in text
    assert "Độ gồ ghề IRI" in text
    assert client.get(url, {"from": "một"}).status_code == 422


def test_a_secret_road_has_no_diagram_for_everybody(
    client: Client, make_road: Callable[..., Road]
) -> None:
    made = make_road("ĐT.849", line=wavy(lat=10.5), data_class=DataClass.SECRET)
    for rest in ("", "du-lieu.json", "in/"):
        assert client.get(f"/tra-cuu/network/roads/{made.pk}/so-do/{rest}").status_code == 404
    page = client.get(BASE, {"road": "ĐT.849", "layer": "network.iri"})
    assert page.status_code == 422


def test_sheets_are_cut_at_whole_kilometres_and_cover_the_road() -> None:
    strips = strips_of(1_200, 13_700, "5")
    assert [strip["from"] for strip in strips] == [1_200, 5_000, 10_000]
    assert [strip["to"] for strip in strips] == [5_000, 10_000, 13_700]
    assert len(strips_of(0, 900_000, "1")) <= 200
