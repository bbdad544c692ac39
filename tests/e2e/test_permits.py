"""A route is asked for, a site inspected, a permit printed, loads found: desk and phone."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def test_an_officer_inspects_a_site_and_everybody_finds_the_loads(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/permits/works/?status=ISSUED")
    page.locator("a.row-link").first.click()
    expect(page.get_by_role("link", name="In giấy phép")).to_be_visible()
    expect(page.get_by_role("link", name="Sửa", exact=True)).to_have_count(0)
    assert visitor.axe_findings() == []
    found = f"Rào chắn đầy đủ, xem lúc {time.time_ns()}"
    page.locator("summary", has_text="Kiểm tra hiện trường").click()
    page.locator("#i-note").fill(found)
    page.get_by_role("button", name="Ghi kết quả").click()
    expect(page.locator("main")).to_contain_text(found)
    page.get_by_role("link", name="In giấy phép").click()
    address = re.search(r"/giay-phep/\w+/", page.locator(".paper-foot").inner_text())
    assert address is not None
    page = visitor.go("/ql/permits/kiem-tra-lo-trinh/")
    page.locator("#q-route").fill("QL.30")
    page.locator("#q-gross").fill("90")
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    expect(page.locator("section[aria-live]")).to_contain_text("Đã so với")
    assert visitor.axe_findings() == []
    page = visitor.go(address[0])
    expect(page.locator("body")).to_contain_text("Giấy phép thật và đang có hiệu lực")
    page = visitor.go("/tai-trong/")
    expect(page.locator("h1")).to_contain_text("Tải trọng, khổ giới hạn")
    assert visitor.axe_findings() == []
