"""Taking a raster in, placing it, and choosing layers of a service."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sen.connectors.mapservices import describe
from sen.connectors.rasters.converting import preview
from sen.domains.imagery.jobs import queue_conversion
from sen.domains.imagery.models import Overlay, Raster
from sen.domains.imagery.rules import LEAST
from sen.domains.imagery.selectors.placing import TARGETS, known_system, residuals, ways_to_read
from sen.domains.imagery.services import add_raster, confirm_place, keep_points
from sen.domains.imagery.web.forms import RasterForm
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.imports.pictures import distance_text, picture_of
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, resource_for, row_for, to_sign_in
from sen.lib.errors import InputError
from sen.lib.vn2000 import SRIDS, parse_coordinate

PATH: Final = "imagery/rasters"
BLANK_ROWS: Final = 3


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A new raster."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource_for(request, PATH, "add")
    form = RasterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        file, world = said.pop("file"), said.pop("world")
        try:
            row = add_raster(
                actor=actor_of(request),
                file_name=file.name,
                chunks=file.chunks(),
                world=world.read() if world else b"",
                **said,
            )
        except InvalidInputError as error:
            for name, text in error.fields.items():
                form.add_error(name if name in form.fields else None, text)
        else:
            return redirect("imagery_place", row.pk)
    status = 422 if form.errors else 200
    context = {"page_title": _("Nạp ảnh"), "form": form, "breadcrumbs": _crumbs()}
    return render(request, "imagery/upload.html", context, status=status)


@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm where a raster lies, or go on to its control points."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = _row(request, number)
    if row.said.get("transform") is None or request.GET.get("diem"):
        return points(request, number)
    error: SenError | None = None
    if request.method == "POST":
        try:
            text = request.POST.get("srid", "")
            confirm_place(
                actor=actor_of(request),
                row=row,
                version=_version(request),
                srid=int(text) if text.isdigit() else 0,
            )
            return _queued(request, row)
        except SenError as found:
            error = found
    ways = [
        {
            "way": way,
            "picture": picture_of(way.points, way.name),
            "distance": distance_text(way.points),
        }
        for way in ways_to_read(row)
    ]
    context = {
        "page_title": _("Ảnh nằm ở đâu?"),
        "row": row,
        "ways": ways,
        "error": error,
        "breadcrumbs": _crumbs(row),
    }
    return render(request, "imagery/place.html", context, status=error.status if error else 200)


@require_http_methods(["GET", "POST"])
def points(request: HttpRequest, number: int) -> HttpResponse:
    """Control points of a scan with their residuals."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = _row(request, number)
    error: SenError | None = None
    typed = [_typed(one) for one in row.points]
    if request.method == "POST":
        try:
            typed = _rows(request)
            keep_points(
                actor=actor_of(request),
                row=row,
                version=_version(request),
                points=_read(typed, _system(request)),
                method=request.POST.get("method", ""),
                srid=_system(request),
                bend="bend" in request.POST,
            )
            if "bend" in request.POST:
                return _queued(request, row)
            return redirect("imagery_points", row.pk)
        except SenError as found:
            error = found
    context = {
        "page_title": _("Nắn ảnh theo điểm khống chế"),
        "row": row,
        "rows": _with_residuals(row, typed) + [{}] * BLANK_ROWS,
        "methods": [
            (value, label, LEAST[Raster.Bending(value).value])  # type: ignore[index]
            for value, label in Raster.Bending.choices
        ],
        "targets": [(srid, SRIDS[srid].meridian_text) for srid in TARGETS],
        "error": error,
        "breadcrumbs": _crumbs(row),
    }
    return render(request, "imagery/points.html", context, status=error.status if error else 200)


def _system(request: HttpRequest) -> int:
    text = request.POST.get("srid", "")
    return int(text) if text.isdigit() and int(text) in TARGETS else TARGETS[0]


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() else None


