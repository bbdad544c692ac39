"""Files that were made to do harm: each is refused in words, and this process goes on."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports import child, content, reading, tables
from sen.kernel.imports.content import unpacked
from sen.kernel.imports.tests.conftest import ThingImporter

KML = """<?xml version="1.0"?>{doctype}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Placemark><name>{name}</name><Point><coordinates>105.6,10.4</coordinates></Point></Placemark>
</Document></kml>"""


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInputError) as caught:
        reading.read_table(path, ThingImporter())
    return str(caught.value)


def test_entities_of_a_kml_are_never_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE k [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = tmp_path / "bom.kml"
    path.write_text(KML.format(doctype=bomb, name="&b;"), encoding="utf-8")
    assert "DOCTYPE hoặc ENTITY" in refusal(path)
    path.write_text(KML.format(doctype="", name="A"), encoding="utf-8")
    assert len(reading.read_table(path, ThingImporter()).rows) == 1


def test_a_kmz_is_read_like_its_kml(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", KML.format(doctype="", name="A"))
    assert len(reading.read_table(path, ThingImporter()).rows) == 1


def test_an_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "MAX_UNZIPPED", 1024**2)
    path = tmp_path / "bom.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", b"\x20" * 5 * 1024**2)
    assert "bung ra quá lớn" in refusal(path)


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nhieu.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(content.MAX_MEMBERS + 1):
            archive.writestr(f"{number}.txt", b"")
    assert "quá nhiều tệp" in refusal(path)


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "thoat.zip"
    data = json.dumps({"type": "FeatureCollection", "features": []})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../../thoat.geojson", data)
        archive.writestr("/etc/thoat.gdb/a00000001.gdbtable", b"x")
        archive.writestr("x.gdb/../../../thoat.gdbtable", b"x")
    with unpacked(path) as (file, found):
        assert file.parent.name.startswith("sen-import-")
        assert {item.name for item in file.parent.rglob("*")} <= {"data.gdb", "a00000001.gdbtable"}
        assert found
    assert not (tmp_path.parent / "thoat.geojson").exists()


def test_ten_thousand_columns_are_too_many(tmp_path: Path) -> None:
    path = tmp_path / "rong.csv"
    path.write_text(",".join(f"c{i}" for i in range(10_000)) + "\n" + "," * 9_999, encoding="utf-8")
    assert "Tệp có 10000 cột, nhiều hơn 1000" in refusal(path)


def test_a_huge_cell_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dai.csv"
    path.write_text("Mã,Tên\nA," + "x" * 200_000, encoding="utf-8")
    assert "hỏng" in refusal(path)


def test_formulas_stay_text_or_their_value(tmp_path: Path) -> None:
    path = tmp_path / "congthuc.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Mã", "Tên"])
        sheet.write_string(1, 0, "=HYPERLINK(1)")
        sheet.write_formula(1, 1, "=1+1", None, 2)
    table = reading.read_table(path, ThingImporter())
    assert table.rows == [["=HYPERLINK(1)", 2.0]]


def test_the_reading_process_has_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.geojson"
    feature = {"type": "Feature", "properties": {"ma": "A"}, "geometry": None}
    many = {"type": "FeatureCollection", "features": [feature] * 40_000}
    path.write_text(json.dumps(many), encoding="utf-8")
    monkeypatch.setattr(reading, "MEMORY_BYTES", 600 * 1024**2)
    assert len(reading.read_table(path, ThingImporter()).rows) == 40_000
    monkeypatch.setattr(reading, "MEMORY_BYTES", 120 * 1024**2)
    assert "Tệp cần quá nhiều bộ nhớ" in refusal(path) or "Không đọc được" in refusal(path)


def test_too_many_cells_are_refused_before_they_fill_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_CELLS", 100)
    path = tmp_path / "nhieu.csv"
    path.write_text("a,b,c\n" + "1,2,3\n" * 50, encoding="utf-8")
    assert "ô; hãy chia nhỏ" in refusal(path)


def test_cells_travel_between_the_processes_as_they_are() -> None:
    import datetime as dt
    from decimal import Decimal

    import msgspec

    cells = [
        *(
            None,
            True,
            3,
            2.5,
            "chữ",
            dt.date(2026, 1, 31),
            dt.datetime(2026, 1, 31, 8, 30, tzinfo=dt.UTC),
        ),
        *(dt.time(8, 30), dt.timedelta(hours=2), Decimal("1.50")),
    ]
    sent = msgspec.msgpack.encode([child.pack(cell) for cell in cells])
    back = msgspec.msgpack.Decoder(ext_hook=child.unpack).decode(sent)
    assert back == cells
    assert [type(cell) for cell in back] == [type(cell) for cell in cells]
