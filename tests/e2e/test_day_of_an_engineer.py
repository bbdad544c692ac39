"""A road engineer, a commune officer and a citizen at their screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def test_a_citizen_finds_a_bridge_by_half_a_name_without_diacritics(visitor: Visitor) -> None:
    page = visitor.go("/")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    visitor.go("/tim-kiem/?q=cau+my+thuan")
    page.get_by_role("link", name=re.compile("Cầu Mỹ Thuận")).first.click()
    page.wait_for_load_state("load")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cầu Mỹ Thuận")
    assert "/tra-cuu/assets/bridges/" in page.url
    assert visitor.axe_findings() == []


def test_an_engineer_filters_sorts_and_opens_a_bridge(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/bridges/")
    before = page.locator(".list-count b").inner_text()
    page.fill("input[name=q]", "kenh xang")
    page.wait_for_url(re.compile(r"q=kenh"))
    expect(page.locator(".list-count b")).not_to_have_text(before)
    first = page.locator("a.row-link").first
    name = first.inner_text()
    assert "Kênh Xáng" in name
    first.click()
    page.wait_for_load_state("load")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name.split(" (")[0])
    expect(page.locator("body")).to_contain_text("Kết cấu")
    assert visitor.axe_findings() == []


def test_an_engineer_corrects_a_load_limit_and_sees_it_in_the_history(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/bridges/?q=rach&size=25")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    address = page.url
    page.goto(f"{address}sua/")
    field = page.locator("[name='attributes__load_limit_t']")
    field.fill("không phải số")
    page.locator("form[data-guard] button[type=submit]").first.click()
    page.wait_for_load_state("load")
    expect(page.locator("[aria-invalid=true], .error").first).to_be_visible()
    page.locator("[name='attributes__load_limit_t']").fill("8")
    page.locator("[name=reason]").fill("kiểm định tháng 11")
    page.locator("form[data-guard] button[type=submit]").first.click()
    page.wait_for_url(address)
    expect(page.locator("body")).to_contain_text("8 t")
    visitor.go(address.replace(visitor.platform.url, "") + "lich-su/")
    expect(page.locator("body")).to_contain_text("kiểm định tháng 11")
    expect(page.locator("body")).to_contain_text("Lê Văn Đức")


def test_the_map_draws_the_province_and_a_click_tells_of_a_bridge(visitor: Visitor) -> None:
    page = visitor.go("/ban-do/#map=14.5/10.2755/105.9072")
    expect(page.locator("sen-map canvas").first).to_be_visible(timeout=20_000)
    page.wait_for_timeout(4000)
    assert visitor.axe_findings() == []


def test_a_commune_officer_may_only_propose_for_another_communes_bridge(visitor: Visitor) -> None:
    visitor.sign_in("xa.caolanh")
    page = visitor.go("/ql/assets/bridges/?q=cau+my+loi")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    expect(page.get_by_role("link", name="Sửa", exact=True)).to_have_count(0)
    page.goto(f"{page.url}sua/")
    expect(page.locator("main button[name=propose]")).to_have_count(1)
    expect(page.get_by_role("button", name="Lưu", exact=True)).to_have_count(0)


def test_english_is_one_click_away(visitor: Visitor) -> None:
    page = visitor.go("/tra-cuu/")
    page.locator("button[name=language][value=en]").first.click()
    page.wait_for_load_state("load")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/tra-cuu/",
        "/tra-cuu/network/roads/",
        "/tra-cuu/places/units/?view=map",
        "/tra-cuu/norms/norms/",
    ],
)
def test_public_pages_are_usable_by_everybody(visitor: Visitor, path: str) -> None:
    visitor.go(path)
    assert visitor.axe_findings() == []
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"


@pytest.mark.parametrize(
    "path",
    [
        "/ql/",
        "/ql/network/roads/",
        "/ql/places/units/1/",
        "/ql/assets/bridges/them/",
        "/ql/places/units/nhap/",
    ],
)
def test_working_screens_are_usable_by_everybody(visitor: Visitor, path: str) -> None:
    visitor.sign_in("hatang")
    visitor.go(path)
    assert visitor.axe_findings() == []
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"
