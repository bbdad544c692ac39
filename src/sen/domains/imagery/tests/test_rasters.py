from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import rasterio
from django.test import Client
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from PIL import Image

from sen.domains.imagery import api, rules
from sen.domains.imagery.adapters import painting
from sen.domains.imagery.adapters.relaying import metres
from sen.domains.imagery.choices import Method
from sen.domains.imagery.jobs import queue_conversion
from sen.domains.imagery.models import Raster
from sen.domains.imagery.selectors.placing import ways_to_read
from sen.domains.imagery.tests.conftest import LAT, LON, Desk, geotiff
from sen.kernel.access.context import acting_as
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.files.backends import backend
from sen.kernel.jobs.testing import run_queued
from sen.lib.vn2000 import from_wgs84, to_wgs84

ZOOM = 17


def address(lon: float, lat: float, zoom: int = ZOOM) -> tuple[int, int, int]:
    side = 2 * painting.WORLD_M / 2**zoom
    x, y = metres(lon, lat)
    return zoom, int((x + painting.WORLD_M) // side), int((painting.WORLD_M - y) // side)


def tile_at(client: Client, row: Raster, lon: float, lat: float) -> tuple[int, ...]:
    """The colour that the map shows at a place."""
    z, x, y = address(lon, lat)
    answer = client.get(f"/hinh-anh/{row.pk}/x/{z}/{x}/{y}.webp")
    assert answer.status_code == 200, answer.content
    west, _south, _east, north = painting.tile_bounds(z, x, y)
    pixel = 2 * painting.WORLD_M / 2**z / painting.TILE_PX
    at = metres(lon, lat)
    picture = Image.open(BytesIO(answer.content)).convert("RGBA")
    if picture.width == 1:
        return (0, 0, 0, 0)
    found = picture.getpixel((int((at[0] - west) / pixel), int((north - at[1]) / pixel)))
    assert isinstance(found, tuple)
    return found


def beside(metres_east: float) -> tuple[float, float]:
    return LON + metres_east / (111_320 * math.cos(math.radians(LAT))), LAT


def test_a_geotiff_is_confirmed_converted_shown_where_it_lies_and_given_out(
    desk: Desk, tmp_path: Path
) -> None:
    with acting_as(desk.actor):
        row = desk.add("Ảnh trực giao", geotiff(tmp_path))
        assert row.state == "PLACE"
        ways = ways_to_read(row)
        assert ways[0].srid == 9210
        assert ways[0].is_said
        with pytest.raises(InvalidInputError):
            api.confirm_place(actor=desk.actor, row=row, version=row.version, srid=32748)
        api.confirm_place(actor=desk.actor, row=row, version=row.version, srid=9210)
        queue_conversion(desk.actor, row)
    assert [run.error for run in run_queued()] == [""]
    client = desk.client()
    with acting_as(desk.actor):
        row.refresh_from_db()
        assert (row.state, row.srid) == ("READY", 9210)
        assert row.resolution_m == pytest.approx(1, abs=0.01)
    red, blue = tile_at(client, row, *beside(-40)), tile_at(client, row, *beside(40))
    assert red[0] > 180
    assert blue[2] > 180
    assert tile_at(client, row, *beside(400))[3] == 0
    # The edge between the colours lies at the middle to within a pixel and the tile's own.
    assert tile_at(client, row, *beside(-3))[0] > 180
    assert tile_at(client, row, *beside(3))[2] > 180
    part = client.get(f"/hinh-anh/{row.pk}/anh.tif", headers={"Range": "bytes=0-15"})
    assert part.status_code == 206
    assert b"".join(part)[:2] == b"II"
    assert part["Content-Range"].startswith("bytes 0-15/")
    whole = b"".join(client.get(f"/hinh-anh/{row.pk}/anh.tif"))
    file = tmp_path / "given.tif"
    file.write_bytes(whole)
    with rasterio.open(file) as data:
        assert data.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    config = client.get("/map/config.json").json()
    assert [one["id"] for one in config["pictures"]] == [f"raster-{row.pk}"]


def test_nobody_else_sees_a_raster_or_a_tile_of_it(desk: Desk, tmp_path: Path) -> None:
    with acting_as(desk.actor):
        row = desk.add("Nội bộ", geotiff(tmp_path))
        row.srid = 9210
        api.publish_raster(actor=desk.actor, row=row)
    z, x, y = address(LON, LAT)
    url = f"/hinh-anh/{row.pk}/x/{z}/{x}/{y}.webp"
    assert desk.client().get(url).status_code == 200
    stranger = Client()
    assert stranger.get(url).status_code == 404
    assert stranger.get(f"/hinh-anh/{row.pk}/anh.tif").status_code == 404
    assert stranger.get("/map/config.json").json()["pictures"] == []
    assert stranger.get(f"/tra-cuu/imagery/rasters/{row.pk}/").status_code == 404


def test_a_wrong_central_meridian_is_shown_and_the_right_one_is_offered(
    desk: Desk, tmp_path: Path
) -> None:
    """The pixels are of 5897, the file says 9210: it would fall 82 km away."""
    with acting_as(desk.actor):
        content = geotiff(tmp_path, 5897, crs="EPSG:9210")
        row = desk.add("Sai kinh tuyến trục", content)
        ways = ways_to_read(row)
    by_srid = {way.srid: way for way in ways}
    assert by_srid[9210].is_said
    middle = by_srid[5897].points.mean(axis=0)
    assert middle[0] == pytest.approx(LON, abs=1e-4)
    assert abs(by_srid[9210].points.mean(axis=0)[0] - LON) > 0.5


@pytest.mark.parametrize("method", ["AFFINE", "POLY2", "TPS"])
def test_a_scan_is_bent_by_control_points_to_where_it_belongs(desk: Desk, method: str) -> None:
    """A cross on a scan that lies askew comes out at its true place."""
    picture = Image.new("RGB", (400, 300), (250, 250, 250))
    picture.paste((220, 0, 0), (240, 90, 260, 110))
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    east, north = from_wgs84(LON, LAT, 9210)
    turn = math.radians(12)

    def ground(px: float, py: float) -> tuple[float, float]:
        x = east + 1.5 * (px * math.cos(turn) + py * math.sin(turn))
        y = north + 1.5 * (px * math.sin(turn) - py * math.cos(turn))
        return to_wgs84(x, y, 9210)

    spots = [(10, 10), (390, 20), (380, 290), (15, 280), (200, 150), (120, 60), (300, 220)]
    points = [
        {"px": px, "py": py, "lon": ground(px, py)[0], "lat": ground(px, py)[1]} for px, py in spots
    ]
    with acting_as(desk.actor):
        row = desk.add("Bản quét", buffer.getvalue(), file_name="quet.png", kind="SCAN")
        assert row.state == "POINTS"
        with pytest.raises(InvalidInputError, match="ít nhất"):
            api.keep_points(
                actor=desk.actor,
                row=row,
                version=row.version,
                points=points[:2],
                method=method,
                srid=9210,
                bend=True,
            )
        row.refresh_from_db()
        api.keep_points(
            actor=desk.actor,
            row=row,
            version=row.version,
            points=points,
            method=method,
            srid=9210,
            bend=True,
        )
        queue_conversion(desk.actor, row)
    assert [run.error for run in run_queued()] == [""]
    with acting_as(desk.actor):
        row.refresh_from_db()
        assert row.rms_m is not None
        assert row.rms_m < 0.05
    mark = tile_at(desk.client(), row, *ground(250, 100))
    assert mark[0] > 150
    assert mark[1] < 90
    paper = tile_at(desk.client(), row, *ground(200, 100))
    assert min(paper[:3]) > 200
    assert tile_at(desk.client(), row, *ground(-60, 150))[3] == 0, "outside the sheet"


def test_what_is_no_picture_and_what_points_elsewhere_is_refused(desk: Desk) -> None:
    vrt = (
        b'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1">'
        b"<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource>"
        b"</VRTRasterBand></VRTDataset>"
    )
    with acting_as(desk.actor):
        for content in (vrt, b"II*\0" + b"\xff" * 400):
            with pytest.raises(InvalidInputError):
                desk.add("Giả", content)
        with pytest.raises(InvalidInputError, match="sáu số"):
            desk.add("Sai tệp tọa độ", _png(), file_name="a.png", world=b"1 2 3")
        row = desk.add("Có tệp tọa độ", _png(), file_name="a.png", world=b"1 0 0 -1 500000 1150000")
        assert row.state == "PLACE"
        row.state = "QUEUED"
        row.save()
        with pytest.raises(ConflictError):
            api.confirm_place(actor=desk.actor, row=row, version=row.version, srid=9210)


def _png() -> bytes:
    buffer = BytesIO()
    Image.new("L", (20, 20), 200).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_raster_in_a_bucket_is_read_by_ranges(desk: Desk, settings: Any, tmp_path: Path) -> None:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        import boto3

        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="anh")
        settings.SEN_FILE_STORE = "s3://anh/kho"
        settings.SEN_S3 = {
            "endpoint": endpoint,
            "region": "us-east-1",
            "key_id": "k",
            "secret": "s",
        }
        with acting_as(desk.actor):
            row = desk.add("Trong kho S3", geotiff(tmp_path))
            row.srid = 9210
            api.publish_raster(actor=desk.actor, row=row)
        assert backend().name == "s3://anh/kho"
        assert tile_at(desk.client(), row, *beside(-40))[0] > 180
    finally:
        server.stop()


