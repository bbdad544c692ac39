"""A picture goes onto the map, is compared and printed, at a desk and on a phone."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import CENTRED, Visitor

pytestmark = pytest.mark.e2e


def test_a_scan_finds_its_place_orthophotos_are_swiped_and_the_map_is_printed(
    visitor: Visitor,
) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/imagery/nap-anh/")
    assert visitor.axe_findings() == []
    scan = BytesIO()
    Image.new("RGB", (400, 300), (240, 240, 235)).save(scan, "PNG")
    page.set_input_files(
        "[name=file]", {"name": "quet.png", "mimeType": "image/png", "buffer": scan.getvalue()}
    )
    page.fill("[name=name]", "Bản quét thử")
    page.select_option("[name=kind]", "SCAN")
    page.fill("[name=source]", "Kho lưu trữ")
    page.select_option("[name=owner_org]", label="Sở Xây dựng tỉnh Đồng Tháp")
    page.get_by_role("button", name="Nạp và xem vị trí").click()
    page.wait_for_url(re.compile(r"/anh/\d+/vi-tri/"))
    picture = page.locator(".georef-sheet img")
    picture.wait_for()
    picture.click(position={"x": 30, "y": 30})
    first = page.locator("tbody tr").first
    expect(first.locator("[name=px]")).not_to_have_value("")
    first.locator("[name=at]").fill("10.4600, 105.6300")
    expect(page.locator(".georef-mark").first).to_be_visible()
    for row, (px, py, at) in enumerate(
        [("390", "10", "10.4600, 105.6400"), ("390", "290", "10.4530, 105.6400")], 1
    ):
        line = page.locator("tbody tr").nth(row)
        for name, value in (("px", px), ("py", py), ("at", at)):
            line.locator(f"[name={name}]").fill(value)
    page.locator("sen-map").evaluate(CENTRED)
    assert visitor.axe_findings() == []
    page.get_by_role("button", name="Lưu và tính sai số").click()
    expect(page.locator("body")).to_contain_text("Sai số trung phương: 0,00 m")

    page = visitor.go("/ql/ban-do/#map=15/10.458/105.634")
    page.locator("sen-map[data-drawn]").first.wait_for(timeout=30_000)
    if page.locator(".map-panel").is_hidden():
        page.get_by_role("button", name="Lớp bản đồ").first.click()
    for year in ("2023", "2026"):
        with page.expect_response(re.compile(r"/hinh-anh/\d+/\w+/\d+/\d+/\d+\.webp")) as tile:
            page.get_by_label(re.compile(rf"^Ảnh trực giao Cao Lãnh {year}")).check()
        assert tile.value.status == 200
        assert len(tile.value.body()) > 1000, "a picture, not an empty tile"
    page.get_by_role("button", name="So sánh bằng cách kéo trượt").click()
    expect(page.locator(".map-swipe canvas")).to_be_visible()
    shown = page.evaluate("document.querySelector('sen-map').map.getStyle().layers.map(l => l.id)")
    assert len([one for one in shown if one.startswith("picture-")]) == 1, (
        "the upper one is over it"
    )
    assert re.search(r"pictures=raster-\d+,raster-\d+", page.url)

    page.locator(".map-panel").get_by_role("button", name="Đóng").click()
    page.get_by_role("button", name="In bản đồ này").click()
    page.wait_for_url(re.compile(r"/ql/ban-do/in/\?"), wait_until="domcontentloaded")
    preview = page.locator(".print-preview img")
    page.wait_for_function(
        "() => document.querySelector('.print-preview img').naturalWidth > 500", timeout=60_000
    )
    expect(preview).to_be_visible()
    assert visitor.axe_findings() == []
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0
