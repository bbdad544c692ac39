"""Every register as REST: list, item, create, change, delete; schemas from its declaration.

Values come from the same ``visible_to`` and masks as the pages, through ``.values()`` and orjson:
no object is built for a row. Unknown parameters are refused: a typing error must not silently
widen a query.
"""

from functools import cache
from typing import Any

import orjson
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import create_model

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import ScopedModel
from sen.kernel.errors import InvalidInputError, PermissionDeniedError
from sen.kernel.web.register import listing, values
from sen.kernel.web.register.filters import kind_of_filter
from sen.kernel.web.register.forms import RegisterForm, given_values
from sen.kernel.web.register.resource import Column, FilterKind, Kind, Resource, resources

PARAMETERS = ("q", "sort", "after", "before", "size", "geometry")
_TYPES: dict[Kind, Any] = {
    Kind.NUMBER: float,
    Kind.KM: float,
    Kind.MONEY: int,
    Kind.BOOLEAN: bool,
    Kind.REFERENCE: int,
    Kind.NUMBERS: list[float],
    Kind.JSON: Any,
}
_FIELD_TYPES: tuple[tuple[type[models.Field[Any, Any]], Any], ...] = (
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.DecimalField, float),
    (models.FloatField, float),
    (models.ForeignKey, int),
    (models.JSONField, Any),
    (ArrayField, list[Any]),
)
_FORM_TYPES: dict[str, Any] = {
    "number": float | str | None,
    "integer": int | None,
    "boolean": bool | None,
    "multichoice": list[str] | None,
}


def register_router(audience: str) -> Router:
    """The operations of all registers that the audience may know of."""
    made = Router(tags=["registers"])
    for resource in sorted(resources, key=lambda r: r.key):
        if audience == "public" and not resource.rule.public:
            continue
        _add(made, resource, writable=audience != "public")
    return made


def _name(resource: Resource[Any]) -> str:
    return "".join(part.capitalize() for part in resource.key.replace("-", ".").split("."))


@cache
def row_schema(resource: Resource[Any]) -> Any:
    """The shape of one row: every value may be null, because it may be masked."""
    fields: dict[str, Any] = {"id": (int, ...), "data_class": (int, ...), "version": (int, ...)}
    for column in resource.columns:
        kind = _type_of(resource, column)
        fields[column.name] = (kind if kind is Any else kind | None, None)
    fields["geometry"] = (dict[str, Any] | None, None)
    return create_model(_name(resource), **fields)


def _type_of(resource: Resource[Any], column: Column) -> Any:
    """What the value is in JSON: by the model field (a class is a number with words for it)."""
    field = resource.model_field(column.source)
    for cls, made in _FIELD_TYPES:
        if isinstance(field, cls):
            return made
    return _TYPES.get(resource.kind_of(column), str)


@cache
def page_schema(resource: Resource[Any], row: Any) -> Any:
    return create_model(
        f"{_name(resource)}Page",
        items=(list[row], ...),
        count=(int, ...),
        count_is_capped=(bool, ...),
        next=(str | None, None),
        previous=(str | None, None),
    )


@cache
def write_schema(resource: Resource[Any]) -> Any:
    """The body of create and change: the form's fields; change takes any subset with a version."""
    fields: dict[str, Any] = {
        item.name: (_FORM_TYPES.get(item.kind, Any), None) for item in resource.form_fields
    }
    fields["version"] = (int | None, None)
    fields["reason"] = (str | None, None)
    return create_model(f"{_name(resource)}Write", **fields)


def _add(made: Router, resource: Resource[Any], *, writable: bool) -> None:
    row = row_schema(resource)
    base = f"/{resource.path}"
    key = resource.key.replace(".", "_").replace("-", "_")
    parameters = _parameters(resource)

    def list_rows(request: HttpRequest) -> HttpResponse:
        return _list(resource, request)

    def get_row(request: HttpRequest, row_id: int) -> HttpResponse:
        return _item(resource, request, row_id)

    made.get(
        base,
        response={200: page_schema(resource, row)},
        operation_id=f"list_{key}",
        summary=str(resource.title),
        openapi_extra={"parameters": parameters},
    )(list_rows)
    made.get(f"{base}/{{int:row_id}}", response={200: row}, operation_id=f"get_{key}")(get_row)
    if writable:
        _add_writing(made, resource, base, key, row)


def _add_writing(made: Router, resource: Resource[Any], base: str, key: str, row: Any) -> None:
    if not resource.form:
        return
    body = write_schema(resource)

    def create_row(request: HttpRequest, data: body) -> HttpResponse:  # type: ignore[valid-type]
        return _write(resource, request, None, data)

    def change_row(request: HttpRequest, row_id: int, data: body) -> HttpResponse:  # type: ignore[valid-type]
        return _write(resource, request, row_id, data)

    if resource.create is not None:
        made.post(base, response={201: row}, operation_id=f"create_{key}")(create_row)
    if resource.update is not None:
        made.patch(f"{base}/{{int:row_id}}", response={200: row}, operation_id=f"change_{key}")(
            change_row
        )


def _parameters(resource: Resource[Any]) -> list[dict[str, Any]]:
    sortable = [column.name for column in resource.columns if column.sort]
    sorts = [*sortable, *(f"-{name}" for name in sortable)]
    found = [
        _parameter("q", {"type": "string", "maxLength": 200}),
        _parameter("size", {"type": "integer", "enum": list(listing.PAGE_SIZES)}),
        _parameter("after", {"type": "string"}),
        _parameter("before", {"type": "string"}),
        _parameter("geometry", {"type": "integer", "enum": [0, 1]}),
    ]
    if sorts:
        found.append(_parameter("sort", {"type": "string", "enum": sorts}))
    for item in resource.filters:
        kind = kind_of_filter(resource, item)
        for name in _filter_names(item.name, kind):
            schema = _FILTER_SCHEMAS.get(kind, {"type": "string"})
            if kind is FilterKind.CHOICE and (choices := resource.choices_of(item.source)):
                schema = {"type": "string", "enum": [str(value) for value in choices]}
            found.append(_parameter(name, schema))
    return found


