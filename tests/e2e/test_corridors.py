"""Is my building in a corridor: on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def test_a_citizen_asks_for_a_place(visitor: Visitor) -> None:
    page = visitor.go("/hanh-lang/")
    page.fill("#shape", "không biết")
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.locator("main")).to_contain_text("tọa độ")
    page.fill("#shape", "10.487595, 105.610205")
    page.get_by_role("button", name="Tra cứu").click()
    expect(page.locator("main")).to_contain_text("phạm vi bảo vệ")
    expect(page.locator("main")).to_contain_text("165/2024/NĐ-CP")
    assert visitor.axe_findings() == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"
