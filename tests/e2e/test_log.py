"""An auditor reads the log: finds an act, opens it, looks at the seals and asks for a check."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
LOG = "/ql/he-thong/nhat-ky/"


def test_an_auditor_reads_the_log_and_has_its_seals_checked(visitor: Visitor) -> None:
    visitor.sign_in("kiemtoan")
    page = visitor.go(f"{LOG}?loai=SIGN_IN")
    assert visitor.axe_findings() == []
    first = page.locator("table.cards tbody tr").first
    expect(first).to_contain_text("Đăng nhập")
    expect(first).to_contain_text("Lý Hữu Phước")
    first.locator("a").first.click()
    expect(page.locator("h1")).to_have_text("Đăng nhập")
    expect(page.locator("main")).to_contain_text("127.0.0.1")
    assert visitor.axe_findings() == []
    page = visitor.go(f"{LOG}niem-phong/")
    assert visitor.axe_findings() == []
    page.get_by_role("button", name="Kiểm tra phần mới").click()
    page.wait_for_url("**/ql/he-thong/cong-viec/*/")
    expect(page.locator("h1")).to_have_text("Kiểm tra chuỗi niêm phong nhật ký")
