"""Files as tables: columns, rows with the numbers that people see, geometry as WKB.

GeoPackage, zipped Shapefile, GeoJSON and everything else that GDAL reads go through pyogrio;
XLSX through calamine; CSV and OSM extracts have readers of their own.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import pyogrio.raw
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from sen.kernel.errors import InvalidInputError
from sen.lib.text import detect_legacy, from_tcvn3, from_vni, nfc

MAX_ROWS: Final = 1_000_000
MAX_UNZIPPED: Final = 2 * 1024**3
ENCODINGS: Final = ("utf-8-sig", "utf-16", "cp1258", "cp1252")


@dataclass(slots=True)
class Table:
    """A file as read. ``srid`` is None where the file does not say its coordinate system.

    Shapes: ``shapes`` is empty or has one WKB (or None) for each row.
    """

    columns: list[str]
    rows: list[list[Any]]
    first_row: int = 2
    shapes: list[bytes | None] = field(default_factory=list)
    srid: int | None = None
    crs_text: str = ""
    layer: str = ""
    layers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_table(path: Path, *, layer: str = "", name: str = "") -> Table:
    """Read a file by what it is (the name decides among text formats only).

    Raises:
        InvalidInputError: the file is of no known kind, empty, damaged or too large.
    """
    suffix = Path(name or path.name).suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        known = ", ".join(sorted(_READERS))
        raise InvalidInputError(
            {
                "file": _("Không đọc được tệp “%(suffix)s”; dùng một trong: %(known)s.")
                % {"suffix": suffix or name, "known": known}
            }
        )
    table = reader(path, layer)
    if not table.rows:
        raise InvalidInputError({"file": _("Tệp không có dòng dữ liệu nào.")})
    if len(table.rows) > MAX_ROWS:
        raise InvalidInputError(
            {"file": _("Tệp có hơn %(max)s dòng; hãy chia nhỏ.") % {"max": MAX_ROWS}}
        )
    _repair_text(table)
    return table


def _read_csv(path: Path, _layer: str) -> Table:
    raw = path.read_bytes()
    text, encoding = _decoded(raw)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    lines = [row for row in csv.reader(io.StringIO(text), dialect) if any(c.strip() for c in row)]
    if not lines:
        return Table([], [])
    table = Table([_clean(c) for c in lines[0]], [list(row) for row in lines[1:]])
    if encoding not in ("utf-8-sig", "utf-16"):
        table.notes.append(_("Tệp không phải UTF-8; đã đọc theo %(name)s.") % {"name": encoding})
    _check_width(table)
    return table


def _decoded(raw: bytes) -> tuple[str, str]:
    for encoding in ENCODINGS:
        if encoding == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), "latin-1"


def _read_xlsx(path: Path, layer: str) -> Table:
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if layer and layer not in names:
            raise InvalidInputError(
                {
                    "layer": _("Không có trang tính “%(name)s”; tệp có: %(names)s.")
                    % {"name": layer, "names": ", ".join(names)}
                }
            )
        sheet = layer or names[0]
        cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InvalidInputError(
            {"file": _("Tệp bảng tính bị hỏng hoặc được bảo vệ: %(why)s") % {"why": error}}
        ) from error
    start = next((i for i, row in enumerate(cells) if any(str(c).strip() for c in row)), None)
    if start is None:
        return Table([], [], layer=sheet, layers=names)
    rows = [list(row) for row in cells[start + 1 :]]
    while rows and not any(str(c).strip() for c in rows[-1]):
        rows.pop()
    columns = [_clean(str(c)) for c in cells[start]]
    return Table(columns, rows, first_row=start + 2, layer=sheet, layers=names)


def _read_gdal(path: Path, layer: str) -> Table:
    source = f"/vsizip/{path}" if zipfile.is_zipfile(path) else str(path)
    _check_zip(path)
    try:
        layers = [str(name) for name, _kind in pyogrio.list_layers(source)]
        if not layers:
            raise InvalidInputError({"file": _("Tệp không có lớp dữ liệu nào.")})
        if layer and layer not in layers:
            raise InvalidInputError(
                {
                    "layer": _("Không có lớp “%(name)s”; tệp có: %(names)s.")
                    % {"name": layer, "names": ", ".join(layers)}
                }
            )
        chosen = layer or layers[0]
        meta, _fids, shapes, data = pyogrio.raw.read(
            source, layer=chosen, force_2d=True, datetime_as_string=True
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InvalidInputError(
            {"file": _("Không đọc được tệp: %(why)s") % {"why": error}}
        ) from error
    rows = _rows_of(data, len(shapes) if shapes is not None else None)
    crs = str(meta.get("crs") or "")
    table = Table([str(c) for c in meta["fields"]], rows, first_row=1, layer=chosen, layers=layers)
    table.shapes = [None if s is None else bytes(s) for s in shapes] if shapes is not None else []
    table.srid, table.crs_text = _srid_of(crs), crs[:200]
    if path.suffix.lower() in (".geojson", ".json") and table.srid is None:
        table.srid = 4326
    return table


def _rows_of(data: Sequence[np.ndarray[Any, Any]], count: int | None) -> list[list[Any]]:
    if not data:
        return [[] for _row in range(count or 0)]
    columns = [[_plain(value) for value in column.tolist()] for column in data]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value


def _srid_of(crs: str) -> int | None:
    authority, _sep, code = crs.partition(":")
    return int(code) if authority.upper() == "EPSG" and code.isdigit() else None


def _check_zip(path: Path) -> None:
    """Refuse an archive that unpacks to something enormous (ASVS 5.2.3)."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        size = sum(item.file_size for item in archive.infolist())
    if size > MAX_UNZIPPED:
        raise InvalidInputError({"file": _("Tệp nén chứa quá nhiều dữ liệu.")})


