"""Rows as files: CSV, XLSX, GeoJSON and GeoPackage, whatever table they come from."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import shapely

CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "fgb": "application/octet-stream",
    "kml": "application/vnd.google-earth.kml+xml",
    "shp.zip": "application/zip",
}
#: What a spreadsheet would run as a formula when a cell begins with it (OWASP CSV injection).
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")

Cells = Sequence[Any]


def unformula(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def plain(value: Any) -> Any:
    """A cell of a table: what is made of parts is written as JSON."""
    if isinstance(value, dict | list | tuple):
        return orjson.dumps(value, default=str).decode()
    return unformula(value)


def csv_file(headers: Sequence[str], rows: Iterable[Cells]) -> bytes:
    buffer = io.StringIO()
    buffer.write("\ufeff")  # spreadsheets take UTF-8 for granted only with it
    writer = csv.writer(buffer)
    writer.writerow(headers)
    for cells in rows:
        writer.writerow([plain(cell) for cell in cells])
    return buffer.getvalue().encode()


def xlsx_file(title: str, headers: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """One sheet with a frozen head and a filter on each column."""
    import xlsxwriter  # heavy, and few ask for files

    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E4F0EE", "text_wrap": True})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        for number, header in enumerate(headers):
            sheet.write_string(0, number, header, head)
            sheet.set_column(number, number, 18)
        line = 0
        for line, cells in enumerate(rows, 1):
            for number, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(line, number, plain(cell))
        sheet.autofilter(0, 0, max(1, line), len(headers) - 1)
    return buffer.getvalue()


def geojson_file(names: Sequence[str], features: Iterable[tuple[int, str | None, Cells]]) -> bytes:
    """Shapes: (id, geometry as GeoJSON text, values)."""
    return b"".join(_geojson_parts(names, features))


def _geojson_parts(
    names: Sequence[str], features: Iterable[tuple[int, str | None, Cells]]
) -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    for number, (row_id, shape, cells) in enumerate(features):
        yield (
            (b"," if number else b"")
            + b'{"type":"Feature","id":'
            + str(row_id).encode()
            + b',"geometry":'
            + (shape.encode() if shape else b"null")
            + b',"properties":'
            + orjson.dumps(dict(zip(names, cells, strict=True)), default=str)
            + b"}"
        )
    yield b"]}"


def gpkg_file(
    layer: str, names: Sequence[str], features: Iterable[tuple[bytes | None, Cells]]
) -> bytes:
    """Shapes: (geometry as WKB in WGS 84, values)."""
    import pyogrio.raw  # heavy, and few ask for files

    shapes: list[bytes | None] = []
    table: list[list[Any]] = [[] for _name in names]
    for shape, cells in features:
        shapes.append(shape)
        for number, cell in enumerate(cells):
            table[number].append(cell)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.gpkg"
        kind, geometry = of_one_type(shapes)
        pyogrio.raw.write(
            path,
            geometry=geometry,
            field_data=[array_of(column) for column in table],
            fields=np.array(list(names), dtype=object),
            layer=layer,
            driver="GPKG",
            geometry_type=kind,
            crs="EPSG:4326",
        )
        return path.read_bytes()


def of_one_type(shapes: Sequence[bytes | None]) -> tuple[str, np.ndarray[Any, Any]]:
    """The geometry type that a layer declares, and the shapes (WKB) as that type.

    Single and multiple shapes of one dimension are written as multiple ones; only points among
    lines or areas leave the type ``Unknown``, as does a layer without any shape.
    """
    found = shapely.from_wkb(np.array(shapes, dtype=object))
    there = [shape for shape in found if shape is not None]
    kinds = {str(shape.geom_type) for shape in there}
    if len(kinds) == 1:
        return kinds.pop(), np.array(shapes, dtype=object)
    if len({kind.removeprefix("Multi") for kind in kinds}) != 1:
        return "Unknown", np.array(shapes, dtype=object)
    made = [None if shape is None else bytes(shapely.to_wkb(multiple(shape))) for shape in found]
    return str(multiple(there[0]).geom_type), np.array(made, dtype=object)


def multiple(shape: Any) -> Any:
    """A shape as the multiple one of its dimension."""
    makers = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)
    return makers[int(shapely.get_dimensions(shape))](shapely.get_parts(shape))


def array_of(cells: list[Any]) -> np.ndarray[Any, Any]:
    """Numbers where every value is one, text otherwise."""
    known = [cell for cell in cells if cell is not None]
    if known and all(
        isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in known
    ):
        return np.array([np.nan if cell is None else cell for cell in cells], dtype="float64")
    return np.array([None if cell is None else str(cell) for cell in cells], dtype=object)
