"""The operations screen at work: figures, the past, charts from a year to days, the wall."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import Platform
from tests.e2e.conftest import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

#: Turns of the wall whose heap is compared, and what it may grow between them.
WARM, TURNS = 40, 160
GROWTH_BYTES = 3_000_000


def test_from_the_board_over_a_figure_to_a_record_and_back_into_the_past(visitor: Visitor) -> None:
    visitor.sign_in("ioc")
    page = visitor.go("/ioc/")
    tile = page.locator("article.fig", has_text="Cầu hạn chế tải trọng")
    expect(tile.locator(".fig-value")).to_have_text(re.compile(r"^\d+"))
    expect(tile.locator(".fig-time")).to_contain_text("đo ")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.axe_findings() == []

    tile.locator("h3 a").click()
    page.locator("a.row-link").first.click()
    expect(page.locator("h1")).not_to_be_empty()

    visitor.go("/ioc/")
    then = page.evaluate(
        "new Date(Date.now() - 90 * 864e5 + 7 * 36e5).toISOString().slice(0, 11) + '09:30'"
    )
    page.fill("#luc", then)
    page.locator(".ioc-time button").click()
    expect(page.locator(".alert")).to_contain_text("Đang xem lại quá khứ")
    expect(page.locator("article.fig .fig-time").first).to_contain_text("09:30")
    page.locator("sen-map").scroll_into_view_if_needed()
    expect(page.locator("sen-map.is-ready")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("visitor", ["phone"], indirect=True)
def test_a_leader_with_a_phone_takes_an_alarm_by_its_button_or_by_keys(visitor: Visitor) -> None:
    visitor.sign_in("ioc")
    page = visitor.go("/ioc/")
    expect(page.locator("a[href^='tel:']")).to_be_visible()
    waiting = page.locator("#canh-bao button", has_text="Tiếp nhận")
    first = waiting.first.get_attribute("id")
    waiting.first.focus()
    with page.expect_response("**/ioc/manh/canh-bao"):
        page.evaluate("document.getElementById('truc-tuyen').dispatchEvent(new Event('sen:live'))")
    # The list that was read anew keeps the focus where it was.
    expect(page.locator(f"#{first}")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Đã tiếp nhận")


def test_a_chart_is_read_finer_the_closer_one_looks(visitor: Visitor, tmp_path: Path) -> None:
    visitor.sign_in("giamdoc")
    page = visitor.go("/ioc/chi-so/projects.disbursed/")
    chart = page.locator("sen-chart")
    told = chart.locator("[data-step]")
    # As many points as fit: a phone is told days where a desk is told hours.
    expect(told).to_have_attribute("data-step", re.compile("hour|day"), timeout=30_000)
    chart.get_by_role("button", name="1 năm").click()
    expect(told).to_have_attribute("data-step", "day", timeout=15_000)
    chart.get_by_role("button", name="1 ngày").click()
    expect(told).to_have_attribute("data-step", "raw", timeout=15_000)

    chart.get_by_role("button", name="1 tháng").click()
    box = chart.locator(".timeline-box")
    box.focus()
    page.keyboard.press("ArrowLeft")
    expect(chart.locator("p.sr-only[role=status]")).to_contain_text("Giải ngân trong năm: ")
    chart.get_by_text("Xem bảng số liệu").click()
    expect(chart.locator("table tbody tr").first).to_be_visible()
    for name, ending in (("Ảnh PNG", ".png"), ("Ảnh SVG", ".svg"), ("Số liệu XLSX", ".xlsx")):
        chart.get_by_text("Tải về").click()
        with page.expect_download() as waiting:
            chart.get_by_role("button", name=name).click()
        file = tmp_path / f"chart{ending}"
        waiting.value.save_as(file)
        assert waiting.value.suggested_filename.endswith(ending)
        assert file.stat().st_size > 500
    assert "<svg" in (tmp_path / "chart.svg").read_text(encoding="utf-8")[:100]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.axe_findings() == []


def test_a_wall_with_its_key_turns_for_hours_and_finds_back(
    browser: Browser, platform: Platform
) -> None:
    keeper = browser.new_context(viewport={"width": 1440, "height": 900}, locale="vi-VN")
    office = Visitor(keeper.new_page(), platform, [])
    office.sign_in("ioc")
    office.go("/ioc/cac-man-hinh/")
    office.page.fill("#name", "Sảnh tầng một")
    office.page.get_by_role("button", name="Cấp khóa").click()
    link = office.page.locator(".ioc-key").inner_text()

    room = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="vi-VN")
    page = room.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(link)
    page.wait_for_url("**/ioc/man-hinh/")
    expect(page.locator("article.fig").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")

    page.goto(f"{platform.url}/ioc/man-hinh/?giay=0.02&xem=chi-so,dien-bien,chat-luong")
    session = room.new_cdp_session(page)

    def heap_after(turns: int) -> float:
        page.wait_for_function(
            "n => Number(document.querySelector('sen-wall').dataset.shown) >= n",
            arg=turns,
            timeout=120_000,
        )
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"])

    warm = heap_after(WARM)
    assert heap_after(TURNS) - warm < GROWTH_BYTES

    room.set_offline(True)
    expect(page.locator("[data-lost]")).to_contain_text("Mất kết nối từ", timeout=30_000)
    room.set_offline(False)
    expect(page.locator("[data-lost]")).to_be_hidden(timeout=60_000)

    office.page.on("dialog", lambda dialog: dialog.accept())
    office.page.get_by_role("button", name="Thu hồi").click()
    page.wait_for_url("**/man-hinh/", timeout=60_000)
    expect(page.locator("main")).to_contain_text("thu hồi")
    assert faults == []
    room.close()
    keeper.close()
