from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import shapely
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pypdfium2 import raw

from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import ANONYMOUS, DataClass
from sen.kernel.errors import InvalidInputError
from sen.kernel.geo.layers import Category, GeometryKind, Layer, Style, categories, layers
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.testing import run_queued
from sen.kernel.printing.document import print_map
from sen.kernel.printing.frame import PT_PER_MM, Frame, fitting_scale
from sen.kernel.printing.furniture import bar_m
from sen.kernel.printing.models import PrintedMap
from sen.kernel.printing.paper import SCALES, Rect, layout
from sen.kernel.printing.reading import TooMuchError
from sen.kernel.printing.request import PrintRequest, read_request
from sen.kernel.printing.series import Course, courses, strips
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house, official
from sen.lib.vn2000 import from_wgs84, to_wgs84

LON, LAT = 105.63, 10.46
DOT = "#c01020"


@pytest.fixture
def house(db: Any, settings: Any, tmp_path: Path) -> Iterator[House]:
    settings.MEDIA_ROOT = str(tmp_path)
    layers._entries["print-points"] = Layer(
        name="print-points",
        title="Điểm thử",
        category="test",
        model=Thing,
        geometry_kind=GeometryKind.POINT,
        tile_fields=("name",),
        fields={"code": "code", "name": "name", "phone": "phone"},
        style=Style(color=DOT, label_field="name"),
    )
    categories._entries["test"] = Category("test", "Thử")
    yield build_house()
    layers.remove("print-points")
    categories.remove("test")


HERE = f"SRID=4326;POINT({LON} {LAT})"


def ends(srid: int) -> list[str]:
    """Two places exactly 1,000 m of the projection apart, west and east of the middle."""
    east, north = from_wgs84(LON, LAT, srid)
    both = [to_wgs84(east + side, north, srid) for side in (-500, 500)]
    return [f"SRID=4326;POINT({lon} {lat})" for lon, lat in both]


def order(**values: Any) -> PrintRequest:
    usual = PrintRequest(
        size="A4",
        orientation="ngang",
        lon=LON,
        lat=LAT,
        scale=10_000,
        srid=9210,
        layers=("print-points",),
        pictures=(),
        title="Bản đồ thử",
        origin="https://sen.vn",
    )
    return replace(usual, **values)


def dots(content: bytes, color: str) -> list[tuple[float, float]]:
    """The middles of what has a colour on the map of the first page, in points."""
    wanted = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
    room = layout("A4", "ngang").map
    page = pypdfium2.PdfDocument(content)[0]
    found = []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]):
        parts = [raw.c_uint() for _i in range(4)]
        raw.FPDFPageObj_GetFillColor(item.raw, *parts)
        left, bottom, right, top = item.get_bounds()
        x, y = (left + right) / 2, (bottom + top) / 2
        if tuple(part.value for part in parts[:3]) == wanted and x < room.right * PT_PER_MM:
            found.append((x, y))
    return sorted(found)


@pytest.mark.parametrize(("srid", "scale"), [(9210, 10_000), (5897, 10_000), (9210, 25_000)])
def test_a_kilometre_measures_right_on_paper(house: House, srid: int, scale: int) -> None:
    for number, place in enumerate(ends(srid)):
        house.thing(f"V-{number}", name="Đầu mút", geom=place)
    with acting_as(ANONYMOUS):
        content = print_map(order(srid=srid, scale=scale), ANONYMOUS)
    west, east = dots(content, DOT)
    assert (east[0] - west[0]) / PT_PER_MM == pytest.approx(1_000_000 / scale, abs=0.1)
    assert east[1] == pytest.approx(west[1], abs=0.01)
    plan = layout("A4", "ngang")
    middle = (plan.map.x + plan.map.width / 2) * PT_PER_MM
    assert (west[0] + east[0]) / 2 == pytest.approx(middle, abs=0.2), "it lies in the middle"
    text = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
    assert f"1:{scale:,}".replace(",", ".") in text
    assert f"EPSG:{srid}" in text


def test_a_sheet_shows_only_what_its_reader_may_see(house: House) -> None:
    house.thing("V-1", name="Công khai", geom=HERE)
    house.thing("V-2", name="Bí mật", geom=HERE, data_class=DataClass.SECRET)
    with acting_as(ANONYMOUS):
        few = print_map(order(table="print-points"), ANONYMOUS)
    officer = official("guarded.thing.view", clearance=DataClass.SECRET)
    with acting_as(officer):
        many = print_map(order(table="print-points"), officer)
    public, secret = (
        "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(one))
        for one in (few, many)
    )
    assert "Công khai" in public
    assert "Bí mật" not in public
    assert "Bí mật" in secret


def test_every_vietnamese_letter_is_set(house: House) -> None:
    letters = "ăâđêôơư ẮẰẲẴẶ ỄỆỞỢỮỰ ýỳỷỹỵ Đ"
    with acting_as(ANONYMOUS):
        content = print_map(order(subtitle=letters), ANONYMOUS)
    text = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
    assert letters in text


