"""Maps open where they should, find places, measure, tell of what is clicked; and are printed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
VIEW = "document.querySelector('sen-map').map.getBounds().toArray().flat()"
HOME = "fetch('/map/config.json').then((answer) => answer.json()).then((found) => found.bounds)"


def drawn_view(page: Page) -> list[float]:
    """West, south, east, north of what the map shows once it is drawn."""
    page.locator("sen-map[data-drawn]").first.wait_for(timeout=30_000)
    found: list[float] = page.evaluate(VIEW)
    return found


def test_maps_open_on_the_whole_province_and_on_what_a_list_shows(visitor: Visitor) -> None:
    page = visitor.go("/ban-do/")
    west, south, east, north = drawn_view(page)
    home = page.evaluate(HOME)
    assert west <= home[0] <= home[2] <= east
    assert south <= home[1] <= home[3] <= north
    page = visitor.go("/tra-cuu/assets/bridges/?view=map&q=my+thuan")
    page.wait_for_function(
        f"() => document.querySelector('sen-map').map && ((v) => v[2] - v[0] < 0.5)({VIEW})"
    )
    west, _south, east, _north = drawn_view(page)
    assert west < 105.9 < east, "both bridges at Mỹ Thuận are in view"


def test_a_page_is_printed_with_its_origin_and_its_map(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/ban-do/")
    drawn_view(page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".print-head")).to_contain_text("Lê Văn Đức in lúc")
    expect(page.locator(".print-head")).to_contain_text(f"{visitor.platform.url}/ql/ban-do/")
    expect(page.locator("h1")).to_be_visible()
    for gone in (".nav", ".bar", ".map-tools", ".map-canvas"):
        expect(page.locator(gone).first).to_be_hidden()
    picture = page.locator("img.map-print")
    colours = picture.evaluate(
        """async (image) => {
          await image.decode();
          const sheet = new OffscreenCanvas(200, 200).getContext("2d");
          sheet.drawImage(image, 0, 0, 200, 200);
          return new Set(new Uint32Array(sheet.getImageData(0, 0, 200, 200).data.buffer)).size;
        }"""
    )
    assert colours > 20, "the picture holds the map"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(picture).to_have_count(0)
