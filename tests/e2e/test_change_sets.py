"""A commune drafts a change, another person checks it, a third approves: at a desk, on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def as_person(visitor: Visitor, username: str) -> None:
    visitor.page.context.clear_cookies()
    visitor.sign_in(username)


def fits(page: Page) -> bool:
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wide <= 1


def test_a_change_goes_from_a_commune_to_the_register(visitor: Visitor) -> None:
    width = (visitor.page.viewport_size or {"width": 0})["width"]
    name = f"Tên đề nghị {width}"
    visitor.sign_in("xa.caolanh")
    page = visitor.go("/ql/network/roads/?q=DT.84")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    record = page.url
    page.get_by_role("link", name="Đề nghị sửa").click()
    page.get_by_label("Tên đường").fill(name)
    expect(page.get_by_role("button", name="Lưu", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Lưu vào bộ thay đổi").click()
    page.wait_for_url("**/stewardship/change-sets/*/")
    expect(page.locator("ins").filter(has_text=name)).to_be_visible()
    assert visitor.axe_findings() == []
    assert fits(page)
    made = page.url
    with page.expect_navigation():  # the next person comes when it is done
        page.get_by_role("button", name="Trình kiểm tra").click()
    expect(page.locator("body")).to_contain_text("Bạn soạn bộ này")

    as_person(visitor, "hatang")
    page.goto(made)
    with page.expect_navigation():  # the next person comes when it is done
        page.get_by_role("button", name="Đã kiểm tra, trình duyệt").click()
    expect(page.get_by_role("button", name="Duyệt và áp dụng")).to_have_count(0)

    as_person(visitor, "giamdoc")
    page.goto(f"{visitor.platform.url}/ql/thong-bao/")
    page.get_by_role("link", name="Chờ bạn duyệt").first.click()
    expect(page).to_have_url(made)
    page.get_by_role("button", name="Duyệt và áp dụng").click()
    expect(page.locator("body")).to_contain_text("các thay đổi đã được ghi")
    page.goto(record)
    expect(page.locator("h1")).to_contain_text(name)
    visitor.go("/ql/stewardship/viec/?cua=tat-ca&xem=thang")
    assert visitor.axe_findings() == []
    assert fits(page)
    visitor.go("/ql/stewardship/viec/?cua=tat-ca")
    assert visitor.axe_findings() == []
