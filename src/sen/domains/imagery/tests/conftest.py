from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from django.test import Client
from rasterio.transform import from_origin

from sen.domains.imagery import api
from sen.domains.imagery.models import Raster
from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.access.services import put_node
from sen.kernel.geo.config import forget_home
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.map_service import MapService, map_service
from sen.lib.vn2000 import from_wgs84

LON, LAT = 105.63, 10.46


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who keeps rasters, and where they belong."""

    actor: Actor
    user: User
    org: Organisation
    area: Area

    def add(self, name: str, content: bytes, **values: Any) -> Raster:
        given: dict[str, Any] = {"kind": "ORTHO", "source": "Đơn vị bay chụp"}
        row = api.add_raster(
            actor=self.actor,
            name=name,
            owner_org=self.org,
            area=self.area,
            chunks=[content],
            **(given | {"file_name": "anh.tif"} | values),
        )
        row.refresh_from_db()
        return row

    def client(self) -> Client:
        client = Client()
        client.force_login(self.user)
        return client


@pytest.fixture
def desk(db: Any, make_account: MakeAccount, settings: Any, tmp_path: Path) -> Desk:
    settings.MEDIA_ROOT, settings.SEN_VAR = str(tmp_path / "media"), tmp_path
    settings.SEN_FILE_STORE = ""
    forget_home()
    org = put_node(Organisation, code="T-SXD", name="Sở Xây dựng", kind="DEPARTMENT")
    area = put_node(Area, code="T-82", name="Đồng Tháp", kind="PROVINCE")
    user = make_account("imagery.*.*", organisation=org, clearance=DataClass.RESTRICTED.value)
    return Desk(actor_for(user), user, org, area)


@pytest.fixture
def service(settings: Any) -> Iterator[MapService]:
    settings.HARVEST_LOOPBACK = True
    with map_service() as running:
        yield running


def geotiff(folder: Path, srid: int = 9210, *, crs: str | None = "", side: int = 300) -> bytes:
    """Red on the left, blue on the right, a metre a pixel, its middle at LON, LAT."""
    east, north = from_wgs84(LON, LAT, srid)
    pixels = np.zeros((3, side, side), dtype=np.uint8)
    pixels[0, :, : side // 2] = 210
    pixels[2, :, side // 2 :] = 210
    file = folder / "made.tif"
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=3,
        dtype="uint8",
        crs=f"EPSG:{srid}" if crs == "" else crs,
        transform=from_origin(east - side / 2, north + side / 2, 1, 1),
    ) as out:
        out.write(pixels)
    return file.read_bytes()
