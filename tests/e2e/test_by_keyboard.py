"""The day of somebody who has no mouse: find, filter, correct, save, with every stop visible."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("visitor", ["desk"], indirect=True)]

#: What the reader sees of the focus: an element of some size, on the screen, with a ring.
FOCUS = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const ring = parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none';
  return {
    name: one.matches('[name]') ? one.name : (one.textContent ?? '').trim(),
    where: one.outerHTML.slice(0, 120),
    seen: (ring || style.boxShadow !== 'none') && box.width > 0 && box.height > 0
      && box.bottom > 0 && box.top < innerHeight,
  };
}"""
#: What of the page behind a dialog has the focus; the browser itself is the body.
OUTSIDE = """() => {
  const one = document.activeElement;
  return one === document.body || one.closest('dialog') ? '' : one.outerHTML.slice(0, 120);
}"""
STOPS = 120


def _tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on what has this name; every stop on the way must be seen."""
    hidden: list[str] = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if not focus["seen"]:
            hidden.append(focus["where"])
        if re.fullmatch(wanted, focus["name"]):
            assert hidden == []
            return
    pytest.fail(f"{wanted} is not reached in {STOPS} stops")


def _skip_to_main(page: Page) -> None:
    """Over the menu, by the link that is the first stop of every page."""
    _tab_to(page, "Tới nội dung chính")
    page.keyboard.press("Enter")


def test_a_bridge_is_found_filtered_and_corrected_with_the_keyboard_alone(
    visitor: Visitor,
) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/bridges/")
    _skip_to_main(page)
    _tab_to(page, "q")
    page.keyboard.type("kenh")
    expect(page).to_have_url(re.compile("q=kenh"))
    _tab_to(page, "Bộ lọc khác")
    page.keyboard.press("Enter")
    _tab_to(page, "condition")
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("condition=[A-Z]"))
    expect(page.locator("select[name=condition]")).to_be_focused()
    _tab_to(page, "Cầu Kênh.*")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/bridges/\d+/$"))
    address = page.url
    _skip_to_main(page)
    _tab_to(page, "Sửa")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}sua/")
    _skip_to_main(page)
    _tab_to(page, "attributes__load_limit_t")
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    _tab_to(page, "reason")
    page.keyboard.type("đi bằng bàn phím")
    _tab_to(page, "Lưu")
    page.keyboard.press("Enter")
    # A redirect keeps the fragment that the link over the menu left behind.
    page.wait_for_url(re.compile(rf"{address}(#.*)?$"))
    expect(page.locator("body")).to_contain_text("7 t")


def test_a_dialog_keeps_the_focus_and_gives_it_back(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/bridges/")
    _skip_to_main(page)
    _tab_to(page, "q")
    page.wait_for_function("customElements.get('sen-palette') !== undefined")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Tìm kiếm")
    expect(box).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(OUTSIDE) == ""
    box.focus()
    page.keyboard.press("Escape")
    expect(page.locator("input[name=q]")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("my thuan 2")
    expect(page.locator("sen-palette [role=option]").first).to_contain_text("Mỹ Thuận 2")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mỹ Thuận 2")
