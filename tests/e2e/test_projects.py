"""A project from its first entry to the asset that it leaves, on a desk and on a phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
TODAY = timezone.localdate()


def save(page: Page) -> None:
    page.locator("form[data-guard] button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/ql/projects/[a-z]+/\d+/$"))


def put(page: Page, name: str, value: object) -> None:
    """Fill a field of a form, whatever kind of control it is."""
    field = page.locator(f"form[data-guard] [name='{name}']").first
    if field.evaluate("f => f.tagName") == "SELECT":
        field.select_option(str(value))
    elif field.evaluate("f => f.type === 'hidden' || f.type === 'date'"):
        field.evaluate("(f, v) => { f.value = v }", str(value))
    else:
        field.fill(str(value))


def first_option(page: Page, name: str, text: str) -> str:
    """The value of the option that holds a text."""
    option = page.locator(f"[name='{name}'] option", has_text=text).first
    return option.get_attribute("value") or ""


def add(visitor: Visitor, register: str, query: str, values: dict[str, object]) -> Page:
    page = visitor.go(f"/ql/projects/{register}/them/{query}")
    for name, value in values.items():
        put(page, name, first_option(page, name, _named(value)) if _named(value) else value)
    save(page)
    return page


def _named(value: object) -> str:
    """``=text`` stands for the option that holds the text."""
    return value[1:] if isinstance(value, str) and value.startswith("=") else ""


def test_a_project_is_entered_paid_built_and_handed_over(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    code = f"DA-E2E-{visitor.page.viewport_size['width']}"  # type: ignore[index]
    start = TODAY - timedelta(days=200)
    page = add(
        visitor,
        "projects",
        "",
        {
            "code": code,
            "name": f"Xây dựng cầu thử nghiệm {code}",
            "investor": "=Ban Quản lý dự án đầu tư xây dựng công trình giao thông",
            "owner_org": "=Ban Quản lý dự án đầu tư xây dựng công trình giao thông",
            "area": "=Đồng Tháp",
            "starts_at": start,
            "due_at": TODAY + timedelta(days=200),
        },
    )
    address = page.url.replace(visitor.platform.url, "")
    number = address.rstrip("/").rsplit("/", 1)[1]
    expect(page.locator("body")).to_contain_text("Đề xuất chủ trương đầu tư")
    assert visitor.axe_findings() == []

    query = f"?project={number}"
    add(
        visitor,
        "decisions",
        query,
        {
            "kind": "PROJECT_APPROVAL",
            "number": f"1/{code}",
            "issued_at": start,
            "issuer": "UBND tỉnh",
            "total_vnd": 50_000_000_000,
            "due_at": TODAY + timedelta(days=200),
        },
    )
    add(
        visitor,
        "contracts",
        query,
        {
            "code": f"HĐ/{code}",
            "name": "Thi công cầu",
            "kind": "CONSTRUCTION",
            "contractor": "=Cửu Long Xanh",
            "value_vnd": 40_000_000_000,
            "signed_at": start,
        },
    )
    source = "=Ngân sách tỉnh – xổ số"
    add(
        visitor,
        "fundings",
        query,
        {
            "source": source,
            "year": TODAY.year,
            "planned_vnd": 20_000_000_000,
            "allocated_vnd": 20_000_000_000,
            "carried_vnd": 0,
        },
    )
    add(
        visitor,
        "payments",
        query,
        {
            "contract": f"=HĐ/{code}",
            "funding__source": source,
            "funding__year": TODAY.year,
            "code": f"CT/{code}",
            "kind": "ADVANCE",
            "paid_at": TODAY,
            "amount_vnd": 5_000_000_000,
            "recovered_vnd": 0,
        },
    )
    add(
        visitor,
        "tasks",
        query,
        {
            "code": "1",
            "name": "Thi công cầu",
            "starts_at": start,
            "ends_at": TODAY + timedelta(days=100),
            "weight": 100,
        },
    )
    page = visitor.go(f"{address}khoi-luong/")
    page.locator("input[name^=task_]").fill("100")
    assert visitor.axe_findings() == []
    page.locator("form[data-guard] button[type=submit]").click()
    page.wait_for_url(f"**{address}")
    expect(page.locator(".kpis").first).to_contain_text("100")
    expect(page.locator(".kpis").first).to_contain_text("25")
    expect(page.locator("sen-chart svg").first).to_be_visible()

    page = add(
        visitor,
        "works",
        query,
        {
            "code": f"{code}-CT1",
            "name": f"Cầu {code}",
            "asset_type": "bridge",
            "road": "=Đường tỉnh 841",
            "chainage_m": "Km5+200",
            "status": "BUILDING",
        },
    )
    work = page.url.replace(visitor.platform.url, "")
    page = visitor.go(f"{work}sua/")
    put(page, "attributes__length_m", 66)
    save(page)
    add(
        visitor,
        "acceptances",
        f"{query}&work={work.rstrip('/').rsplit('/', 1)[1]}",
        {"code": f"NT/{code}", "kind": "COMPLETION", "held_at": TODAY, "result": "ACCEPTED"},
    )
    page = visitor.go(f"{address}ban-giao/")
    expect(page.locator("body")).to_contain_text("tài sản mới")
    assert visitor.axe_findings() == []
    page.get_by_role("button", name="Bàn giao").click()
    page.wait_for_url(f"**{address}")
    expect(page.locator("body")).to_contain_text("Đã bàn giao")
    visitor.go(work)
    page.get_by_role("link", name=f"Cầu {code}").last.click()
    page.wait_for_load_state("load")
    assert "/assets/bridges/" in page.url
    expect(page.locator("body")).to_contain_text("66 m")
    expect(page.locator("body")).to_contain_text(f"Xây dựng cầu thử nghiệm {code}")


def test_the_diary_is_written_on_the_site(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/projects/projects/?step=CONSTRUCTION")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    address = page.url.replace(visitor.platform.url, "")
    page = visitor.go(f"{address}nhat-ky/")
    assert visitor.axe_findings() == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"
    page.locator("select[name=weather]").select_option("RAIN")
    page.locator("textarea[name=done]").fill("Đổ bê tông trụ T3, bảo dưỡng")
    page.locator("form[data-guard] button[type=submit]").click()
    page.wait_for_url(re.compile(r"/ql/projects/diary/\d+/$"))
    expect(page.locator("body")).to_contain_text("Đổ bê tông trụ T3")


@pytest.mark.parametrize(
    "path",
    ["/ql/projects/projects/", "/ql/projects/projects/1/", "/ql/projects/giai-ngan/"],
)
def test_screens_of_projects_are_usable_by_everybody(visitor: Visitor, path: str) -> None:
    visitor.sign_in("giamdoc")
    visitor.go(path)
    assert visitor.axe_findings() == []
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, "the page scrolls sideways"
