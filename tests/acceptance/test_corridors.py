"""Safety corridors of the whole province: drawn quickly, asked for by everybody, read by others."""

from __future__ import annotations

import time
from datetime import date

import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from sen.domains.corridors import api as corridors
from sen.domains.network import api as network
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance
DAY = date(2026, 11, 23)


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def test_the_province_is_drawn_in_seconds_and_every_polygon_cites_the_law(demo: Demo) -> None:
    started = time.perf_counter()
    with as_system("draw") as actor:
        done = corridors.draw_corridors(actor=actor)
        seconds = time.perf_counter() - started
        rows = corridors.corridors(actor)
        drawn = rows.filter(geom__isnull=False)
        assert done.total == rows.count() > 1000
        assert not drawn.filter(document="").exists()
        assert set(rows.values_list("along", flat=True).distinct()) >= {
            "ROAD",
            "BRIDGE",
            "FERRY",
            "WATERWAY",
        }
        unknown = rows.filter(geom__isnull=True)
        assert unknown.exists()
        assert not unknown.exclude(norm_case={"technical_class": "URBAN"}).exists()
    assert seconds < 20


def test_a_citizen_learns_of_the_corridor_of_a_national_road(demo: Demo) -> None:
    with as_system("find a place") as actor:
        road = network.roads(actor).filter(number="QL.30").exclude(geom=None)[0]
        middle = road.geom.interpolate_normalized(0.4)
        (inside, *_more) = corridors.findings_at(actor, Point(*middle.coords, srid=4326), DAY)
    assert inside.is_inside
    client = Client()
    page = client.post("/hanh-lang/", {"shape": f"{middle.y:.6f}, {middle.x:.6f}"})
    text = page.content.decode()
    assert "phạm vi bảo vệ" in text
    assert "QL.30" in text
    assert "165/2024/NĐ-CP" in text
    public = client.get(f"/tra-cuu/corridors/corridors/{inside.id}/")
    assert public.status_code == 200


def test_others_read_corridors_as_a_collection_as_tiles_and_as_files(demo: Demo) -> None:
    client = Client()
    found = client.get("/ogc/collections/corridors/items?limit=5").json()
    assert len(found["features"]) == 5
    assert found["features"][0]["properties"]["document"]
    assert "corridors" in client.get("/map/config.json").content.decode()
    officer = signed_in("hatang")
    file = officer.get("/ql/corridors/corridors/xuat.geojson?along=FERRY")
    assert file.status_code == 200
    dated = officer.get("/ql/corridors/theo-ngay.geojson?ngay=2025-06-01")
    body = b"".join(dated.streaming_content)  # type: ignore[attr-defined]
    assert body.count(b'"type":"Feature"') > 1000


def test_officials_see_what_stands_in_corridors_and_what_a_draft_changes(demo: Demo) -> None:
    officer = signed_in("hatang")
    page = officer.get("/ql/corridors/xung-dot/").content.decode()
    assert "165/2024/NĐ-CP" in page or "08/2021/NĐ-CP" in page
    drafts = officer.get("/api/internal/v1/norms/drafts?q=minh+hoa").json()["items"]
    text = officer.get(f"/ql/norms/drafts/{drafts[0]['id']}/").content.decode()
    assert "Hành lang an toàn cầu" in text
    assert "150 m" in text
    assert "200 m" in text