def _check_width(table: Table) -> None:
    width = len(table.columns)
    wrong = [i for i, row in enumerate(table.rows, table.first_row) if len(row) > width]
    if wrong:
        raise InvalidInputError(
            {
                "file": _("Dòng %(row)s có nhiều ô hơn dòng tiêu đề; kiểm tra dấu phân cách.")
                % {"row": wrong[0]}
            }
        )
    for row in table.rows:
        row.extend([""] * (width - len(row)))


def _clean(text: str) -> str:
    return " ".join(nfc(text).split())


def _repair_text(table: Table) -> None:
    """NFC everywhere; columns in TCVN3 or VNI (fonts of the nineties) become Unicode."""
    for number, name in enumerate(table.columns):
        sample = " ".join(
            str(row[number]) for row in table.rows[:500] if isinstance(row[number], str)
        )
        legacy = detect_legacy(sample) if sample else None
        convert: Callable[[str], str] = {"tcvn3": from_tcvn3, "vni": from_vni}.get(
            legacy or "", nfc
        )
        for row in table.rows:
            value = row[number]
            if isinstance(value, str):
                row[number] = nfc(convert(value)).strip()
        if legacy:
            table.notes.append(
                _("Cột “%(name)s” dùng bảng mã %(legacy)s; đã chuyển sang Unicode.")
                % {"name": name, "legacy": legacy.upper()}
            )


_GDAL_SUFFIXES: Final = (
    ".gpkg", ".zip", ".shp", ".geojson", ".json", ".fgb", ".kml", ".kmz", ".tab", ".mif", ".gml",
)  # fmt: skip
_READERS: dict[str, Callable[[Path, str], Table]] = {
    ".csv": _read_csv,
    ".txt": _read_csv,
    ".xlsx": _read_xlsx,
    ".xls": _read_xlsx,
    ".ods": _read_xlsx,
    **dict.fromkeys(_GDAL_SUFFIXES, _read_gdal),
}
