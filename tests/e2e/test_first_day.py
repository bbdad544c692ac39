"""What a new user stumbles over first: menus, errors, conflicts, closed rows, English."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def test_a_lost_address_is_told_in_vietnamese(visitor: Visitor) -> None:
    answer = visitor.page.goto(f"{visitor.platform.url}/tra-cuu/assets/bridges/99999999/")
    assert answer is not None
    assert answer.status == 404
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("Không tìm thấy")
    expect(visitor.page.get_by_role("link", name="Tìm kiếm").first).to_be_visible()
    assert visitor.axe_findings() == []


def test_types_of_assets_are_folded_in_the_menu_and_the_present_one_is_open(
    visitor: Visitor,
) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/culverts/")
    opener = page.locator(".bottom-bar [data-nav-open]")
    if opener.is_visible():
        opener.click()
    expect(page.locator(".nav-branch[open]")).to_have_count(1)
    expect(page.locator(".nav a[aria-current=page]")).to_have_text("Cống")
    branch = page.locator(".nav-branch:not([open])").first
    folded = branch.locator("a").first
    expect(folded).to_be_hidden()
    branch.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".nav-branch[open]")).to_have_count(2)


def test_the_second_of_two_who_edit_is_told_and_history_reads_downwards(
    visitor: Visitor,
) -> None:
    size = visitor.page.viewport_size
    browser = visitor.page.context.browser
    assert size is not None
    assert browser is not None
    first, second = ("11", "12") if size["width"] > 1000 else ("13", "14")
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/bridges/?q=kenh&size=25")
    page.locator("a.row-link").nth(3).click()
    page.wait_for_url(re.compile(r"/bridges/\d+/$"))
    address = page.url
    elsewhere = browser.new_context(viewport=size)
    other = elsewhere.new_page()
    colleague = Visitor(other, visitor.platform, visitor.faults)
    colleague.sign_in("hatang")
    for one in (page, other):
        one.goto(f"{address}sua/")
    for one, limit in ((page, first), (other, second)):
        one.fill("[name='attributes__load_limit_t']", limit)
        one.fill("[name=reason]", f"đo lại {limit}")
        one.locator("form[data-guard] button[type=submit]").first.click()
        if one is page:
            page.wait_for_url(address)
    expect(other.locator(".alert").first).to_contain_text("đã thay đổi trong khi bạn sửa")
    expect(other.locator("[name='attributes__load_limit_t']")).to_have_value(second)
    elsewhere.close()
    page.goto(f"{address}lich-su/")
    latest = page.locator(".timeline > li").first
    expect(latest).to_contain_text("hiện tại")
    expect(latest).to_contain_text(f"đo lại {first}")
    expect(latest).to_contain_text("Lê Văn Đức")
    expect(latest.locator("ins, .after, td").last).to_contain_text(first)


def test_another_communes_devices_are_closed_on_every_way(visitor: Visitor) -> None:
    visitor.sign_in("quantri")
    secret = _device_ids(visitor, "hatang") - _device_ids(visitor, "xa.caolanh")
    assert secret
    one = min(secret)
    for way in (
        f"/ql/assets/its-devices/{one}/",
        f"/ql/assets/its-devices/{one}/sua/",
        f"/ql/assets/its-devices/{one}/lich-su/",
        f"/ql/assets/all/{one}/",
        f"/tra-cuu/assets/its-devices/{one}/",
        f"/api/internal/v1/assets/its-devices/{one}",
        f"/ogc/collections/its-devices/items/{one}",
    ):
        answer = visitor.page.request.get(visitor.platform.url + way)
        assert answer.status == 404, way


def _device_ids(visitor: Visitor, username: str) -> set[int]:
    """Ids of the devices that an account sees; its session stays."""
    visitor.page.context.clear_cookies()
    visitor.sign_in(username)
    address = f"{visitor.platform.url}/api/internal/v1/assets/its-devices?size=200"
    found: dict[str, Any] = visitor.page.request.get(address).json()
    return {item["id"] for item in found["items"]}


def test_english_pages_write_numbers_the_english_way(visitor: Visitor) -> None:
    page = visitor.go("/tra-cuu/assets/bridges/")
    expect(page.locator("body")).to_contain_text("1.906 m")
    page.locator("button[name=language][value=en]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("body")).to_contain_text("1,906 m")


def test_a_filter_that_makes_no_sense_is_told_of(visitor: Visitor) -> None:
    page = visitor.go("/tra-cuu/assets/bridges/?condition=abc")
    expect(page.locator(".alert")).to_contain_text(re.compile("Tình trạng.*abc"))
