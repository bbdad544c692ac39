from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from sen.connectors import mapservices as capabilities
from sen.domains.imagery import api
from sen.domains.imagery.adapters import relaying
from sen.domains.imagery.adapters.relaying import metres
from sen.domains.imagery.jobs import check_overlays
from sen.domains.imagery.models import Overlay, OverlayHealth
from sen.domains.imagery.tests.conftest import LAT, LON, Desk
from sen.kernel.access.context import acting_as
from sen.kernel.errors import InvalidInputError
from sen.kernel.geo.pictures import Sheet
from sen.kernel.jobs.services import enqueue
from sen.kernel.jobs.testing import run_queued
from sen.kernel.testing.map_service import MapService
from sen.lib.vn2000 import from_wgs84


def add(desk: Desk, service: MapService, protocol: str = "WMS", **values: Any) -> Overlay:
    path = {"WMS": "/wms", "WMTS": "/wmts", "XYZ": "/xyz/{z}/{x}/{y}.png"}[protocol]
    with acting_as(desk.actor):
        return api.create_overlay(
            actor=desk.actor,
            name=f"Lớp {protocol}",
            protocol=protocol,
            url=service.url + path,
            owner_org=desk.org,
            area=desk.area,
            **values,
        )


def tile(client: Client, row: Overlay, z: int = 10) -> Any:
    side = 2 * 20_037_508.342789244 / 2**z
    x, y = metres(LON, LAT)
    column, line = int((x + 20_037_508.34) // side), int((20_037_508.34 - y) // side)
    return client.get(f"/lop-ngoai/{row.pk}/{row.version}/{z}/{column}/{line}")


def colour(body: bytes) -> tuple[int, ...]:
    found = Image.open(BytesIO(body)).convert("RGBA").getpixel((0, 0))
    assert isinstance(found, tuple)
    return found


def test_a_wms_is_described_drawn_once_and_asked_about_a_place(
    desk: Desk, service: MapService
) -> None:
    row = add(desk, service, layer="thua")
    assert (row.crs, row.wms_version, row.info_format) == ("EPSG:3857", "1.3.0", "application/json")
    assert row.attribution == "Sở Thử nghiệm"
    assert row.licence == "Chỉ dùng nội bộ"
    client = desk.client()
    first = tile(client, row)
    assert first["Content-Type"] == "image/png"
    assert colour(first.content)[0] > 180
    asked = service.asked[-1]
    assert (asked["request"], asked["layers"], asked["crs"]) == ("GetMap", "thua", "EPSG:3857")
    count = len(service.asked)
    assert tile(client, row).content == first.content
    assert len(service.asked) == count, "the second time it comes from the cache"
    said = client.get(f"/lop-ngoai/{row.pk}/thong-tin?lon={LON}&lat={LAT}&z=15").content.decode()
    assert "Thửa 12" in said
    assert "<script>" not in said
    assert client.get(f"/lop-ngoai/{row.pk}/chu-giai").status_code == 200
    (shown,) = client.get("/map/config.json").json()["pictures"]
    assert shown["info_url"] == f"/lop-ngoai/{row.pk}/thong-tin"
    assert "remark" not in shown


@pytest.mark.parametrize("protocol", ["WMTS", "XYZ"])
def test_tiles_of_wmts_and_xyz_come_by_their_own_addresses(
    desk: Desk, service: MapService, protocol: str
) -> None:
    row = add(desk, service, protocol, attribution="Nguồn thử")
    assert colour(tile(desk.client(), row).content)[1] > 120
    asked = service.asked[-1]
    if protocol == "WMTS":
        assert (asked["tilematrixset"], asked["tilematrix"], asked["layer"]) == (
            "luoi",
            "10",
            "nen",
        )
    else:
        assert asked["path"].startswith("/xyz/10/")


@pytest.mark.parametrize("lie", ["error", "html", "status", "huge", "away"])
def test_a_service_that_lies_leaves_the_map_clear_and_its_fault_is_shown(
    desk: Desk, service: MapService, lie: str
) -> None:
    row = add(desk, service, layer="thua")
    service.lies[lie] = 503 if lie == "status" else True
    client = desk.client()
    answer = tile(client, row)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert answer["Cache-Control"] == "no-store"
    health = OverlayHealth.objects.get(pk=row.pk)
    assert health.error
    if lie == "error":
        assert "Hết hạn" in health.error
    count = len(service.asked)
    tile(client, row, 11)
    assert len(service.asked) == count, "a service that just failed is left alone"
    (shown,) = client.get("/map/config.json").json()["pictures"]
    assert "Không trả lời" in shown["remark"]
    page = client.get(f"/ql/imagery/overlays/{row.pk}/").content.decode()
    assert "Dịch vụ không trả lời" in page
    service.lies.clear()
    enqueue(check_overlays, actor=desk.actor)
    run_queued()
    health.refresh_from_db()
    assert health.error == ""
    assert health.answered_at is not None


def test_a_description_that_is_none_or_explodes_is_refused_with_words(
    desk: Desk, service: MapService, settings: Any
) -> None:
    with pytest.raises(InvalidInputError, match="không có lớp"):
        add(desk, service, layer="khong-co")
    service.lies["entities"] = True
    with pytest.raises(InvalidInputError, match="GetCapabilities"):
        add(desk, service, layer="thua")
    service.lies.clear()
    settings.HARVEST_LOOPBACK = False
    with pytest.raises(InvalidInputError, match="chính máy chủ"):
        add(desk, service, layer="thua")
    for url in ("file:///etc/passwd", "https://a:b@x.vn/wms", "/etc"):
        with pytest.raises(InvalidInputError):
            capabilities.describe("WMS", url)


def test_a_service_that_drips_is_given_up(
    desk: Desk, service: MapService, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = add(desk, service, layer="thua")
    service.lies["slow"] = True
    monkeypatch.setattr(relaying, "TIMEOUT_S", 0.5)
    with pytest.raises(InvalidInputError, match="chậm"):
        relaying.fetch_tile(row, 5, 25, 15)


def test_nobody_reaches_a_service_whose_layer_they_may_not_see(
    desk: Desk, service: MapService
) -> None:
    row = add(desk, service, layer="thua")
    count = len(service.asked)
    stranger = Client()
    assert tile(stranger, row).status_code == 404
    assert stranger.get(f"/lop-ngoai/{row.pk}/thong-tin?lon=1&lat=1").status_code == 404
    assert len(service.asked) == count


def test_a_printed_sheet_takes_the_layer_along(desk: Desk, service: MapService) -> None:
    row = add(desk, service, layer="thua")
    east, north = from_wgs84(LON, LAT, 9210)
    sheet = Sheet(9210, (east - 500, north - 400, east + 500, north + 400), 250, 200)
    body = relaying.sheet_picture(row, sheet)
    assert body is not None
    picture = Image.open(BytesIO(body))
    assert picture.size == (250, 200)
    assert colour(body)[0] > 180


def test_the_layers_of_a_service_are_listed_with_the_way_into_the_register(
    desk: Desk, service: MapService
) -> None:
    client = desk.client()
    page = client.get("/ql/imagery/doc-dich-vu/", {"url": f"{service.url}/wms", "protocol": "WMS"})
    text = page.content.decode()
    assert "Thửa đất" in text
    assert "layer=thua" in text
    bad = client.get("/ql/imagery/doc-dich-vu/", {"url": "http://127.0.0.1:1/wms"})
    assert bad.status_code == 422
