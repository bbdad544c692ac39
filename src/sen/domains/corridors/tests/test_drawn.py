"""Fairways and red lines that are drawn: by the forms, as a person does it on the map."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.test import Client

from sen.domains.corridors.models import Corridor, Fairway, RedLine
from sen.domains.corridors.tests.test_corridors import at, ground, one, put_road
from sen.domains.network import api as network
from sen.kernel.access.context import as_system
from sen.kernel.events.relay import deliver_pending
from sen.kernel.geo.layers import layers
from sen.kernel.jobs.testing import run_queued
from sen.kernel.testing.accounts import MakeAccount

__all__ = ["ground"]
FAIRWAYS = "/ql/corridors/fairways/"
RED_LINES = "/ql/corridors/red-lines/"


@pytest.fixture
def client(make_account: MakeAccount) -> Client:
    made = Client()
    made.force_login(make_account("*.*.*"))
    return made


def wkt(north_m: float, *more: float) -> str:
    lines = [LineString(at(0, n), at(3000, n), srid=4326) for n in (north_m, *more)]
    return str((lines[0] if not more else MultiLineString(lines, srid=4326)).wkt)


def follow() -> None:
    with as_system("follow what changed"):
        deliver_pending()
        run_queued()


def test_a_fairway_is_drawn_and_drawn_elsewhere_and_its_corridor_follows(
    ground: dict[str, Any], client: Client
) -> None:
    page = client.get(f"{FAIRWAYS}them/").content.decode()
    assert 'data-pick="line"' in page
    assert 'data-pick-layer="fairways"' in page
    values = {"code": "L-9", "name": "Luồng mới", "grade": "III", "width_m": "40"}
    values |= {"owner_org": ground["org"].pk, "area": ground["area"].pk}
    empty = client.post(f"{FAIRWAYS}them/", values)
    assert empty.status_code == 422
    assert client.post(f"{FAIRWAYS}them/", values | {"geom": wkt(2000)}).status_code == 302
    again = client.post(f"{FAIRWAYS}them/", values | {"geom": wkt(2000)})
    assert "Mã này đã có luồng khác dùng" in again.content.decode()
    follow()
    assert one("W:L-9").reach_m == 35
    with as_system("look"):
        row = Fairway.objects.get(code="L-9")
    moved = {"name": "Luồng mới", "grade": "III", "width_m": "60", "version": row.version}
    edit = f"{FAIRWAYS}{row.pk}/sua/"
    assert client.post(edit, moved | {"geom": wkt(2500)}).status_code == 302
    follow()
    corridor = one("W:L-9")
    assert corridor.reach_m == 45
    assert corridor.geom is not None
    assert corridor.geom.contains(at(1500, 2500))
    assert not corridor.geom.contains(at(1500, 2000))


def test_a_drawn_red_line_sets_the_distance_and_a_distance_draws_the_line(
    ground: dict[str, Any], client: Client
) -> None:
    put_road("ĐĐT.1", aside_m=1000, technical_class="URBAN", width_m=7.0)
    with as_system("look"):
        road = network.roads(_system()).get(code="ĐĐT.1")
    values = {"road": road.pk, "decision": "QĐ 12/2025", "valid_from": "2025-06-01"}
    neither = client.post(f"{RED_LINES}them/", values)
    assert "Hãy vẽ chỉ giới, hoặc ghi khoảng cách" in neither.content.decode()
    far = client.post(f"{RED_LINES}them/", values | {"geom": wkt(2000)})
    assert "chỉ giới phải nằm trong 300 m" in far.content.decode()
    assert client.post(f"{RED_LINES}them/", values | {"geom": wkt(1012, 990)}).status_code == 302
    row = red_line()
    assert float(row.distance_m) == pytest.approx(12, abs=0.2), "where it is farthest"
    follow()
    assert one("R:ĐĐT.1").reach_m == float(row.distance_m)

    edit = f"{RED_LINES}{row.pk}/sua/"
    shown = client.get(edit).context["form"]["geom"].value()
    kept = {"decision": "QĐ 12/2025", "valid_from": "2025-06-01"}
    client.post(edit, kept | {"version": row.version, "geom": shown, "distance_m": "20"})
    by_distance = red_line()
    assert by_distance.distance_m == 20
    north = max(lat for line in by_distance.geom.coords for _lon, lat in line)
    assert north == pytest.approx(at(0, 1020).y, abs=2e-6)
    client.post(
        edit,
        kept | {"version": by_distance.version, "geom": wkt(1015), "distance_m": "20"},
    )
    assert float(red_line().distance_m) == pytest.approx(15, abs=0.2)
    with as_system("look"):
        assert Corridor.objects.filter(road=road).exists()
    assert layers["red-lines"].model is RedLine


def red_line() -> Any:
    with as_system("look"):
        return RedLine.objects.get()


def _system() -> Any:
    from sen.kernel.access.context import current_actor

    return current_actor()