def test_too_many_rows_are_left_to_a_job_and_the_file_is_its_owners_alone(
    house: House, make_account: MakeAccount
) -> None:
    for number in range(4):
        house.thing(f"V-{number}", geom=HERE)
    with acting_as(ANONYMOUS), pytest.raises(TooMuchError):
        print_map(order(), ANONYMOUS, most=3)
    user, other = make_account("guarded.thing.view"), make_account("guarded.thing.view")
    client, stranger = Client(), Client()
    client.force_login(user)
    stranger.force_login(other)
    values = {"lop": "print-points", "tam": f"{LON},{LAT}", "tyle": "10000", "tieude": "Của tôi"}
    assert client.post("/ql/ban-do/in/luu/", values).status_code == 302
    (run,) = run_queued()
    assert (run.status, run.error) == (JobRun.Status.SUCCEEDED, "")
    made = PrintedMap.objects.get()
    assert (made.title, made.asked_by_id) == ("Của tôi", user.pk)
    url = f"/ql/ban-do/ban-in/{made.pk}/"
    assert b"".join(client.get(url)).startswith(b"%PDF")
    assert stranger.get(url).status_code == 404
    assert "Của tôi" not in stranger.get("/ql/ban-do/ban-in/").content.decode()
    assert stranger.post(url).status_code == 404
    assert client.post(url).status_code == 302
    assert not PrintedMap.objects.exists()


def test_pages_give_a_preview_a_file_and_name_every_fault(house: House) -> None:
    client = Client()
    house.thing("V-1", name="Một", geom=HERE)
    query = {"lop": "print-points", "tam": f"{LON},{LAT}", "tyle": "10000"}
    page = client.get("/ban-do/in/", query)
    assert page.status_code == 200
    assert "/ban-do/in/xem.png?" in page.content.decode()
    assert client.get("/ban-do/in/xem.png", query).content.startswith(b"\x89PNG")
    assert client.get("/ban-do/in/ban-do.pdf", query).content.startswith(b"%PDF")
    bad = client.get("/ban-do/in/", {"kho": "A9", "tam": "x,999", "tyle": "3"})
    text = bad.content.decode()
    assert bad.status_code == 422
    assert "Khổ giấy phải là một trong" in text
    assert "Tỷ lệ là mẫu số" in text
    assert client.get("/ban-do/in/ban-do.pdf", {"kho": "A0"}).status_code == 422
    assert client.get("/ql/ban-do/in/").status_code == 302, "sign in first"
    with pytest.raises(InvalidInputError):
        read_request(QueryDict("tyle=vua"), origin="", maker="", home=(LON, LAT))


@limits(deadline=None)
@given(st.floats(104.9, 106.8), st.floats(10.0, 11.0), st.sampled_from(SCALES), st.booleans())
def test_the_frame_puts_every_place_where_the_scale_says(
    lon: float, lat: float, scale: int, wide: bool
) -> None:
    room = layout("A3", "ngang" if wide else "doc").map
    frame = Frame.around(lon, lat, scale, room, 9210)
    west, south, east, north = frame.bounds
    low, high = frame.on_paper([(west, south), (east, north)])
    assert low == pytest.approx([room.x * PT_PER_MM, room.y * PT_PER_MM])
    assert high == pytest.approx([room.right * PT_PER_MM, room.top * PT_PER_MM])
    assert (east - west) / (room.width / 1000) == pytest.approx(scale)
    assert frame.middle == pytest.approx((lon, lat), abs=1e-8)
    assert 0 < bar_m(scale, 38) <= 38 * scale / 1000
    found = fitting_scale((lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01), room, SCALES, 9210)
    assert 2 * 0.01 * 111_000 / found * 1000 <= max(room.width, room.height) * 1.01


@limits(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 9000), st.floats(0, 9000)), min_size=2, max_size=8))
def test_a_series_covers_its_line_and_every_piece_fits(points: list[tuple[float, float]]) -> None:
    east, north = from_wgs84(LON, LAT, 9210)
    line = shapely.LineString([to_wgs84(east + x, north + y, 9210) for x, y in points])
    if line.length < 1e-4:
        return
    room = Rect(10, 10, 180, 150)
    course = Course("Tuyến", line, lambda places: [f"{p[0]:.4f}" for p in places])
    found = strips(course, srid=9210, scale=10_000, room=room)
    boxes = shapely.union_all([shapely.box(*strip.frame.bounds) for strip in found])
    metres = shapely.LineString([(east + x, north + y) for x, y in points])
    assert boxes.buffer(2).contains(metres)
    assert [strip.number for strip in found] == list(range(1, len(found) + 1))


def test_a_series_is_a_page_for_every_sheet(house: House) -> None:
    lon = LON + 0.2 * math.cos(math.radians(LAT))
    line = shapely.LineString([(LON, LAT), (lon, LAT)])
    courses._entries["print-points"] = lambda _actor, row_id: (
        Course("Tuyến thử", line, lambda places: ["Km1"] * len(places)) if row_id == 7 else None
    )
    try:
        with acting_as(ANONYMOUS):
            content = print_map(order(along="print-points/7", scale=25_000), ANONYMOUS)
    finally:
        courses.remove("print-points")
    document = pypdfium2.PdfDocument(content)
    assert len(document) >= 4
    assert f"Tờ 2/{len(document)}: Km1 – Km1" in document[1].get_textpage().get_text_range()
