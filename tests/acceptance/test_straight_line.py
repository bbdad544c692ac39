"""Segmentations and straight-line diagrams of the province, as a road engineer asks for them."""

from __future__ import annotations

import csv
import io
import time
from itertools import pairwise

import pytest
from django.test import Client

from sen.domains.network import api as network
from sen.domains.network.models import Road
from sen.kernel.access.context import as_system
from tests.conftest import Demo

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

FOUR = ["network.surface", "network.iri", "network.width", "network.speed_limit"]


def road(number: str) -> Road:
    with as_system("acceptance reads a road") as actor:
        return network.find_roads(actor, number)[0]


def test_a_road_by_four_layers_and_hundred_metres_conserves_its_length(demo: Demo) -> None:
    asked = {"road": "QL.30", "layer": FOUR, "step": "100"}
    body = Client().get("/api/public/v1/network/segments", asked).json()
    found = road("QL.30")
    length = float(found.end_m or 0) - float(found.start_m or 0)
    rows = [dict(zip(body["columns"], row, strict=True)) for row in body["rows"]]
    assert sum(row["length_m"] for row in rows) == pytest.approx(length, abs=0.001)
    assert [row["to_m"] for row in rows[:-1]] == [row["from_m"] for row in rows[1:]]
    changes = Client().get("/api/public/v1/network/segments", asked | {"step": "change"}).json()
    total = {
        step: sum(
            row["length_m"] * row["network_iri_mean"]
            for row in (dict(zip(part["columns"], r, strict=True)) for r in part["rows"])
            if row["network_iri_mean"] is not None
        )
        for step, part in (("100", body), ("change", changes))
    }
    # The interface rounds each mean to a thousandth; before that nothing is lost at all.
    assert total["100"] == pytest.approx(total["change"], rel=1e-4)


def test_rough_stretches_of_all_provincial_roads_leave_as_a_file(demo: Demo) -> None:
    asked = {"class": "PROVINCIAL", "layer": "network.iri:max", "min-network.iri": "6"}
    started = time.monotonic()
    answer = Client().get("/tra-cuu/network/phan-doan/xuat.csv", asked)
    assert time.monotonic() - started < 15
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    column = rows[0].index("Độ gồ ghề IRI (m/km), lớn nhất")
    assert len(rows) > 10
    assert min(float(row[column]) for row in rows[1:]) >= 6


def test_the_diagram_of_a_road_has_everything_along_it(demo: Demo) -> None:
    found = road("QL.30")
    body = Client().get(f"/tra-cuu/network/roads/{found.pk}/so-do/du-lieu.json").json()
    tracks = {track["name"]: track for track in body["tracks"]}
    assert tracks.keys() >= {
        "network.communes",
        "network.surface",
        "network.iri",
        "network.speed_limit",
        "assets.bridges",
        "assets.culverts",
        "assets.signs",
        "assets.condition",
    }
    assert len(body["posts"]) > 100
    communes = tracks["network.communes"]["marks"]
    assert communes[0]["a"] == 0
    assert communes[-1]["b"] == pytest.approx(body["road"]["end"])
    for one, other in pairwise(communes):
        assert one["b"] == other["a"]
    sides = {mark.get("side") for mark in tracks["assets.signs"]["marks"]}
    assert {"LEFT", "RIGHT"} <= sides
