"""Files as tables: columns, rows with the numbers that people see, geometry as WKB.

CSV and spreadsheets are read here; what GDAL reads in ``gis``, OpenStreetMap in ``osm``. The
content of a file decides how it is read, not its name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.content import looks_like_utf16, refuse
from sen.lib.text import detect_legacy, from_tcvn3, from_vni, nfc

MAX_ROWS: Final = 1_000_000
#: A header is looked for in so many first rows.
HEADER_WITHIN: Final = 30
DELIMITERS: Final = (";", ",", "\t", "|")
Grid = list[list[Any]]


@dataclass(slots=True)
class Table:
    """A file as read. ``srid`` is None where the file does not say its coordinate system.

    Shapes: ``numbers`` has the number of each row as a person sees it; ``shapes`` is empty or has
    one WKB (or None) for each row.
    """

    columns: list[str]
    rows: Grid
    numbers: list[int] = field(default_factory=list)
    shapes: list[bytes | None] = field(default_factory=list)
    srid: int | None = None
    layer: str = ""
    layers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def too_many_rows() -> InvalidInputError:
    return refuse(_("Tệp có hơn %(max)s dòng; hãy chia nhỏ.") % {"max": MAX_ROWS})


def read_csv(path: Path) -> Table:
    """A text table: comma, semicolon, tab or bar; UTF-8, UTF-16 or an old Vietnamese code page.

    Raises:
        InvalidInputError: a row has more cells than the header.
    """
    text, encoding = _decoded(path.read_bytes())
    delimiter = _delimiter(text)
    grid: Grid = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            grid.append(list(cells))
            if len(grid) > MAX_ROWS + HEADER_WITHIN:
                raise too_many_rows()
    except csv.Error as error:
        raise refuse(_("Tệp CSV bị hỏng: %(why)s") % {"why": error}) from error
    if grid and grid[0] and grid[0][0].startswith("sep=") and len(grid[0]) <= 2:
        grid[0] = []
    table = _from_grid(grid)
    if encoding not in ("utf-8-sig", "utf-16"):
        table.notes.append(_("Tệp không phải UTF-8; đã đọc theo %(name)s.") % {"name": encoding})
    return table


def _decoded(raw: bytes) -> tuple[str, str]:
    """The text and the name of its encoding.

    Old Vietnamese fonts (TCVN3, VNI) kept their letters in the codes of Western ones, which the
    Vietnamese code page of Windows (1258) partly replaces: they are looked for first.
    """
    if looks_like_utf16(raw[:4096]):
        order = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else _utf16_order(raw)
        return raw.decode(order, errors="replace"), "utf-16"
    try:
        return raw.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError:
        pass
    western = raw.decode("latin-1")
    if detect_legacy(western[:200_000]):
        return western, "latin-1"
    for encoding in ("cp1258", "cp1252"):
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return western, "latin-1"


def _utf16_order(raw: bytes) -> str:
    return "utf-16-be" if raw[0:400:2].count(0) > raw[1:400:2].count(0) else "utf-16-le"


def _delimiter(text: str) -> str:
    """What separates the cells: the sign that most of the first lines have most often."""
    lines = [line for line in text[:20_000].splitlines()[:HEADER_WITHIN] if line.strip()]
    if lines and lines[0].startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]
    counts = {sign: sorted(_outside_quotes(line, sign) for line in lines) for sign in DELIMITERS}
    middle = len(lines) // 2
    best = max(DELIMITERS, key=lambda sign: counts[sign][middle] if lines else 0)
    return best if lines and counts[best][middle] else ","


def _outside_quotes(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])


def read_sheet(path: Path, layer: str) -> Table:
    """A sheet of a workbook (XLSX, XLS, ODS).

    Raises:
        InvalidInputError: the workbook is damaged or locked, or has no such sheet.
    """
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
        names = book.sheet_names
        if not names:
            raise refuse(_("Tệp bảng tính không có trang tính nào."))
        if layer and layer not in names:
            raise InvalidInputError(
                {
                    "layer": _("Không có trang tính “%(name)s”; tệp có: %(names)s.")
                    % {"name": layer, "names": ", ".join(names)}
                }
            )
        sheet = layer or names[0]
        cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except PasswordError as error:
        raise refuse(_("Bảng tính có mật khẩu; hãy bỏ mật khẩu rồi gửi lại.")) from error
    except (CalamineError, OSError, ValueError) as error:
        raise refuse(_("Tệp bảng tính bị hỏng: %(why)s") % {"why": error}) from error
    if len(cells) > MAX_ROWS + HEADER_WITHIN:
        raise too_many_rows()
    table = _from_grid([list(row) for row in cells])
    table.layer, table.layers = sheet, names
    return table


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _filled(row: Sequence[Any]) -> int:
    return sum(not _is_blank(cell) for cell in row)


def _from_grid(grid: Grid) -> Table:
    """Header and rows out of a sheet: titles above the header and blank rows are left out."""
    widest = max((_filled(row) for row in grid[:HEADER_WITHIN]), default=0)
    if not widest:
        return Table([], [])
    start = next(i for i, row in enumerate(grid) if _filled(row) * 2 >= widest)
    columns = [clean(str(cell)) if not _is_blank(cell) else "" for cell in grid[start]]
    while columns and not columns[-1]:
        columns.pop()
    table = Table(columns, [])
    for number, row in enumerate(grid[start + 1 :], start + 2):
        if not _filled(row):
            continue
        while len(row) > len(columns) and _is_blank(row[-1]):
            row.pop()
        if len(row) > len(columns):
            raise refuse(
                _("Dòng %(row)s có nhiều ô hơn dòng tiêu đề; kiểm tra dấu phân cách.")
                % {"row": number}
            )
        table.rows.append(row + [""] * (len(columns) - len(row)))
        table.numbers.append(number)
    return table


def clean(text: str) -> str:
    return " ".join(nfc(text).split())


def repair_text(table: Table) -> None:
    """NFC everywhere; text in TCVN3, VNI or wrongly read UTF-8 becomes what it was meant to be."""
    mend, _name = _mender(" ".join(table.columns))
    table.columns = [clean(mend(name)) for name in table.columns]
    for number, column in enumerate(table.columns):
        texts = [row[number] for row in table.rows if isinstance(row[number], str)]
        if not texts:
            continue
        mend, name = _mender(" ".join(text for text in texts[:2000] if not text.isascii()))
        for row in table.rows:
            value = row[number]
            if isinstance(value, str):
                row[number] = value.strip() if value.isascii() else nfc(mend(value)).strip()
        if name:
            table.notes.append(
                _("Cột “%(name)s” dùng bảng mã %(legacy)s; đã chuyển sang Unicode.")
                % {"name": column, "legacy": name}
            )


def _mender(sample: str) -> tuple[Callable[[str], str], str]:
    """What mends a text like the sample, and the name of the old encoding."""
    if not sample or sample.isascii():
        return nfc, ""
    if _is_twice_encoded(sample):
        return _decode_again, _("UTF-8 (đọc sai)")
    legacy = detect_legacy(sample)
    if legacy == "tcvn3":
        return from_tcvn3, "TCVN3"
    if legacy == "vni":
        return from_vni, "VNI"
    return nfc, ""


def _is_twice_encoded(sample: str) -> bool:
    try:
        return sample.encode("latin-1").decode("utf-8") != sample
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False


def _decode_again(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text
