"""Editing the table of a rule, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def test_an_officer_edits_a_rule_in_a_draft_and_sees_what_changes(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/norms/drafts/?q=minh+hoa")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    expect(page.locator("body")).to_contain_text("đổi giá trị")
    expect(page.locator("body")).to_contain_text("chưa đạt")
    assert visitor.axe_findings() == []
    page.get_by_role("link", name="Sửa bảng Hành lang an toàn cầu").click()
    page.wait_for_load_state("load")
    rows = page.locator("[data-grid] tbody tr")
    before = rows.count()
    page.get_by_role("button", name="Thêm dòng sau dòng 1", exact=True).click()
    expect(rows).to_have_count(before + 1)
    page.locator("[name=r1-value]").fill("rộng")
    page.get_by_role("button", name="Lưu vào dự thảo").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    assert visitor.axe_findings() == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"
