"""Files of what a list shows, for offices and for geographic systems, with the list's own filters.

Rows go through the same ``visible_to`` and masks as the page. Geometry is written by the database
as text or binary and never becomes an object here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

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
from sen.kernel.web.register import geofiles, listing, sheets, values
from sen.kernel.web.register.extras import PARAMETER, Extra, extras_of, with_extras
from sen.kernel.web.register.resource import Column, Kind, Resource

#: More rows than this are for the bulk interfaces (OGC API, Parquet), not for a click.
MAX_ROWS: Final = 200_000


def export_page(request: HttpRequest, path: str, fmt: str) -> HttpResponseBase:
    """``xuat.<format>`` of a register, with the query string of its list."""
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
    further = extras_of(resource)
    wanted = [further[name] for name in request.GET.getlist(PARAMETER) if name in further]
    columns = (*resource.columns, *(column for extra in wanted for column in extra.columns))
    rows = rows.order_by(resource.order, "id")
    record(
        act=f"{resource.rule.resource}.export",
        resource=resource.rule.resource,
        detail={"format": fmt, "query": request.GET.urlencode()},
    )
    content = _WRITERS[fmt](resource, actor, rows, columns, wanted)
    response = HttpResponse(content, content_type=sheets.CONTENT_TYPES[fmt])
    name = f"{slugify(str(resource.title)) or resource.slug}-{timezone.localdate():%Y%m%d}.{fmt}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def header_of(resource: Resource[Any], column: Column) -> str:
    """Label with its unit; the import of the same register reads these headers back."""
    label = resource.label_of(column)
    return f"{label} ({column.unit})" if column.unit else label


def field_names(columns: Sequence[Column]) -> list[str]:
    """Names of fields in files of geographic systems: an attribute bears its own, short one.

    Where two would be called the same, the later one keeps its whole name.
    """
    made: list[str] = []
    for column in columns:
        short = column.name.rpartition("__")[2]
        made.append(column.name if short in made else short)
    return made


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


def _csv(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
    wanted: Sequence[Extra],
) -> bytes:
    lines = _lines(resource, actor, rows, columns, wanted)
    return sheets.csv_file(_headers(resource, columns), lines)


def _xlsx(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
    wanted: Sequence[Extra],
) -> bytes:
    lines = _lines(resource, actor, rows, columns, wanted)
    return sheets.xlsx_file(str(resource.title), _headers(resource, columns), lines)


def _headers(resource: Resource[Any], columns: tuple[Column, ...]) -> list[str]:
    return [header_of(resource, column) for column in columns]


def _lines(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
    wanted: Sequence[Extra],
) -> Iterator[list[Any]]:
    read = ((row, None) for row in listing.read_rows(resource, actor, rows))
    for row, _nothing in with_extras(actor, read, wanted):
        yield [exported(resource, column, row) for column in columns]


def _geojson(
    resource: Resource[Any],
    actor: Actor,
    rows: ScopedQuerySet[Any],
    columns: tuple[Column, ...],
    wanted: Sequence[Extra],
) -> bytes:
    shaped = with_extras(
        actor, _with_geometry(resource, actor, rows, AsGeoJSON("geom", precision=7)), wanted
    )
    return sheets.geojson_file(
        field_names(columns),
        ((row.id, shape, _plain(row, columns)) for row, shape in shaped),
    )


def _shaped(write: Callable[..., bytes]) -> Writer:
    """A format of geographic systems, by what writes it."""

    def writer(
        resource: Resource[Any],
        actor: Actor,
        rows: ScopedQuerySet[Any],
        columns: tuple[Column, ...],
        wanted: Sequence[Extra],
    ) -> bytes:
        shaped = with_extras(actor, _with_geometry(resource, actor, rows, AsWKB("geom")), wanted)
        return write(
            resource.slug,
            field_names(columns),
            ((None if s is None else bytes(s), _plain(row, columns)) for row, s in shaped),
        )

    return writer


def _plain(row: listing.Row, columns: tuple[Column, ...]) -> list[Any]:
    return [values.plain_of(row.get(column.source)) for column in columns]


def _with_geometry(
    resource: Resource[Any], actor: Actor, rows: ScopedQuerySet[Any], shape: Any
) -> Iterator[tuple[listing.Row, Any]]:
    scope = actor.scope(resource.rule)
    found = rows.annotate(sen_shape=shape).values(*resource.related_paths(), "sen_shape")
    for record_values in found.iterator(chunk_size=5000):
        geometry = record_values.pop("sen_shape")
        yield listing.mask_row(scope, record_values), geometry


Writer = Callable[
    [Resource[Any], Actor, ScopedQuerySet[Any], tuple[Column, ...], Sequence[Extra]], bytes
]
_WRITERS: Final[dict[str, Writer]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _geojson,
    "gpkg": _shaped(sheets.gpkg_file),
    "fgb": _shaped(geofiles.fgb_file),
    "kml": _shaped(geofiles.kml_file),
    "shp.zip": _shaped(geofiles.shapefile_zip),
}
