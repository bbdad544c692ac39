"""Drawing a line and choosing rows on the map: by mouse on a desk, by finger on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Platform
from tests.e2e.conftest import SIZES, Visitor
from tests.e2e.test_projects import first_option, put

pytestmark = pytest.mark.e2e


@pytest.fixture(params=sorted(SIZES))
def visitor(
    request: pytest.FixtureRequest, browser: Browser, platform: Platform
) -> Iterator[Visitor]:
    """As elsewhere, but the phone is touched."""
    width, height = SIZES[request.param]
    touched = request.param == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=touched, is_mobile=touched
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    yield Visitor(page, platform, faults)
    context.close()
    assert faults == []


def ready(page: Page) -> None:
    page.locator("sen-map").scroll_into_view_if_needed()
    page.wait_for_selector("sen-map[data-drawn]", timeout=20_000)


def look_at(page: Page, lon: float, lat: float, zoom: float) -> None:
    page.evaluate(
        "([lon, lat, zoom]) => document.querySelector('sen-map').map"
        ".jumpTo({center: [lon, lat], zoom})",
        [lon, lat, zoom],
    )
    page.wait_for_timeout(900)


def tap(page: Page, dx: float, dy: float) -> None:
    """Click, or touch, beside the middle of the map."""
    box = page.locator("sen-map .maplibregl-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy
    if page.evaluate("() => matchMedia('(pointer: coarse)').matches"):
        page.touchscreen.tap(x, y)
    else:
        page.mouse.click(x, y)
    page.wait_for_timeout(350)


def test_a_line_is_drawn_measured_undone_and_saved(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/projects/works/them/")
    code = f"VE-{page.viewport_size['width']}"  # type: ignore[index]
    put(page, "project", first_option(page, "project", "QL.30"))
    put(page, "code", code)
    put(page, "name", f"Tuyến vẽ trên bản đồ {code}")
    put(page, "action", "NEW")
    ready(page)
    page.get_by_role("button", name="Đường", exact=True).click()
    look_at(page, 105.63, 10.46, 15)
    field = page.locator("#id_geom")
    for dx, dy in ((-90, -40), (-20, 50), (80, -20)):
        tap(page, dx, dy)
    expect(field).to_have_value(re.compile(r"^LINESTRING \(([^,]+, ){2}[^,]+\)$"))
    page.get_by_role("button", name=re.compile("Hoàn tác")).click()
    expect(field).to_have_value(re.compile(r"^LINESTRING \([^,]+, [^,]+\)$"))
    page.get_by_role("button", name=re.compile("Làm lại")).click()
    page.get_by_role("button", name="Xong").click()
    expect(page.locator(".map-pick-value")).to_contain_text("Chiều dài")

    # A step by length and bearing goes on from the end.
    page.get_by_role("button", name="Vẽ tiếp").click()
    page.locator(".map-exact summary").click()
    page.get_by_label("Chiều dài bước (m)").fill("100")
    page.get_by_label("Phương vị (độ)").fill("90")
    page.get_by_role("button", name="Thêm theo dài và phương vị").click()
    expect(field).to_have_value(re.compile(r"^LINESTRING \(([^,]+, ){3}[^,]+\)$"))
    page.get_by_role("button", name="Xong").click()
    assert visitor.axe_findings() == []

    page.locator("form[data-guard] button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/ql/projects/works/\d+/$"))
    expect(page.locator("body")).to_contain_text(code)
    page.get_by_role("link", name="Tách", exact=True).click()
    expect(page.locator("sen-map")).to_have_attribute("geometry", "line")


def test_bridges_are_chosen_on_the_map_and_edited_together(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/bridges/?view=map")
    ready(page)
    page.get_by_role("button", name="Chọn đối tượng").click()
    panel = page.locator(".map-select")
    panel.locator("select").select_option("bridges")
    panel.get_by_role("button", name="Vùng vẽ").click()
    for dx, dy in ((-80, 60), (100, 60), (100, 170), (-80, 170)):
        tap(page, dx, dy)
    panel.get_by_role("button", name="Vùng vẽ").click()
    expect(panel.locator("output")).to_have_text(re.compile(r"Đã chọn [1-9]\d*"))
    assert visitor.axe_findings() == []
    panel.get_by_role("button", name="Sửa hàng loạt").click()
    page.wait_for_url("**/hang-loat/")
    page.locator("#set-condition").check()
    page.locator("[name=condition]").select_option("FAIR")
    page.locator("button[value=save]").click()
    expect(page.locator("h1")).to_contain_text("Đã sửa")
    assert visitor.axe_findings() == []


def test_two_days_are_compared_with_a_handle(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/projects/works/so-sanh/")
    page.wait_for_selector("sen-compare[data-drawn]", timeout=20_000)
    expect(page.locator("sen-compare input[type=range]")).to_be_visible()
    expect(page.locator("main table").last).to_contain_text("Mới")
    assert visitor.axe_findings() == []
