"""A route is asked for, a site inspected, a permit printed, loads found: desk and phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sen.domains.permits import api as permits
from sen.kernel.access.context import as_system
from sen.kernel.testing.database import on_database
from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def test_an_officer_inspects_a_site_and_everybody_finds_the_loads(visitor: Visitor) -> None:
    with on_database(visitor.platform.database), as_system("choose a permit") as actor:
        row = permits.permits(actor).filter(kind="WORKS", status="ISSUED")[0]
        code, address = row.check_code, f"/ql/permits/works/{row.pk}/"
    visitor.sign_in("hatang")
    page = visitor.go(address)
    assert visitor.axe_findings() == []
    page.locator("summary", has_text="Kiểm tra hiện trường").click()
    page.locator("#i-note").fill("Rào chắn đầy đủ")
    page.get_by_role("button", name="Ghi kết quả").click()
    expect(page.locator("body")).to_contain_text("Rào chắn đầy đủ")
    page = visitor.go("/ql/permits/kiem-tra-lo-trinh/")
    page.locator("#q-route").fill("QL.30")
    page.locator("#q-gross").fill("90")
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    expect(page.locator("section[aria-live]")).to_contain_text("Đã so với")
    assert visitor.axe_findings() == []
    page = visitor.go(f"/giay-phep/{code}/")
    expect(page.locator("body")).to_contain_text("Giấy phép thật và đang có hiệu lực")
    page = visitor.go("/tai-trong/")
    expect(page.locator("h1")).to_contain_text("Tải trọng, khổ giới hạn")
    assert visitor.axe_findings() == []
