"""A pile of scans in a real browser: the sheets of a batch, documents cut, turned and accepted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect

from sen.domains.digitisation import services
from sen.domains.digitisation.jobs import split_file
from sen.domains.digitisation.rules.separators import Separator
from sen.domains.digitisation.tests.conftest import blank, scanned, separator_page
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.jobs.services import enqueue
from sen.kernel.jobs.testing import run_queued
from sen.kernel.testing.database import on_database
from sen.lib.paper import pdf_of
from tests.conftest import Platform
from tests.e2e.conftest import SIZES, Visitor

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module", autouse=True)
def piles(platform: Platform, django_db_blocker: Any) -> dict[int, int]:
    """A batch for each size of screen; made before the browser, whose loop forbids the database."""
    patch = pytest.MonkeyPatch()
    found: dict[int, int] = {}
    with django_db_blocker.unblock(), on_database(platform.database), patch.context() as changed:
        changed.setattr("django.conf.settings.MEDIA_ROOT", platform.folder / "files")
        for number, (width, _height) in enumerate(SIZES.values()):
            found[width] = _pile(number)
    return found


def _pile(number: int) -> int:
    """Two documents: one of two sheets behind a separator, one of a single sheet."""
    with as_system("a pile comes in") as actor:
        batch = services.create_batch(
            actor=actor,
            name=f"Hồ sơ hoàn công, tập {number + 1}",
            owner_org=Organisation.objects.get(code="SXD"),
            area=Area.objects.get(kind=Area.Kind.PROVINCE),
        )
        page = scanned(dpi=150, noise=4 + number, seal=True)
        lying = replace(page, picture=page.picture.rotate(180))
        minutes = separator_page(Separator("", "MINUTES", ""))
        pile = [minutes, page, lying, blank(), separator_page(Separator("", "REPORT", "")), page]
        made = services.add_files(actor=actor, batch=batch, files=[("tap.pdf", [pdf_of(pile)])])
        run_queued()
        for item in made:
            enqueue(split_file, actor=actor, file_id=item.pk)
    run_queued()
    return int(batch.pk)


def test_sheets_are_cut_turned_left_out_and_accepted(
    visitor: Visitor, piles: dict[int, int]
) -> None:
    visitor.sign_in("hatang")
    size = visitor.page.viewport_size or {"width": 0}
    batch = piles[size["width"]]
    page = visitor.go(f"/ql/digitisation/batches/{batch}/")
    expect(page.locator("main")).to_contain_text("Hồ sơ hoàn công")
    assert visitor.axe_findings() == []

    page = visitor.go(f"/ql/digitisation/batches/{batch}/tach/")
    parts = page.locator(".scan-part")
    expect(parts).to_have_count(2)
    expect(parts.nth(0).locator(".scan-sheet")).to_have_count(2)
    picture = page.locator(".scan-sheet img").first
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    # Nothing of the board leaves the screen to the side.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert visitor.axe_findings() == []

    before = parts.nth(0).locator(".scan-sheet img").nth(1).get_attribute("src")
    parts.nth(0).get_by_role("button", name="Xoay trang 3").click()
    page.wait_for_load_state("load")
    assert parts.nth(0).locator(".scan-sheet img").nth(1).get_attribute("src") != before
    parts.nth(0).get_by_role("button", name="Tách tài liệu mới từ trang 3").click()
    page.wait_for_load_state("load")
    expect(parts).to_have_count(3)
    parts.nth(1).get_by_role("button", name="Gộp vào tài liệu trước").click()
    page.wait_for_load_state("load")
    expect(parts).to_have_count(2)
    parts.nth(0).get_by_role("button", name="Bỏ trang 3").click()
    page.wait_for_load_state("load")
    expect(parts.nth(0)).to_contain_text("Bỏ ra")

    parts.nth(0).get_by_label("Trích yếu nội dung").fill("Biên bản nghiệm thu lan can")
    parts.nth(0).get_by_label("Số, ký hiệu").fill("12/BB-NT")
    parts.nth(0).get_by_role("button", name="Tiếp nhận").click()
    page.wait_for_load_state("load")
    expect(parts.nth(0)).to_contain_text("Biên bản nghiệm thu lan can")
    expect(parts.nth(0).get_by_role("button", name="Tiếp nhận")).to_have_count(0)
    assert visitor.axe_findings() == []


def test_the_other_pages_of_scanning_fit_the_screen(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    for path in ("batches/", "nhan-dang/", "to-phan-cach/", "tim/?q=cầu"):
        page = visitor.go(f"/ql/digitisation/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert visitor.axe_findings() == [], path
