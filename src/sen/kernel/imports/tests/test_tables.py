"""Text tables and workbooks as offices keep them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.content import MAX_SHEET
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.tests.conftest import things

pytestmark = pytest.mark.django_db
Read = Callable[..., ImportRun]

ROWS = "Mã;Tên;Chiều dài (m);Ngày mở\nA-1;Cầu Mỹ Thuận;1.535,2;21/5/2000\n"
#: ``Cầu Mỹ Thuận`` in the fonts of the nineties, by their bytes.
TCVN3 = "cÇu Mü ThuËn".encode("latin-1")
VNI = "caàu Myõ Thuaän".encode("latin-1")


@pytest.mark.parametrize(
    "raw",
    [
        ROWS.encode(),
        ROWS.encode("utf-8-sig"),
        ROWS.encode("utf-16"),
        ROWS.encode("utf-16-le"),
        ROWS.replace(";", "\t").encode("utf-16"),
        ("sep=;\r\n" + ROWS.replace("\n", "\r\n")).encode(),
        ("BẢNG KÊ CẦU NĂM 2026\n\n" + ROWS).encode(),
    ],
)
def test_text_tables_of_every_writing(read: Read, tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "cau.csv"
    path.write_bytes(raw)
    done = read(path)
    assert (done.state, done.created) == ("DONE", 1), done.faults
    thing = things()["A-1"]
    assert thing.name == "Cầu Mỹ Thuận"
    assert float(thing.length_m or 0) == 1535.2
    assert thing.opened_on == dt.date(2000, 5, 21)


@pytest.mark.parametrize(("raw", "name"), [(TCVN3, "TCVN3"), (VNI, "VNI")])
def test_old_fonts_become_unicode(read: Read, tmp_path: Path, raw: bytes, name: str) -> None:
    path = tmp_path / "cau.csv"
    path.write_bytes(b"code;name\nA-1;" + raw + b"\nA-2;" + raw + b"\n")
    done = read(path)
    assert things()["A-2"].name == "cầu Mỹ Thuận"
    assert any(name in note for note in done.notes)


def test_utf8_that_was_read_as_latin_is_mended(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "cau.csv"
    path.write_text("code;name\nA-1;" + "Cầu Rạch".encode().decode("latin-1"), encoding="utf-8")
    read(path)
    assert things()["A-1"].name == "Cầu Rạch"


def test_rows_keep_the_numbers_that_a_person_sees(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "cau.csv"
    path.write_text('Mã,Chiều dài\n\nA-1,"1,5"\n,,\nA-2,dài\n', encoding="utf-8")
    done = read(path)
    assert done.state == "REFUSED"
    assert [(fault["row"], fault["field"]) for fault in done.faults] == [(5, "Chiều dài")]
    assert "không phải là số" in done.faults[0]["message"]
    assert not things()


def workbook(path: Path, rows: list[list[Any]], *, at: int = 0, sheet: str = "Cầu") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    page.write_datetime(at + i, j, dt.datetime.combine(cell, dt.time()), day)
                else:
                    page.write(at + i, j, cell)
        book.add_worksheet("Ghi chú")
    return path


def test_a_workbook_with_codes_as_numbers_and_rows_above_the_header(
    read: Read, tmp_path: Path
) -> None:
    path = workbook(
        tmp_path / "cau.xlsx",
        [["Mã", "Tên", "Chiều dài", "Ngày mở"], [82001, "Cầu A", 40.5, dt.date(2011, 2, 3)]],
        at=3,
    )
    done = read(path)
    assert done.state == "DONE", done.faults
    thing = things()["82001"]
    assert (float(thing.length_m or 0), thing.opened_on) == (40.5, dt.date(2011, 2, 3))


def test_a_code_that_the_spreadsheet_made_a_date_is_a_fault(read: Read, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["Mã", "Tên"], [dt.date(2026, 3, 1), "x"]], at=2)
    done = read(path)
    assert [(fault["row"], fault["field"]) for fault in done.faults] == [(4, "Mã")]
    assert "định dạng cột là Văn bản" in done.faults[0]["message"]


def test_a_sheet_is_chosen_by_name(read: Read, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["Mã"], ["A"]], sheet="Số liệu")
    assert read(path, layer="Số liệu", dry_run=True).rows == 1
    with pytest.raises(InvalidInputError, match="Không có trang tính “Khác”; tệp có: Số liệu"):
        read(path, layer="Khác")
    with pytest.raises(InvalidInputError, match="không có dòng dữ liệu"):
        read(path, layer="Ghi chú")


def test_the_content_decides_not_the_name(read: Read, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["Mã"], ["A"]])
    assert read(path.rename(tmp_path / "a.csv"), dry_run=True).rows == 1


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("a.csv", b"", "rỗng"),
        ("a.csv", b"\n\n", "không có dòng dữ liệu"),
        ("a.csv", "Mã;Tên\n".encode(), "không có dòng dữ liệu"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 20, "Không nhận ra loại tệp"),
        ("a.xlsx", b"%PDF-1.7\n%....", "PDF"),
        ("a.xlsx", b"PK\x03\x04 nothing more", "Tệp nén bị hỏng"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "bảng tính bị hỏng"),
        ("a.csv", b"ma;ten\nA;1;2;3\n", "nhiều ô hơn"),
        ("a.csv", b'ma;ten\nA;"' + b"x" * 200_000, "CSV bị hỏng"),
        ("a.gml", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "XML"),
        ("a.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c", "bị hỏng"),
    ],
)
def test_files_that_cannot_be_read_say_why(
    read: Read, tmp_path: Path, name: str, raw: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(InvalidInputError, match=words):
        read(path)
    assert not ImportRun.objects.exists()


def test_an_archive_that_unpacks_to_something_enormous_is_refused(
    read: Read, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w") as member,
    ):
        for _part in range(MAX_SHEET // 2**22 + 1):
            member.write(b" " * 2**22)
    assert path.stat().st_size < 2**20
    with pytest.raises(InvalidInputError, match="bung ra quá lớn"):
        read(path)


def test_an_archive_that_lies_about_its_size_is_refused(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 5_000_000)
    said = (5_000_000).to_bytes(4, "little")
    raw = path.read_bytes()
    assert raw.count(said) == 2
    path.write_bytes(raw.replace(said, (500).to_bytes(4, "little")))
    with pytest.raises(InvalidInputError, match="Tệp nén bị hỏng"):
        read(path)


def test_a_truncated_workbook_is_refused(read: Read, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["Mã"], *[[f"A-{i}"] for i in range(200)]])
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(InvalidInputError, match="Tệp nén bị hỏng"):
        read(path)


def test_cells_that_cannot_be_stored_are_faults_of_their_row(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f"code;name;length_m\nA;{'x' * 5000};#N/A\nB;\x00;1\nC;x;1e400\n{'D' * 41};x;1\nE;x;-\n",
        encoding="utf-8",
    )
    done = read(path)
    assert [fault["row"] for fault in done.faults] == [2, 3, 4, 5, 6]


def test_what_the_database_refuses_is_a_fault_not_a_crash(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code;length_m\nA;5\nB;-3\n", encoding="utf-8")
    done = read(path)
    assert done.state == "REFUSED"
    assert "guarded_thing_length" in done.faults[0]["message"]
    assert not things()
