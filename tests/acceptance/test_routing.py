"""Ways through the province that respect what is posted at bridges, and the network's faults."""

from __future__ import annotations

import pytest
from django.test import Client

from sen.domains.routing import api as routing
from sen.domains.routing.models import Fault
from sen.kernel.access.context import as_system
from tests.conftest import Demo

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

ROUTE = "/api/public/v1/routing/route"


def test_a_way_between_a_chainage_and_a_bridge_by_its_name(demo: Demo) -> None:
    body = Client().get(ROUTE, {"from": "Km5+000 QL.30", "to": "Km80+000 QL.30"}).json()
    assert 60_000 < body["length_m"] < 80_000
    assert sum(leg["length_m"] for leg in body["legs"]) == pytest.approx(body["length_m"], abs=2)
    named = Client().get(ROUTE, {"from": "Km5+000 QL.30", "to": "Cầu Mỹ Thuận"}).json()
    assert named["legs"]


def test_a_heavier_vehicle_never_has_a_shorter_way(demo: Demo) -> None:
    asked = {"from": "Km2+000 ĐT.848", "to": "Km24+000 ĐT.848"}
    light = Client().get(ROUTE, asked).json()
    heavy = Client().get(ROUTE, asked | {"weight_t": "12"})
    if heavy.status_code == 200:
        assert heavy.json()["length_m"] >= light["length_m"] - 1
        assert heavy.json()["avoided"]
    else:
        assert "vướng" in heavy.json()["detail"]


def test_faults_of_the_network_are_listed_with_a_repair(demo: Demo) -> None:
    with as_system("acceptance reads faults"):
        kinds = set(Fault.objects.values_list("kind", flat=True))
        assert kinds >= {"DANGLING", "OVERSHOOT", "CROSSING", "ISOLATED"}
        assert not Fault.objects.filter(repair="").exists()
        figures = routing.figures()
    assert figures.edges > 1_000
    assert 2_500 < figures.length_km < 3_600