def _rows(request: HttpRequest) -> list[dict[str, str]]:
    """The rows of the table in which something stands."""
    columns = [request.POST.getlist(name) for name in ("px", "py", "at")]
    rows = [
        {"px": px.strip(), "py": py.strip(), "at": at.strip()}
        for px, py, at in zip(*columns, strict=False)
    ]
    return [row for row in rows if row["at"] or (row["px"] and row["py"])]


def _read(rows: list[dict[str, str]], srid: int) -> list[dict[str, float]]:
    """The points; metres are read as those of the chosen system before any other."""
    found = []
    for number, row in enumerate(rows, 1):
        try:
            px, py = (float(row[name].replace(",", ".")) for name in ("px", "py"))
            place, *_others = parse_coordinate(row["at"], srids=(srid, *TARGETS, 3405))
        except (ValueError, InputError) as error:
            raise InvalidInputError(
                {"points": _("Điểm %(n)s: hãy ghi vị trí trên ảnh và tọa độ thực địa (%(why)s).")
                 % {"n": number, "why": str(error)[:120]}}
            ) from error  # fmt: skip
        found.append({"px": px, "py": py, "lon": place.lon, "lat": place.lat})
    return found


def _typed(point: dict[str, float]) -> dict[str, str]:
    return {
        "px": f"{point['px']:.1f}",
        "py": f"{point['py']:.1f}",
        "at": f"{point['lat']:.7f}, {point['lon']:.7f}",
    }


def _with_residuals(row: Raster, typed: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The rows with how far each point is off; the worst is marked."""
    try:
        off = residuals(row).residuals_m if row.points and row.method else ()
    except InvalidInputError:
        off = ()
    if not typed or len(off) != len(typed):
        return [dict(one) for one in typed]
    worst = max(off)
    return [
        {**one, "off": f"{gap:.2f}".replace(".", ","), "worst": gap == worst and gap > 0.01}
        for one, gap in zip(typed, off, strict=True)
    ]


@require_safe
def original(request: HttpRequest, number: int) -> HttpResponse:
    """A small copy of the picture as it came, to find points on."""
    row = _row(request, number)
    response = HttpResponse(
        preview(row.original.sha256, row.original.mime), content_type="image/webp"
    )
    response["Cache-Control"] = "private, max-age=86400"
    return response


@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """The layers that a service offers, each with the way into the register."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource_for(request, "imagery/overlays", "add")
    url, protocol = request.GET.get("url", ""), request.GET.get("protocol", "WMS")
    context: dict[str, Any] = {
        "page_title": _("Đọc dịch vụ bản đồ"),
        "url": url,
        "protocol": protocol,
        "protocols": Overlay.Kind.choices,
        "breadcrumbs": _crumbs(),
    }
    status = 200
    if url:
        try:
            context["service"] = describe(protocol, url)
        except InvalidInputError as error:
            context["error"], status = error, 422
    return render(request, "imagery/browse.html", context, status=status)


def _queued(request: HttpRequest, row: Raster) -> HttpResponse:
    queue_conversion(actor_of(request), row)
    messages.success(
        request,
        _("Ảnh đang được đưa lên bản đồ theo hệ %(system)s.")
        % {"system": known_system(row.srid or 0)},
    )
    return redirect(detail_url(resources["imagery.rasters"], row.pk))


def _row(request: HttpRequest, number: int) -> Raster:
    resource = resource_for(request, PATH, "change")
    row = row_for(resource, actor_of(request), number, "change")
    if not isinstance(row, Raster):
        raise Http404
    return row


def _crumbs(row: Raster | None = None) -> list[dict[str, str]]:
    listed = [{"title": _("Ảnh nền"), "url": "/ql/imagery/rasters/"}]
    if row is None:
        return [*listed, {"title": _("Nạp ảnh"), "url": ""}]
    return [*listed, {"title": row.name, "url": detail_url(resources["imagery.rasters"], row.pk)}]
