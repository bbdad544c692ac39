"""Files as tables: columns, rows with the numbers that people see, geometry as WKB.

Plain text is read here; spreadsheets in ``sheets``, what GDAL reads in ``gis``, OpenStreetMap in
``osm``. The
content of a file decides how it is read, not its name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.content import looks_like_utf16, refuse
from sen.lib.text import detect_legacy, nfc

MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 1000
#: Rows times columns: what one import holds in memory.
MAX_CELLS: Final = 20_000_000
#: No name, code or note is as long; texts of this length are made to fill memory.
MAX_CELL: Final = 100_000
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
    #: What the file says of its coordinate system, in its own words.
    crs: str = ""
    layer: str = ""
    layers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def too_many_rows() -> InvalidInputError:
    return refuse(_("Tệp có hơn %(max)s dòng; hãy chia nhỏ.") % {"max": MAX_ROWS})


def check_size(columns: int, rows: int) -> None:
    """Refuse a table that is too wide or too large altogether.

    Raises:
        InvalidInputError: it has more columns or cells than one import takes.
    """
    if columns > MAX_COLUMNS:
        raise refuse(
            _("Tệp có %(n)s cột, nhiều hơn %(max)s; hãy bỏ bớt cột không dùng.")
            % {"n": columns, "max": MAX_COLUMNS}
        )
    if columns * rows > MAX_CELLS:
        raise refuse(
            _("Tệp có hơn %(max)s triệu ô; hãy chia nhỏ hoặc bỏ bớt cột.")
            % {"max": MAX_CELLS // 1_000_000}
        )


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
    table = from_grid(grid)
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


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _filled(row: Sequence[Any]) -> int:
    return sum(not _is_blank(cell) for cell in row)


def from_grid(grid: Grid) -> Table:
    """Header and rows out of a sheet: titles above the header and blank rows are left out."""
    widest = max((_filled(row) for row in grid[:HEADER_WITHIN]), default=0)
    if not widest:
        return Table([], [])
    check_size(max(len(row) for row in grid[:HEADER_WITHIN]), len(grid))
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
