"""Pages of the data standards; they are public, as the standards of the state are."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.kernel.errors import NotFoundError, SenError
from sen.kernel.problems import problem
from sen.kernel.standards.schema import schema_of
from sen.kernel.standards.standard import VERSION, Standard, standard, standards
from sen.kernel.standards.workbook import kind_name, template
from sen.kernel.web.errors import page_not_found

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All standards."""
    context = {"page_title": _("Chuẩn dữ liệu"), "standards": standards(), "version": VERSION}
    return render(request, "sen/standards/index.html", context)


@require_safe
def page(request: HttpRequest, kind: str) -> HttpResponse:
    """One standard, field by field."""
    try:
        found = standard(kind)
    except NotFoundError as error:
        return page_not_found(request, error)
    rows = [{"field": field, "kind": kind_name(field)} for field in found.fields]
    context = {
        "page_title": found.title,
        "standard": found,
        "rows": rows,
        "shapes": _shape_names(found),
        "version": VERSION,
    }
    return render(request, "sen/standards/page.html", context)


@require_safe
def schema(request: HttpRequest, kind: str) -> HttpResponse:
    """JSON Schema of one standard."""
    try:
        document = schema_of(standard(kind), request.build_absolute_uri(request.path))
    except SenError as error:
        return problem(request, error.as_problem())
    return HttpResponse(orjson.dumps(document), content_type="application/schema+json")


@require_safe
def workbook(request: HttpRequest, kind: str) -> HttpResponse:
    """Excel template of one standard."""
    try:
        content = template(standard(kind))
    except NotFoundError as error:
        return page_not_found(request, error)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="mau-{kind}.xlsx"'
    return response


def _shape_names(found: Standard) -> str:
    names = {"point": _("điểm"), "line": _("đường"), "polygon": _("vùng")}
    return ", ".join(names[shape] for shape in found.shapes)
