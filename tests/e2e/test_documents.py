"""Documents in a real browser: dropping files, the page of a document, a dossier at a glance."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def photograph(colour: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (640, 480), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def test_files_are_sent_one_by_one_into_a_part_of_a_dossier(
    visitor: Visitor, tmp_path: Path
) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/documents/dossiers/?missing_count_min=1")
    page.locator("a.row-link").first.click()
    page.wait_for_load_state("load")
    expect(page.locator(".doc-glance")).to_contain_text("phần phải có")
    assert visitor.axe_findings() == []
    dossier = page.url
    page.get_by_role("link", name="Thêm nhiều tệp").click()
    page.wait_for_load_state("load")
    size = page.viewport_size or {"width": 0}
    for name in ("ảnh mố.jpg", "ảnh nhịp.jpg"):
        (tmp_path / name).write_bytes(photograph(f"#{size['width']:06x}"[:7]) + name.encode())
    page.locator("input[type=file]").set_input_files(
        [tmp_path / "ảnh mố.jpg", tmp_path / "ảnh nhịp.jpg"]
    )
    page.select_option("select[name=kind]", "PHOTO")
    page.select_option("select[name=part]", "PHOTOS")
    assert visitor.axe_findings() == []
    page.locator("sen-upload button.btn-primary").click()
    page.wait_for_url(dossier)
    expect(page.locator(".doc-part", has_text="Ảnh công trình")).to_contain_text("ảnh nhịp")
    page.get_by_role("link", name=re.compile("ảnh mố")).first.click()
    page.wait_for_load_state("load")
    picture = page.locator(".doc-pages img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(page.locator("main")).to_contain_text("Phiên bản")
    assert visitor.axe_findings() == []
