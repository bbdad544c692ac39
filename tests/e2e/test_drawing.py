"""A shape is drawn on the map of a form, by mouse on a desk and by finger on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Platform
from tests.e2e.conftest import CENTRED, SIZES, Visitor
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


def drawn(page: Page, name: str = "sen-map") -> None:
    """Wait for the map, which starts when one comes near and has its height then alone."""
    for shown in (name, f"{name}[data-drawn]"):
        page.locator(shown).wait_for(state="attached", timeout=30_000)
        page.locator(name).evaluate(CENTRED)


def look_at(page: Page, lon: float, lat: float, zoom: float) -> None:
    """Move the map and wait until it stands still there, with its neighbours."""
    page.locator("sen-map").evaluate(
        "(host, [lon, lat, zoom]) => new Promise(done => {"
        " host.map.once('idle', done); host.map.jumpTo({center: [lon, lat], zoom}) })",
        [lon, lat, zoom],
    )


def point_at(page: Page, dx: float, dy: float) -> None:
    """Click, or touch, beside the middle of the map."""
    box = page.locator("sen-map .map-canvas canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy
    if page.evaluate("() => matchMedia('(pointer: coarse)').matches"):
        page.touchscreen.tap(x, y)
    else:
        page.mouse.click(x, y)
    page.wait_for_timeout(350)  # two in less are a double click, which ends the line


def test_a_line_is_drawn_on_the_form_of_a_work_saved_and_kept(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/projects/works/them/")
    code = f"VE-{page.viewport_size['width']}"  # type: ignore[index]
    put(page, "project", first_option(page, "project", "QL.30"))
    put(page, "code", code)
    put(page, "name", f"Tuyến vẽ trên bản đồ {code}")
    put(page, "action", "NEW")
    drawn(page)
    page.get_by_role("button", name="Đường", exact=True).click()
    look_at(page, 105.63, 10.46, 15)
    field = page.locator("#id_geom")
    for dx, dy in ((-90, -40), (-20, 50), (80, -20)):
        point_at(page, dx, dy)
    expect(field).to_have_value(re.compile(r"^LINESTRING \(([^,]+, ){2}[^,]+\)$"))
    page.get_by_role("button", name="Xong").click()
    expect(page.locator(".map-pick-value")).to_contain_text("Chiều dài")
    text = field.input_value()
    page.locator("sen-map").evaluate(CENTRED)
    assert visitor.axe_findings() == []

    page.locator("form[data-guard] button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/ql/projects/works/\d+/$"))
    address = page.url.replace(visitor.platform.url, "")
    kept = visitor.go(f"{address}sua/").locator("#id_geom").input_value()
    numbers = [[float(one) for one in re.findall(r"[\d.]+", said)] for said in (text, kept)]
    assert len(numbers[0]) == 6
    assert numbers[1] == pytest.approx(numbers[0], abs=1e-6)
    assert page.locator("#id_code").input_value() == code


def test_bridges_are_chosen_on_the_map_and_edited_together(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/bridges/?view=map")
    drawn(page)
    page.get_by_role("button", name="Chọn đối tượng").click()
    panel = page.locator(".map-select")
    panel.locator("select").select_option("bridges")
    panel.get_by_role("button", name="Vùng vẽ").click()
    for dx, dy in ((-80, 60), (100, 60), (100, 170), (-80, 170)):
        point_at(page, dx, dy)
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
    drawn(page, "sen-compare")
    handle = page.locator("sen-compare input[type=range]")
    over = page.locator(".map-swipe-over")
    handle.fill("20")
    assert "20%" in str(over.evaluate("box => box.style.clipPath"))
    expect(page.locator("main table").last).to_contain_text("Mới")
    assert visitor.axe_findings() == []