@limits(deadline=None)
@given(
    st.floats(-math.pi, math.pi),
    st.floats(0.05, 20),
    st.floats(-1e5, 1e5),
    st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=10, max_size=16, unique=True
    ),
)
def test_points_that_agree_have_no_residual_and_a_wrong_one_stands_out(
    turn: float, size: float, shift: float, pixels: list[tuple[int, int]]
) -> None:
    spots = [(float(x), float(y)) for x, y in pixels]
    if rules._is_flat(spots):
        return
    grounds = [
        (
            shift + size * (x * math.cos(turn) + y * math.sin(turn)),
            shift + size * (x * math.sin(turn) - y * math.cos(turn)),
        )
        for x, y in spots
    ]
    found = rules.fit(spots, grounds, Method.AFFINE)
    assert found.rms_m < 1e-4 * size + 1e-5
    assert found.pixel_m == pytest.approx(size, rel=1e-6)
    grounds[3] = (grounds[3][0] + 500 * size, grounds[3][1])
    assert rules.fit(spots, grounds, Method.AFFINE).rms_m > found.rms_m + size


def test_points_on_one_line_determine_nothing() -> None:
    line = [(float(i), 2.0 * i) for i in range(12)]
    for method in Method:
        with pytest.raises(rules.FitError):
            rules.fit(line, line, method)
