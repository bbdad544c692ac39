"""The wizard of imports at a desk and on a phone, from the file to the undoing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from playwright.sync_api import Page, expect

from sen.lib.vn2000 import from_wgs84
from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
PLACES = [(105.30, 10.75), (105.42, 10.68), (105.42, 10.68)]


def drawing(path: Path) -> Path:
    """Three bridges in the meridian of former Tiền Giang that the file does not say, in TCVN3."""
    points = [shapely.Point(*from_wgs84(lon, lat, 9210)) for lon, lat in PLACES]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(points, dtype=object)),
        field_data=[
            np.array(["E2E-1", "E2E-2", "E2E-2"], dtype=object),
            np.array(["CÇu R¹ch ¤ng", "CÇu Kªnh X\xb8ng", "CÇu Kªnh X\xb8ng"], dtype=object),
            np.array([40.0, 25.0, 25.0]),
        ],
        fields=["ma", "ten", "chieu_dai"],
        geometry_type="Point",
        crs=None,
    )
    return path


def go_on(page: Page, value: str = "next") -> None:
    page.locator(f"main button[value={value}]").click()
    page.wait_for_load_state("load")


def fits(visitor: Visitor) -> None:
    wide = visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, f"{visitor.page.url} scrolls sideways"
    assert visitor.axe_findings() == []


def test_a_file_without_system_and_in_old_letters_is_imported_and_undone(
    visitor: Visitor, tmp_path: Path
) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/assets/bridges/nhap/")
    page.set_input_files("#file", str(drawing(tmp_path / "cau.gpkg")))
    page.locator("main button.btn-primary").click()
    page.wait_for_load_state("load")
    expect(page.locator("body")).to_contain_text("3 dòng, 3 cột")
    fits(visitor)
    go_on(page)
    expect(page.locator("svg.import-picture").first).to_be_visible()
    fits(visitor)
    page.check("input[name=way][value='9210']")
    go_on(page)
    expect(page.locator("body")).to_contain_text("Cầu Rạch Ông")
    fits(visitor)
    go_on(page)
    fits(visitor)
    go_on(page)
    go_on(page, "check")
    expect(page.locator("body")).to_contain_text("đã có ở dòng trên")
    expect(page.locator("body")).to_contain_text("Hình trùng nhau")
    fits(visitor)
    page.check("input[name=kind][value=duplicate]")
    go_on(page, "repair")
    go_on(page, "check")
    expect(page.locator("body")).to_contain_text("Thêm mới 2")
    go_on(page, "run")
    expect(page.locator("body")).to_contain_text("Đã nhập xong")
    fits(visitor)
    page.get_by_role("link", name=re.compile("Hoàn tác")).click()
    page.fill("#reason", "Thử nghiệm")
    fits(visitor)
    page.locator("main button.btn-danger").click()
    page.wait_for_load_state("load")
    expect(page.locator("body")).to_contain_text("bỏ 2 bản ghi đã thêm")


def test_a_source_of_another_office_is_registered(visitor: Visitor) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/he-thong/nguon-du-lieu/them/")
    fits(visitor)
    name = f"Sở khác {page.viewport_size['width'] if page.viewport_size else 0}"
    page.fill("[name=name]", name)
    page.select_option("[name=kind]", "boundaries")
    page.fill("[name=url]", "https://gis.example.vn/wfs")
    page.fill("[name=layer]", "hc:xa")
    page.fill("[name=key_column]", "ma")
    page.locator("main form.form button.btn-primary").click()
    page.wait_for_load_state("load")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    fits(visitor)
    visitor.go("/ql/he-thong/nguon-du-lieu/")
    fits(visitor)
