"""Files of what a list shows: CSV, XLSX, GeoJSON and GeoPackage, with the list's own filters.

Rows go through the same ``visible_to`` and masks as the page. Geometry is written by the database
as text or binary and never becomes an object here.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyogrio.raw
import xlsxwriter
from django.contrib.gis.db.models.functions import AsGeoJSON, AsWKB
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.querysets import ScopedQuerySet
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError
from sen.kernel.web.register import listing, values
from sen.kernel.web.register.resource import Column, Kind, Resource

#: More rows than this are for the bulk interfaces (OGC API, Parquet), not for a click.
MAX_ROWS: Final = 200_000
#: What a spreadsheet would run as a formula when a cell begins with it (OWASP CSV injection).
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def export_page(request: HttpRequest, path: str, fmt: str) -> HttpResponseBase:
    """``xuat.csv|xlsx|geojson|gpkg`` of a register, with the query string of its list."""
    from sen.kernel.web.register.views import needs_sign_in, resource_for, to_sign_in

    if needs_sign_in(request):
        return to_sign_in(request)
    act = "view" if not request.path.startswith("/ql/") else "export"
    resource = resource_for(request, path, act)
    actor = actor_of(request)
    rows, errors = listing.filtered(resource, actor, request.GET, act)
    if errors:
        raise InvalidInputError(errors)
    if rows.order_by()[: MAX_ROWS + 1].count() > MAX_ROWS:
        raise InvalidInputError(
            {
                "": _("Kết quả có hơn %(max)s dòng; hãy lọc bớt hoặc dùng OGC API.")
                % {"max": MAX_ROWS}
            }
        )
    columns = tuple(resource.columns)
    rows = rows.order_by(resource.order, "id")
    record(
        act=f"{resource.rule.resource}.export",
        resource=resource.rule.resource,
        detail={"format": fmt, "query": request.GET.urlencode()},
    )
    response = _WRITERS[fmt](resource, actor, rows, columns)
    name = f"{slugify(str(resource.title)) or resource.slug}-{timezone.localdate():%Y%m%d}.{fmt}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def header_of(resource: Resource[Any], column: Column) -> str:
    """Label with its unit; the import of the same register reads these headers back."""
    label = resource.label_of(column)
    return f"{label} ({column.unit})" if column.unit else label


def exported(resource: Resource[Any], column: Column, row: listing.Row) -> Any:
    """One value for a file: choices by their label, numbers and dates as such."""
    value = row.get(column.source)
    if value is None:
        return None
    kind = resource.kind_of(column)
    if kind is Kind.NUMBERS:
        return values.numbers_text(value)
    if kind in (Kind.CHOICE, Kind.KM, Kind.BOOLEAN):
        return values.text_of(resource, column, value)
    return values.plain_of(value)


def unformula(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _csv(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
) -> HttpResponseBase:
    buffer = io.StringIO()
    buffer.write("\ufeff")  # spreadsheets take UTF-8 for granted only with it
    writer = csv.writer(buffer)
    writer.writerow([header_of(resource, column) for column in columns])
    for row in listing.read_rows(resource, actor, rows):
        writer.writerow([unformula(exported(resource, c, row)) for c in columns])
    return HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")


def _xlsx(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
) -> HttpResponseBase:
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E4F0EE", "text_wrap": True})
        sheet = book.add_worksheet(str(resource.title)[:31])
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            sheet.write_string(0, number, header_of(resource, column), head)
            sheet.set_column(number, number, 18)
        for line, row in enumerate(listing.read_rows(resource, actor, rows), 1):
            for number, column in enumerate(columns):
                value = exported(resource, column, row)
                if value is not None:
                    sheet.write(line, number, value)
        sheet.autofilter(0, 0, max(1, rows.count()), len(columns) - 1)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return HttpResponse(buffer.getvalue(), content_type=kind)


def _geojson(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
) -> HttpResponseBase:
    body = b"".join(_geojson_parts(resource, actor, rows, columns))
    return HttpResponse(body, content_type="application/geo+json")


def _geojson_parts(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
) -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    for number, (row, shape) in enumerate(
        _with_geometry(resource, actor, rows, AsGeoJSON("geom", precision=7))
    ):
        properties = {c.name: values.plain_of(row.get(c.source)) for c in columns}
        geometry = shape.encode() if shape else b"null"
        yield (
            (b"," if number else b"")
            + b'{"type":"Feature","id":'
            + str(row.id).encode()
            + b',"geometry":'
            + geometry
            + b',"properties":'
            + orjson.dumps(properties, default=str)
            + b"}"
        )
    yield b"]}"


def _with_geometry(
    resource: Resource[Any], actor: Actor, rows: ScopedQuerySet[Any], shape: Any
) -> Iterator[tuple[listing.Row, Any]]:
    scope = actor.scope(resource.rule)
    found = rows.annotate(sen_shape=shape).values(*resource.related_paths(), "sen_shape")
    for record_values in found.iterator(chunk_size=5000):
        geometry = record_values.pop("sen_shape")
        yield listing.mask_row(scope, record_values), geometry


def _gpkg(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
) -> HttpResponseBase:
    shapes: list[bytes | None] = []
    table: list[list[Any]] = [[] for _column in columns]
    for row, shape in _with_geometry(resource, actor, rows, AsWKB("geom")):
        shapes.append(bytes(shape) if shape is not None else None)
        for number, column in enumerate(columns):
            table[number].append(values.plain_of(row.get(column.source)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.gpkg"
        pyogrio.raw.write(
            path,
            geometry=np.array(shapes, dtype=object),
            field_data=[_array(cells) for cells in table],
            fields=np.array([column.name for column in columns], dtype=object),
            layer=resource.slug,
            driver="GPKG",
            geometry_type="Unknown",
            crs="EPSG:4326",
        )
        content = path.read_bytes()
    return HttpResponse(content, content_type="application/geopackage+sqlite3")


def _array(cells: list[Any]) -> np.ndarray[Any, Any]:
    """Numbers where every value is one, text otherwise."""
    known = [cell for cell in cells if cell is not None]
    if known and all(
        isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in known
    ):
        return np.array([np.nan if cell is None else cell for cell in cells], dtype="float64")
    return np.array([None if cell is None else str(cell) for cell in cells], dtype=object)


Writer = Callable[[Resource[Any], Actor, ScopedQuerySet[Any], tuple[Column, ...]], HttpResponseBase]
_WRITERS: Final[dict[str, Writer]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _geojson,
    "gpkg": _gpkg,
}