_FILTER_SCHEMAS: dict[FilterKind, dict[str, Any]] = {
    FilterKind.RANGE: {"type": "number"},
    FilterKind.DATES: {"type": "string", "format": "date"},
    FilterKind.BOOLEAN: {"type": "integer", "enum": [0, 1]},
    FilterKind.REFERENCE: {"type": "integer"},
}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _filter_names(name: str, kind: FilterKind) -> list[str]:
    if kind in (FilterKind.RANGE, FilterKind.DATES):
        return [f"{name}_min", f"{name}_max"]
    return [name]


def _check_parameters(resource: Resource[Any], request: HttpRequest) -> None:
    known = set(PARAMETERS)
    for item in resource.filters:
        known |= set(_filter_names(item.name, kind_of_filter(resource, item)))
    unknown = sorted(set(request.GET) - known)
    if unknown:
        raise InvalidInputError(
            {
                name: _("Tham số không có; các tham số dùng được: %(known)s.")
                % {"known": ", ".join(sorted(known))}
                for name in unknown
            }
        )
    size = request.GET.get("size")
    if size and listing.size_of(request.GET) != int(size if size.isdecimal() else 0):
        raise InvalidInputError({"size": _("Chọn một trong: 25, 50, 100, 200.")})
    sort = request.GET.get("sort")
    if sort and listing.order_of(resource, request.GET).path != _path(resource, sort):
        raise InvalidInputError({"sort": _("Không sắp xếp được theo cột này.")})


def _path(resource: Resource[Any], sort: str) -> str:
    column = resource.columns_by_name.get(sort.lstrip("-"))
    return column.source if column is not None and column.sort else ""


def _list(resource: Resource[Any], request: HttpRequest) -> HttpResponse:
    if not resource.may(actor_of(request), "view"):
        raise Http404
    _check_parameters(resource, request)
    page = listing.page(resource, actor_of(request), request.GET)
    if page.errors:
        raise InvalidInputError(dict(page.errors))
    shapes = _shapes(resource, request, [row.id for row in page.rows])
    versions = _versions(resource, request, [row.id for row in page.rows])
    body = {
        "items": [_row(resource, row, versions, shapes) for row in page.rows],
        "count": page.count,
        "count_is_capped": page.count_is_capped,
        "next": page.next_cursor or None,
        "previous": page.previous_cursor or None,
    }
    return _json(request, body)


def _item(
    resource: Resource[Any], request: HttpRequest, row_id: int, status: int = 200
) -> HttpResponse:
    rows = resource.rows(actor_of(request)).filter(pk=row_id)
    found = next(iter(listing.read_rows(resource, actor_of(request), rows)), None)
    if found is None:
        raise Http404
    shapes = _shapes(resource, request, [row_id], always=True)
    versions = _versions(resource, request, [row_id])
    return _json(request, _row(resource, found, versions, shapes), status)


def _row(
    resource: Resource[Any],
    row: listing.Row,
    versions: dict[int, int],
    shapes: dict[int, Any],
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": row.id,
        "data_class": row.get(resource.rule.class_field),
        "version": versions[row.id],
    }
    for column in resource.columns:
        body[column.name] = values.plain_of(row.get(column.source))
    if row.id in shapes:
        body["geometry"] = shapes[row.id]
    return body


def _versions(resource: Resource[Any], request: HttpRequest, ids: list[int]) -> dict[int, int]:
    rows = resource.rows(actor_of(request)).filter(pk__in=ids)
    return dict(rows.values_list("pk", "version"))


def _shapes(
    resource: Resource[Any], request: HttpRequest, ids: list[int], *, always: bool = False
) -> dict[int, Any]:
    """GeoJSON made by the database, when asked for and when the rows have a place."""
    asked = always or request.GET.get("geometry") == "1"
    if not asked or resource.model_field("geom") is None or "geom" in resource.rule.masks:
        return {}
    rows = (
        resource.rows(actor_of(request))
        .filter(pk__in=ids)
        .annotate(sen_shape=AsGeoJSON(F("geom"), precision=7))
    )
    return {
        pk: orjson.loads(text) if text else None for pk, text in rows.values_list("pk", "sen_shape")
    }


def _write(
    resource: Resource[Any], request: HttpRequest, row_id: int | None, data: Any
) -> HttpResponse:
    actor = actor_of(request)
    act = "add" if row_id is None else "change"
    if not resource.may(actor, act):
        raise PermissionDeniedError(resource.rule.permission(act))
    row: ScopedModel | None = None
    given = data.model_dump(exclude_unset=True)
    if row_id is not None:
        row = resource.rows(actor, act).filter(pk=row_id).first()
        if row is None:
            raise Http404
        if given.get("version") is None:
            raise InvalidInputError({"version": _("Gửi kèm phiên bản đã đọc để không ghi đè.")})
    form = RegisterForm(resource, actor, row, given_values(resource, actor, row, given))
    written = form.save() if form.is_valid() else None
    if written is None:
        raise InvalidInputError(
            {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        )
    return _item(resource, request, written.pk, 201 if row is None else 200)


def _json(request: HttpRequest, body: Any, status: int = 200) -> HttpResponse:
    if actor_of(request).kind.value == "ANONYMOUS":
        caching = "public, max-age=60"
    else:
        caching = "private, no-store"
    return HttpResponse(
        orjson.dumps(body, default=str),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": caching, "Vary": "Authorization, Cookie"},
    )
