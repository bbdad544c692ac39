"""An engineer looks along a road, segments it, and sends a lorry on its way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def diagram_of(visitor: Visitor, number: str) -> Page:
    page = visitor.go(f"/tra-cuu/network/roads/?q={number}")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    page.get_by_role("link", name="Sơ đồ duỗi thẳng").first.click()
    page.wait_for_url("**/so-do/**")
    expect(page.locator("sen-along[data-drawn]")).to_be_visible(timeout=20_000)
    return page


def test_a_road_is_looked_at_by_keyboard_and_the_address_remembers(visitor: Visitor) -> None:
    page = diagram_of(visitor, "QL.30")
    canvas = page.locator(".along-canvas")
    canvas.focus()
    for _press in range(3):
        canvas.press("+")
    canvas.press("End")
    page.wait_for_url(re.compile(r"to=Km106"))
    canvas.press(",")
    expect(page.locator(".along-read")).to_contain_text("Km")
    here = page.url
    page.goto(here)
    expect(page.locator("sen-along[data-drawn]")).to_be_visible(timeout=20_000)
    assert "to=Km106" in page.url
    assert visitor.axe_findings() == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"


def test_the_place_below_the_pointer_is_shown_on_the_map(visitor: Visitor) -> None:
    page = diagram_of(visitor, "QL.30")
    page.evaluate(
        "() => document.addEventListener('sen:along', (e) => { window.seen = e.detail; })"
    )
    box = page.locator(".along-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.wait_for_function("() => window.seen && window.seen.place")
    expect(page.locator(".along-read")).to_contain_text("Mặt đường")
    page.evaluate(
        "() => document.getElementById('so-do').dispatchEvent("
        "new CustomEvent('sen:along-show', { detail: { m: 1500 } }))"
    )
    expect(page.locator(".along-here")).to_have_text("Km1+500")


def test_sheets_are_printed_in_landscape(visitor: Visitor) -> None:
    page = diagram_of(visitor, "QL.30")
    page.get_by_role("link", name="In sơ đồ").first.click()
    page.wait_for_url("**/so-do/in/**")
    sheets = page.locator(".along-sheet")
    expect(page.locator("sen-along[data-drawn]").last).to_be_attached(timeout=20_000)
    count = sheets.count()
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(boxes) >= 1
    assert all(float(wide) > float(high) for wide, high in boxes)
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= count + 1


def test_a_segmentation_is_asked_for_and_read(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/network/phan-doan/")
    page.fill("input[name=road]", "QL.30")
    for layer in ("network.surface", "network.iri"):
        page.locator(f"input[name=layer][value='{layer}']").check()
    page.select_option("select[name=step]", "1000")
    page.get_by_role("button", name="Phân đoạn", exact=True).click()
    page.wait_for_url(re.compile(r"layer="))
    expect(page.locator(".list-count")).to_contain_text("107 đoạn")
    expect(page.locator("sen-along[data-drawn]")).to_be_visible(timeout=20_000)
    assert visitor.axe_findings() == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"


def test_a_way_is_found_for_a_lorry(visitor: Visitor) -> None:
    page = visitor.go("/tra-cuu/routing/lo-trinh/")
    page.fill("input[name=from]", "Km10+000 QL.30")
    page.fill("input[name=to]", "Km20+000 QL.30")
    page.get_by_role("button", name="Tìm lộ trình").click()
    page.wait_for_load_state("load")
    expect(page.locator("[data-legs]")).to_contain_text("Đi theo QL.30")
    assert visitor.axe_findings() == []
