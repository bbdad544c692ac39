"""A round without a network: recorded, kept over a reload, sent once; the desk decides."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Platform
from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
FIELD = "/ql/inventory/hien-truong/"


@pytest.fixture
def phone(browser: Browser, platform: Platform) -> Iterator[Visitor]:
    """A phone that knows where it is."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        locale="vi-VN",
        permissions=["geolocation"],
        geolocation={"latitude": 10.46, "longitude": 105.63, "accuracy": 6},
        has_touch=True,
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    yield Visitor(page, platform, faults)
    context.close()
    assert faults == []


def picture() -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (2400, 1800), "teal").save(buffer, "JPEG")
    return {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def count(page: Page, tab: str) -> int:
    text = page.get_by_role("button", name=re.compile(f"^{tab} \\(")).inner_text()
    return int(text.split("(")[1].rstrip(")"))


def test_a_round_is_recorded_without_a_network_and_sent_once(phone: Visitor) -> None:
    phone.sign_in("xa.caolanh")
    page = phone.go(FIELD)
    expect(page.locator("[data-kept=true]")).to_be_visible(timeout=15_000)
    left, done = count(page, "Còn lại"), count(page, "Đã ghi")
    page.get_by_role("button", name="Bản đồ").click()
    expect(page.locator(".round-map sen-map.is-ready")).to_be_visible(timeout=15_000)
    assert phone.axe_findings() == []

    page.context.set_offline(True)
    expect(page.locator("[data-online=false]")).to_be_visible()
    expect(page.locator(".round-sketch .round-dot").first).to_be_visible()
    page.reload()
    expect(page.locator(".round-item").first).to_be_visible()
    assert count(page, "Còn lại") == left
    page.get_by_role("button", name="Bản đồ").click()
    page.get_by_role("button", name="Gần tôi nhất").click()
    expect(page.locator(".round-me")).to_be_visible()
    assert 0 < page.locator(".round-dot").count() <= left + done
    assert phone.axe_findings() == []
    page.get_by_role("button", name=re.compile(r", cách \d")).first.press("Enter")
    expect(page.get_by_text("sai số 6 m")).to_be_visible()
    page.get_by_role("button", name="Về danh sách").click()
    page.get_by_role("button", name="Bản đồ").click()
    name = page.locator(".round-item b").first.inner_text()
    page.locator(".round-item").first.click()
    expect(page.get_by_text("sai số 6 m")).to_be_visible()
    page.get_by_label("Tình trạng kỹ thuật").select_option("POOR")
    page.locator("input[type=file]").set_input_files(picture())
    expect(page.locator(".round-photos img")).to_be_visible()
    assert phone.axe_findings() == []
    page.get_by_role("button", name="Lưu vào máy").click()
    expect(page.get_by_role("button", name="Hàng chờ (1)")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="Hàng chờ (1)").click()
    expect(page.locator("[data-state=waiting]")).to_have_count(1)
    expect(page.locator(".round-item b")).to_have_text(name)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"

    page.context.set_offline(False)
    expect(page.get_by_role("button", name=re.compile("Chờ gửi: 0"))).to_be_visible(timeout=15_000)
    expect(page.get_by_role("button", name=re.compile(f"^Đã ghi \\({done + 1}\\)"))).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name=re.compile(f"^Đã ghi \\({done + 1}\\)"))).to_be_visible()


def test_the_desk_decides_what_contradicts_and_takes_the_rest_over(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/inventory/campaigns/?q=minh+hoa")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    expect(page.locator("main")).to_contain_text("Tổ phường Cao Lãnh")
    page.get_by_role("link", name=re.compile("chờ nghiệm thu")).click()
    page.wait_for_load_state("load")
    page.get_by_role("link", name="Đối chiếu").first.click()
    page.wait_for_load_state("load")
    expect(page.locator("main")).to_contain_text("Hồ sơ hiện nay")
    expect(page.locator("main")).to_contain_text("khác nhau")
    assert visitor.axe_findings() == []
    groups = page.eval_on_selector_all(
        "input[name^=pick__]", "all => [...new Set(all.map(one => one.name))]"
    )
    for name in groups:
        page.locator(f"input[name='{name}']").last.check()
    page.get_by_label("Căn cứ quyết định").fill("Theo ảnh hiện trường")
    page.get_by_role("button", name="Quyết định và ghi vào hồ sơ").click()
    page.wait_for_url("**/nghiem-thu/")
    expect(page.locator("body")).to_contain_text("Đã quyết định")
    assert visitor.axe_findings() == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"


def test_the_books_of_state_assets(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/stateassets/bieu-mau/?form=02A&year=2026")
    expect(page.locator("main")).to_contain_text("Tổng cộng")
    assert visitor.axe_findings() == []
    page = visitor.go("/ql/stateassets/khoa-so/")
    expect(page.locator("main")).to_contain_text("cần xác minh")
    assert visitor.axe_findings() == []
    page = visitor.go("/ql/stateassets/cards/?q=cau")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    expect(page.locator("main")).to_contain_text("Hao mòn theo năm")
    expect(page.locator("main")).to_contain_text("dự kiến")
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"
