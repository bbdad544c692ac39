"""The islands at work: palette, combobox, dates, tables, theme, and the page without script."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from sen.kernel.web.styleguide import sample_context

if TYPE_CHECKING:
    from tests.frontend.conftest import Site, Visit

Open = Callable[..., "Visit"]


def style_page(site: Site) -> str:
    return site.show("/style", "sen/styleguide.html", sample_context())


def test_palette_finds_and_opens_with_the_keyboard_alone(site: Site, visit: Open) -> None:
    page = visit().page
    site.answers["/tim-kiem/goi-y"] = lambda query: site.json(
        {
            "items": [
                {"title": "Cầu Mỹ Thuận", "subtitle": "QL.1", "url": "/cau/1", "kind": "Cầu"},
                {"title": "Cầu Mỹ Tho", "subtitle": "QL.50", "url": "/cau/2", "kind": "Cầu"},
            ]
        }
    )
    site.show("/cau/2", "sen/solo.html", {"page_title": "Cầu Mỹ Tho"})
    page.goto(style_page(site))
    page.wait_for_function("() => !!customElements.get('sen-palette')")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Tìm kiếm")
    expect(box).to_be_focused()
    page.keyboard.type("cầu mỹ")
    page.wait_for_selector(".palette-item mark")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_have_text("Cầu Mỹ ThuậnQL.1")
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/cau/2")


def test_palette_says_when_nothing_is_found(site: Site, visit: Open) -> None:
    page = visit().page
    site.answers["/tim-kiem/goi-y"] = lambda _query: site.json({"items": []})
    page.goto(style_page(site))
    page.wait_for_function("() => !!customElements.get('sen-palette')")
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    expect(page.locator(".palette-note")).to_contain_text("Không tìm thấy “zzz”")


def test_combobox_sends_the_chosen_value_and_never_a_loose_text(site: Site, visit: Open) -> None:
    page = visit().page
    site.answers["/he-thong/style/goi-y"] = lambda _query: site.json(
        {"items": [{"value": 30181, "title": "Xã Mỹ Thọ"}, {"value": 30184, "title": "Xã Mỹ Hiệp"}]}
    )
    page.goto(style_page(site))
    box = page.get_by_role("combobox", name="Xã, phường")
    hidden = page.locator("input[name=commune]")
    box.click()
    box.press_sequentially("my hiep")
    page.wait_for_selector(".option[aria-selected=true]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Xã Mỹ Hiệp")
    expect(hidden).to_have_value("30184")
    box.press_sequentially(" gì đó")
    page.keyboard.press("Tab")
    expect(box).to_have_value("Xã Mỹ Hiệp")
    box.fill("")
    page.keyboard.press("Tab")
    expect(hidden).to_have_value("")


def test_dates_are_day_first_in_an_english_browser(site: Site, visit: Open) -> None:
    page = visit().page
    page.goto(style_page(site))
    shown = page.get_by_label("Ngày đưa vào khai thác")
    native = page.locator("input[name=built_on]")
    shown.fill("4/5/2026")
    page.keyboard.press("Tab")
    expect(native).to_have_value("2026-05-04")
    expect(shown).to_have_value("04/05/2026")
    shown.fill("31/02/2026")
    page.keyboard.press("Tab")
    assert "không phải ngày hợp lệ" in shown.evaluate("one => one.validationMessage")
    expect(native).to_have_value("2026-05-04")


def test_rows_are_selected_one_by_one_as_a_range_and_all(site: Site, visit: Open) -> None:
    page = visit().page
    page.goto(style_page(site))
    picks = page.locator("input[data-pick]")
    count = page.locator("[data-bulk-count]")
    expect(count).to_have_text("Đã chọn 1 dòng")
    picks.nth(0).check()
    picks.nth(4).click(modifiers=["Shift"])
    expect(count).to_have_text("Đã chọn 5 dòng")
    page.click("[data-bulk-clear]")
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.locator("[data-pick-all]").check()
    expect(page.locator("tr[aria-selected=true]")).to_have_count(5)


def test_chosen_columns_stay_hidden_on_the_next_visit(site: Site, visit: Open) -> None:
    page = visit().page
    url = style_page(site)
    page.goto(url)
    page.click("summary:has-text('Cột')")
    page.get_by_label("Lý trình").uncheck()
    expect(page.locator("th[data-col=km]")).to_be_hidden()
    page.goto(url)
    expect(page.locator("td[data-col=km]").first).to_be_hidden()


def test_the_chosen_theme_is_there_before_the_first_paint(site: Site, visit: Open) -> None:
    page = visit(theme="light").page
    url = style_page(site)
    page.goto(url)
    page.click("button:has-text('Nền tối')")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.route("**/islands/*.js*", lambda route: route.abort())
    page.goto(url)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_navigation_is_a_drawer_on_a_phone(site: Site, visit: Open) -> None:
    page = visit(390).page
    page.goto(style_page(site))
    link = page.locator(".nav").get_by_role("link", name="Cầu")
    expect(link).to_be_hidden()
    page.click("[data-nav-open]")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()


def test_a_toast_is_announced_and_a_mistake_stays(site: Site, visit: Open) -> None:
    page = visit().page
    page.goto(style_page(site))
    page.click("[data-toast-text]")
    expect(page.locator("#toasts .toast")).to_have_text("Đã lưu thay đổi")
    assert page.locator("#toasts").get_attribute("aria-live") == "polite"
    page.click("#toasts .toast-close")
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_without_script_everything_can_be_read_and_reached(site: Site, visit: Open) -> None:
    page = visit(390, java_script_enabled=False).page
    page.goto(style_page(site))
    expect(page.locator(".nav").get_by_role("link", name="Cầu")).to_be_visible()
    expect(page.get_by_role("cell", name="1480")).to_be_visible()
    expect(page.locator("[data-pick-all]")).to_be_hidden()
    expect(page.get_by_label("Ngày đưa vào khai thác")).to_be_visible()


def test_a_chart_keeps_its_table(site: Site, visit: Open) -> None:
    page = visit().page
    page.goto(style_page(site))
    chart = page.locator("sen-chart").first
    expect(chart.locator("polyline")).to_have_count(2)
    chart.locator("summary").click()
    expect(chart.get_by_role("cell", name="1480")).to_be_visible()


LIVE = (
    '{% extends "sen/shell.html" %}{% block content %}<b data-live-key="unread">3</b>'
    '<sen-live topic="notices"></sen-live>{% endblock %}'
)


def test_live_values_arrive_and_the_stream_is_taken_up_where_it_broke(
    site: Site, visit: Open
) -> None:
    stream = b'id: boot.41\ndata: {"topic":"notices","values":{"unread":4}}\n\n'
    site.answers["/live/ticket"] = lambda _query: site.json({"url": "/live/stream?ticket=t"})
    site.answers["/live/stream"] = lambda _query: (200, "text/event-stream", stream)
    page = visit().page
    page.goto(site.show_source("/tin", LIVE))
    expect(page.locator("b[data-live-key=unread]")).to_have_text("4")
    # The fake stream ends at once: the element must come back and say what it has seen.
    with page.expect_request("**/live/stream?ticket=t&last=boot.41"):
        page.wait_for_selector("sen-live[data-live-state=lost]")


def test_live_says_when_the_reader_has_no_right(site: Site, visit: Open) -> None:
    site.answers["/live/ticket"] = lambda _query: site.json({"status": 403}, 403)
    page = visit().page
    page.goto(site.show_source("/tin", LIVE))
    expect(page.locator("sen-live")).to_contain_text("không có quyền")


BELL = (
    '{% extends "sen/shell.html" %}{% block content %}<sen-bell count-url="/chua-xem">'
    '<a href="/ql/thong-bao/">Thông báo <span class="bar-dot" data-bell-count hidden>0</span></a>'
    '<sen-live topic="kernel.notices" key="7" hidden></sen-live></sen-bell>{% endblock %}'
)


def test_the_bell_counts_and_says_what_is_new(site: Site, visit: Open) -> None:
    ring = (
        '{"topic":"kernel.notices","key":"7","data":{"unread":12,"title":"Chờ bạn duyệt bộ 3",'
        '"url":"/ql/viec/3/","tone":"warn"}}'
    )
    stream = f"id: boot.1\ndata: {ring}\n\n".encode()
    site.answers["/live/ticket"] = lambda _query: site.json({"url": "/live/stream?ticket=t"})
    site.answers["/live/stream"] = lambda _query: (200, "text/event-stream", stream)
    page = visit().page
    page.goto(site.show_source("/chuong", BELL))
    expect(page.locator("#noi-dung [data-bell-count]")).to_have_text("12")
    expect(page.locator("#noi-dung [data-bell-count]")).to_be_visible()
    toast = page.locator("#toasts .toast").first
    expect(toast.get_by_role("link", name="Chờ bạn duyệt bộ 3")).to_have_attribute(
        "href", "/ql/viec/3/"
    )
