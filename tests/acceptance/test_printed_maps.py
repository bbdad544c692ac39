"""Maps on paper: true to scale, with all that an official map carries, as a series along a road."""

from __future__ import annotations

import itertools
import re
import time

import pypdfium2
import pytest
from django.test import Client

from sen.domains.network import api as network
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.printing.document import print_map
from sen.kernel.printing.request import PrintRequest
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance


def text_of(content: bytes, page: int = 0) -> str:
    """The words of a page; where its lines are broken says nothing."""
    said = pypdfium2.PdfDocument(content)[page].get_textpage().get_text_range()
    return " ".join(str(said).split())


def test_everybody_prints_a_sheet_with_all_its_furniture_in_seconds(demo: Demo) -> None:
    query = {
        "tam": "105.634,10.458",
        "tyle": "10000",
        "kho": "A3",
        "lop": "roads,bridges,communes",
        "luoi": "ca-hai",
        "bang": "bridges",
        "tieude": "Bản đồ cầu, đường phường Cao Lãnh",
        "nguoilap": "Nguyễn Văn Ước",
    }
    started = time.perf_counter()
    answer = Client().get("/ban-do/in/ban-do.pdf", query)
    assert time.perf_counter() - started < 20
    assert answer["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    for said in (
        "BẢN ĐỒ CẦU, ĐƯỜNG PHƯỜNG CAO LÃNH",
        "Tỷ lệ 1:10.000",
        "CHÚ GIẢI",
        "VỊ TRÍ TỜ BẢN ĐỒ",
        "VN-2000 TM-3",
        "Người lập: Nguyễn Văn Ước",
        "Mở bản đồ trực tuyến",
        "Xác nhận của cơ quan",
    ):
        assert said in text, said
    assert re.search(r"1 15\d \d00", text), "coordinates of the grid in metres"
    assert "105°38′" in text, re.findall(r"10\S?°\S*", text)
    page = pypdfium2.PdfDocument(answer.content)[0]
    assert len(list(page.get_objects())) > 300, "shapes and letters, not a picture of them"
    assert answer.content.count(b"/Subtype /Image") == 0
    assert "Cầu" in text_of(answer.content, 1)


def test_a_road_is_printed_sheet_by_sheet_with_its_chainage(demo: Demo) -> None:
    with as_system("choose a road") as actor:
        road = network.roads(actor).filter(number="QL.30").first()
    assert road is not None
    order = PrintRequest(
        size="A3",
        orientation="ngang",
        lon=105.6,
        lat=10.4,
        scale=50_000,
        srid=9210,
        layers=("roads",),
        pictures=(),
        title="Bình đồ tuyến QL.30",
        along=f"roads/{road.pk}",
        origin="https://sen.vn",
    )
    with acting_as(ANONYMOUS):
        content = print_map(order, ANONYMOUS, most=50_000)
    document = pypdfium2.PdfDocument(content)
    assert len(document) >= 3
    ends = []
    for number in range(len(document)):
        found = re.search(r"Tờ (\d+)/\d+: Km(\d+)\+\d+ – Km(\d+)\+\d+", text_of(content, number))
        assert found, number
        ends.append((int(found[2]), int(found[3])))
    for (_start, end), (start, _end) in itertools.pairwise(ends):
        assert abs(start - end) <= 2, "neighbouring sheets share a piece"


def test_an_orthophoto_lies_under_the_layers_of_a_sheet(demo: Demo) -> None:
    client = Client()
    client.force_login(User.objects.get(username="hatang"))
    pictures = client.get("/map/config.json").json()["pictures"]
    shot = next(one for one in pictures if one["title"].endswith("2026"))
    query = {"tam": "105.634,10.458", "tyle": "5000", "anh": shot["id"], "lop": "roads"}
    content = client.get("/ban-do/in/ban-do.pdf", query).content
    assert content.count(b"/Subtype /Image") >= 1
    text = text_of(content)
    assert shot["title"] in text
    assert shot["attribution"] in text
