"""Roads by the metre: changed as a whole through the pages, found under old and new chainage."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sen.domains.network import api
from sen.domains.network.data import RoadInput
from sen.domains.network.models import Concurrency, Decision, Road, RoadOperation, RouteEvent
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance


@pytest.fixture
def officer(demo: Demo) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="hatang"))
    return client


@pytest.fixture
def road(demo: Demo) -> Road:
    with as_system("a road of the demonstration"):
        return Road.objects.get(number="ĐT.848", part="MAIN")


def bypass(road: Road) -> str:
    with as_system("where the road runs"):
        a, b = (api.point_at(road=road, chainage_m=m) for m in (3000, 4600))
    return f"LINESTRING({a.x} {a.y}, {a.x + 0.004} {(a.y + b.y) / 2 + 0.004}, {b.x} {b.y})"


def operate(client: Client, road: Road, kind: str, act: str, **values: Any) -> Any:
    given = {"valid_from": timezone.localdate().isoformat(), "basis": "QĐ 12/QĐ-SXD", **values}
    return client.post(f"/ql/network/roads/{road.pk}/thao-tac/{kind}/", given | {"act": act})


def test_a_bypass_is_seen_before_it_is_made_and_nothing_is_lost(
    officer: Client, road: Road
) -> None:
    line = bypass(road)
    with as_system("what holds there"):
        held = RouteEvent.objects.filter(
            road=road, valid_to=None, from_m__lt=4600, to_m__gt=3000
        ).count()
    seen = operate(officer, road, "realign", "preview", line=line)
    assert seen.status_code == 200
    assert "việc cần quyết định" in seen.content.decode()
    with as_system("a preview writes nothing"):
        assert not Decision.objects.filter(road=road).exists()
        assert not RoadOperation.objects.filter(road=road).exists()
    done = operate(officer, road, "realign", "run", line=line)
    assert done.status_code == 302
    page = officer.get(done["Location"]).content.decode()
    assert "Nắn ĐT.848" in page
    with as_system("everything is carried over or listed"):
        listed = Decision.objects.filter(road=road, status="OPEN")
        assert listed.filter(subject="network.event").count() >= held > 0
        assert listed.filter(subject="assets.asset").exists()
        first = listed.filter(subject="network.event").first()
        assert first is not None
    form = officer.get(f"/ql/network/decisions/{first.pk}/sua/").content.decode()
    assert "Giữ giá trị cho đoạn mới" in form
    answer = officer.post(
        f"/ql/network/decisions/{first.pk}/sua/",
        {"choice": "KEEP", "note": "", "reason": "", "version": first.version},
    )
    assert answer.status_code == 302
    table = officer.get(
        f"/ql/network/roads/{road.pk}/ly-trinh/",
        {"on": (timezone.localdate() - timedelta(days=1)).isoformat()},
    ).content.decode()
    assert "không còn trên tuyến" in table
    assert "Km20+000" in table


def test_an_old_chainage_is_found_on_the_map_and_by_programs(officer: Client, road: Road) -> None:
    assert operate(officer, road, "reverse", "run").status_code == 302
    yesterday = timezone.localdate() - timedelta(days=1)
    text = f"Km5+000 lý trình cũ ({yesterday:%d/%m/%Y}) ĐT.848"
    found = officer.get("/map/goto", {"q": text}).json()["items"]
    assert len(found) == 1
    assert "nay là Km" in found[0]["subtitle"]
    told = officer.get(
        "/api/internal/v1/network/chainage",
        {"road": "ĐT.848", "at": "Km5+000", "on": yesterday.isoformat()},
    ).json()
    assert told["now_chainage_m"] == pytest.approx(float(road.end_m or 0) - 5000, abs=60)
    back = officer.get(
        "/api/internal/v1/network/position",
        {"lon": told["lon"], "lat": told["lat"], "road": "ĐT.848", "on": yesterday.isoformat()},
    ).json()
    assert back["chainage_m"] == pytest.approx(5000, abs=0.01)
    assert officer.get(
        "/api/internal/v1/network/chainage", {"road": "ĐT.848", "at": "năm"}
    ).status_code in (400, 422)


def test_two_roads_on_one_carriageway_are_counted_once(officer: Client, road: Road) -> None:
    with as_system("a road led over another") as actor:
        line = road.geom.coords[10:30] if road.geom else ()
        api.bulk_put_roads(
            actor=actor,
            rows=[
                api_input(line),
            ],
        )
        other = Road.objects.get(code="ĐT.844X")
        first, last = (api.chainage_of(lon=x, lat=y, road=road) for x, y in (line[0], line[-1]))
    assert first is not None
    assert last is not None
    sent = officer.post(
        "/ql/network/concurrencies/them/",
        {
            "bearing": road.pk, "from_m": api.label(round(first.chainage_m)),
            "to_m": api.label(round(last.chainage_m)), "borne": other.pk, "borne_from_m": "Km0+000",
            "borne_to_m": api.label(int(float(other.end_m or 0))),
            "valid_from": timezone.localdate().isoformat(), "valid_to": "", "note": "",
        },
    )  # fmt: skip
    assert sent.status_code == 302, sent.content.decode()[:3000]
    with as_system("counted once"):
        assert Concurrency.objects.filter(borne=other).exists()
        other.refresh_from_db()
        assert float(other.counted_m or 0) < 3
    page = officer.get(f"/ql/network/roads/{other.pk}/").content.decode()
    assert "chiều dài tính cho tuyến đó" in page
    assert "Dữ liệu của đoạn theo lý trình của tuyến này" in page


def api_input(line: Any) -> Any:
    return RoadInput(
        code="ĐT.844X", number="ĐT.844X", name="Đường tỉnh 844X", owner_org="SXD", area="82",
        line=[(x, y) for x, y in line],
    )  # fmt: skip


def test_gaps_are_told_by_road_and_kind(officer: Client) -> None:
    page = officer.get(
        "/ql/network/phu-du-lieu/", {"kind": "surface", "class": "PROVINCIAL"}
    ).content.decode()
    assert "Đã phủ" in page
    assert "mỗi bên, mỗi làn chỉ một giá trị" in page


def test_files_of_what_lies_on_a_road_have_its_former_chainage_when_asked(officer: Client) -> None:
    for register, asked, names in (
        ("network/surface", {"road_code": "QL.30"}, ("from_m", "to_m")),
        ("assets/bridges", {"road": "QL.30"}, ("chainage_m",)),
    ):
        base = f"/ql/{register}/xuat"
        shown = officer.get(f"/ql/{register}/", asked).content.decode()
        assert "kèm lý trình cũ" in shown
        plain = officer.get(f"{base}.geojson", asked).json()["features"]
        assert plain
        assert not any("old" in name for name in plain[0]["properties"])
        told = officer.get(f"{base}.geojson", asked | {"kem": "ly-trinh-cu"}).json()["features"]
        assert len(told) == len(plain)
        for feature in told:
            for name in names:
                now, old = (feature["properties"][key] for key in (name, f"old_{name}"))
                # Posts were numbered 4 km higher before.
                assert old == pytest.approx(now + 4000, abs=5)
        table = officer.get(f"{base}.csv", asked | {"kem": "ly-trinh-cu"}).content.decode()
        [line, *_others] = csv.DictReader(table.splitlines())
        former = [text for head, text in line.items() if "lý trình cũ" in head.lower()]
        assert len(former) == len(names)
        assert all(text.startswith("Km") for text in former)
        book = officer.get(f"{base}.xlsx", asked | {"kem": "ly-trinh-cu"})
        package = officer.get(f"{base}.gpkg", asked | {"kem": "ly-trinh-cu"})
        assert (book.status_code, package.status_code) == (200, 200)
        assert f"old_{names[0]}".encode() in package.content


def test_roads_that_were_never_measured_anew_have_no_former_chainage(officer: Client) -> None:
    asked = {"road_code": "ĐT.852", "kem": "ly-trinh-cu"}
    told = officer.get("/ql/network/surface/xuat.geojson", asked).json()["features"]
    assert told
    assert {feature["properties"]["old_from_m"] for feature in told} == {None}
