"""The wizard of imports at a desk and on a phone, from the file to the undoing."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
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


def cards(path: Path, mark: str) -> Path:
    """Two cards of state assets as an accountant keeps them; the second has what no list knows."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Danh sách thẻ tài sản kết cấu hạ tầng"])
    sheet.append(
        [
            *("Số thẻ", "Tên tài sản", "Loại tài sản", "Đơn vị quản lý", "Xã, phường", "Số lượng"),
            *("Ngày đưa vào sử dụng", "Ngày ghi sổ", "Chi phí xây dựng (đ)", "Hao mòn lũy kế (đ)"),
        ]
    )
    opened, booked = date(2019, 5, 1), "20/05/2019"
    money = [12_500_000_000, "1.250.000.000"]
    sheet.append([f"THE-{mark}-1", "Cầu Kênh Ba", "Cầu", "SXD", "28321", 1, opened, booked, *money])
    sheet.append(
        [
            f"THE-{mark}-2",
            "Nhà hạt",
            "Nhà quản lý",
            "SXD",
            "28321",
            1,
            opened,
            booked,
            850_000_000,
            0,
        ]
    )
    book.save(path)
    return path


def test_cards_of_state_assets_are_imported_from_a_spreadsheet(
    visitor: Visitor, tmp_path: Path
) -> None:
    visitor.sign_in("hatang")
    page = visitor.go("/ql/stateassets/cards/nhap/")
    mark = str(page.viewport_size["width"] if page.viewport_size else 0)
    page.set_input_files("#file", str(cards(tmp_path / "the.xlsx", mark)))
    page.locator("main button.btn-primary").click()
    expect(page.get_by_role("cell", name="12500000000", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="01/05/2019").first).to_be_visible()
    fits(visitor)
    go_on(page)
    expect(page.locator("#map-area")).to_have_value("Xã, phường")
    meant = page.get_by_label("Nhà quản lý")
    expect(meant).to_be_visible()
    fits(visitor)
    go_on(page)
    go_on(page, "check")
    fault = page.locator("td.prose").first
    expect(fault).to_contain_text("Nhà, công trình xây dựng cấp IV")
    # What is wrong and how to mend it is there to its last word.
    assert fault.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    fits(visitor)
    page.get_by_role("link", name="Cột").click()
    meant.select_option(label="Nhà, công trình xây dựng cấp IV")
    go_on(page)
    go_on(page, "check")
    expect(page.locator("body")).to_contain_text("Thêm mới 2")
    go_on(page, "run")
    expect(page.locator("body")).to_contain_text("Đã nhập xong")
    fits(visitor)
    visitor.go(f"/ql/stateassets/cards/?q=THE-{mark}-1")
    expect(page.locator("main")).to_contain_text("Cầu Kênh Ba")


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
