"""Text of old Vietnamese fonts, column by column."""

from __future__ import annotations

import pytest

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.tables import MAX_CELL, Table
from sen.kernel.imports.texts import ColumnText, Encoding, repair_text

NAMES = ["Cầu Mỹ Thuận", "Đường Nguyễn Huệ", "Kênh Xáng Múc", "Phường Cao Lãnh"]
TCVN3 = ["CÇu Mü ThuËn", "§\xad\xeang NguyÔn HuÖ", "Kªnh X\xb8ng Móc", "Ph\xad\xeang Cao L·nh"]
VNI = ["Caàu Myõ Thuaän", "Ñöôøng Nguyeãn Hueä", "Keânh Xaùng Muùc", "Phöôøng Cao Laõnh"]


def read(cells: list[str], said: dict[str, str] | None = None) -> tuple[list[str], ColumnText]:
    table = Table(["Tên"], [[cell] for cell in cells])
    (report,) = repair_text(table, said)
    return [row[0] for row in table.rows], report


@pytest.mark.parametrize(("cells", "encoding"), [(TCVN3, Encoding.TCVN3), (VNI, Encoding.VNI)])
def test_a_column_in_an_old_font_becomes_unicode(cells: list[str], encoding: Encoding) -> None:
    made, report = read(cells)
    assert made == NAMES
    assert (report.encoding, report.is_mixed) == (encoding, False)
    assert report.samples[0] == (cells[0], NAMES[0])


def test_text_read_twice_is_put_right() -> None:
    made, report = read([name.encode().decode("latin-1") for name in NAMES])
    assert (made, report.encoding) == (NAMES, Encoding.TWICE)


def test_a_column_in_several_encodings_is_said_and_each_cell_read_in_its_own() -> None:
    made, report = read([*TCVN3, *VNI, *NAMES])
    assert report.is_mixed
    assert made == [*NAMES, *NAMES, *NAMES]


def test_whoever_knows_better_says_so() -> None:
    made, report = read(TCVN3, {"Tên": "unicode"})
    assert made == [text.strip() for text in TCVN3]
    assert (report.encoding, report.guessed) == (Encoding.UNICODE, Encoding.TCVN3)


def test_good_unicode_is_left_alone() -> None:
    table = Table(["Tên"], [["Cầu Mỹ Thuận"], ["São Paulo"], ["3×33"]])
    assert repair_text(table) == []


def test_a_cell_made_to_fill_memory_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="dài hơn"):
        repair_text(Table(["Tên"], [["x" * (MAX_CELL + 1)]]))
