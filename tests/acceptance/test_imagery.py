"""Rasters and other offices' services on the map of the province, read by independent programs."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import rasterio
from django.test import Client
from PIL import Image

from sen.domains.imagery.models import Raster
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.testing.map_service import map_service
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def test_orthophotos_by_year_and_a_bent_scan_lie_where_the_map_has_their_roads(
    demo: Demo, tmp_path: Path
) -> None:
    public, officer = Client(), signed_in("hatang")
    seen = {one["title"] for one in public.get("/map/config.json").json()["pictures"]}
    assert seen >= {"Ảnh trực giao Cao Lãnh 2023", "Ảnh trực giao Cao Lãnh 2026"}
    assert not [title for title in seen if "bản quét" in title], "the plan is internal"
    with as_system("look at the rasters") as actor:
        rows = list(Raster.objects.visible_to(actor).filter(is_demo=True))
    assert {row.state for row in rows} == {"READY"}
    scan = next(row for row in rows if row.kind == "SCAN")
    assert len(scan.points) == 9
    for row in rows:
        file = tmp_path / f"{row.pk}.tif"
        file.write_bytes(b"".join(officer.get(f"/hinh-anh/{row.pk}/anh.tif")))
        with rasterio.open(file) as data:
            assert data.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert data.overviews(1)
            assert "105.75" in data.crs.to_wkt()
    footprints = public.get("/ogc/collections/raster-footprints/items").json()
    assert footprints["numberReturned"] == 2
    assert public.get(f"/hinh-anh/{scan.pk}/anh.tif").status_code == 404


def test_a_service_of_another_office_is_read_added_drawn_asked_and_its_fault_is_shown(
    demo: Demo, settings: Any
) -> None:
    settings.HARVEST_LOOPBACK = True
    client = signed_in("hatang")
    with map_service() as service:
        url = f"{service.url}/wms"
        page = client.get("/ql/imagery/doc-dich-vu/", {"url": url, "protocol": "WMS"})
        assert "Thửa đất" in page.content.decode()
        org = User.objects.get(username="hatang").organisation
        assert org is not None
        with as_system("find a place") as actor:
            raster = Raster.objects.visible_to(actor).filter(is_demo=True).first()
        assert raster is not None
        answer = client.post(
            "/ql/imagery/overlays/them/",
            {
                "name": "Thửa đất",
                "protocol": "WMS",
                "url": url,
                "layer": "thua",
                "opacity": "0.8",
                "layer_order": "50",
                "minzoom": "5",
                "maxzoom": "19",
                "owner_org": org.pk,
                "area": raster.area_id,
                "data_class": "1",
            },
        )
        assert answer.status_code == 302, answer.content.decode()[-2000:]
        shown = next(
            one
            for one in client.get("/map/config.json").json()["pictures"]
            if one["id"].startswith("overlay-")
        )
        address = shown["tiles"].format(z=10, x=812, y=482)
        tile = client.get(address)
        pixel = Image.open(BytesIO(tile.content)).convert("RGB").getpixel((9, 9))
        assert pixel == (200, 20, 20)
        said = client.get(f"{shown['info_url']}?lon=105.6&lat=10.4&z=14").content.decode()
        assert "Thửa 12" in said
        service.lies["error"] = True
        client.get(shown["tiles"].format(z=11, x=1624, y=964))
        later = client.get("/map/config.json").json()["pictures"]
        assert "Hết hạn" in next(one["remark"] for one in later if one["id"] == shown["id"])
