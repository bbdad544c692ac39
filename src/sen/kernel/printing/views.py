"""Pages of printed maps: choose, look, take away or keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from io import BytesIO
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.files.views import file_response
from sen.kernel.geo.config import home
from sen.kernel.geo.layers import visible_layers
from sen.kernel.printing.forms import PrintForm
from sen.kernel.printing.models import PrintedMap
from sen.kernel.printing.reading import MOST_NOW, TooMuchError
from sen.kernel.printing.request import PrintRequest, read_request
from sen.kernel.printing.services import drop_map, kept_map, order_map
from sen.kernel.web.errors import page_not_found
from sen.kernel.web.register.views import to_sign_in
from sen.lib.text import fold

WORK: Final = "/ql/"
#: Everybody may print, within what a request may cost.
MOST_PUBLIC: Final = 3000
PUBLIC_SIZES: Final = ("A4", "A3")
LISTED: Final = 100
PREVIEW_PX: Final = 1100

View = Callable[..., HttpResponseBase]


def _signed_in(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not actor_of(request).is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return checked


@require_safe
def compose(request: HttpRequest) -> HttpResponseBase:
    """The form with a picture of what it gives."""
    actor = actor_of(request)
    is_work = request.path.startswith(WORK)
    if is_work and not actor.is_authenticated:
        return to_sign_in(request)
    context: dict[str, Any] = {
        "page_title": _("In bản đồ"),
        "shell": "sen/shell.html" if is_work else "sen/public.html",
        "is_work": is_work,
        "map_url": reverse("work-map" if is_work else "public-map"),
    }
    status = 200
    try:
        order = _order(request, request.GET)
        context |= {"order": order, "order_query": _query(request, order).urlencode()}
        context["hidden"] = _pairs(_query(request, order))
    except InvalidInputError as error:
        context["error"], status = error, 422
        order = _order(request, QueryDict())
    context["form"] = PrintForm(
        initial=_initial(order), actor=actor, scale=order.scale, fit=order.fit is not None
    )
    return render(request, "sen/print/compose.html", context, status=status)


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """The first sheet as a picture."""
    try:
        content = _print(request, only_first=True)
    except TooMuchError as error:
        return HttpResponse(_too_much(error), status=422, content_type="text/plain; charset=utf-8")
    except SenError as error:
        return HttpResponse(
            str(error), status=error.status, content_type="text/plain; charset=utf-8"
        )
    response = HttpResponse(_picture(content), content_type="image/png")
    response["Cache-Control"] = "private, max-age=60"
    return response


@require_safe
def pdf(request: HttpRequest) -> HttpResponse:
    """The PDF at once; what takes longer is left to a job."""
    try:
        content = _print(request)
    except TooMuchError as error:
        context = {
            "error": InvalidInputError({"lop": _too_much(error)}),
            "page_title": _("In bản đồ"),
            "shell": "sen/public.html",
        }
        return render(request, "sen/print/refused.html", context, status=422)
    except SenError as error:
        context = {"error": error, "page_title": _("In bản đồ"), "shell": "sen/public.html"}
        return render(request, "sen/print/refused.html", context, status=error.status)
    name = fold(request.GET.get("tieude", "")).replace(" ", "-")[:60] or "ban-do"
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@_signed_in
def keep(request: HttpRequest) -> HttpResponseBase:
    """Have the map printed by a worker and kept."""
    try:
        run = order_map(actor=actor_of(request), order=_order(request, request.POST))
    except SenError as error:
        messages.error(request, str(error))
        return redirect("print-map-work")
    messages.success(request, _("Bản đồ đang được in; khi xong, tệp nằm ở trang Bản in của tôi."))
    return redirect("job", run.pk)


@require_safe
@_signed_in
def kept(request: HttpRequest) -> HttpResponseBase:
    """The maps that one had printed."""
    rows = PrintedMap.objects.filter(asked_by_id=actor_of(request).id).select_related("file")
    context = {"page_title": _("Bản in của tôi"), "rows": rows.order_by("-id")[:LISTED]}
    return render(request, "sen/print/kept.html", context)


@_signed_in
def kept_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """One of them; a POST erases it."""
    actor = actor_of(request)
    try:
        if request.method == "POST":
            drop_map(actor=actor, number=number)
            messages.success(request, _("Đã xóa bản in."))
            return redirect("printed-maps")
        found = kept_map(actor, number)
    except SenError as error:
        return page_not_found(request, error)
    name = f"{fold(found.title).replace(' ', '-')[:80]}.pdf"
    return file_response(found.file, name, inline=True)


def _print(request: HttpRequest, *, only_first: bool = False) -> bytes:
    from sen.kernel.printing.document import print_map  # the PDF library is heavy

    actor = actor_of(request)
    order = _order(request, request.GET)
    if not actor.is_authenticated and order.size not in PUBLIC_SIZES:
        raise InvalidInputError({"kho": _("Khổ lớn hơn A3 chỉ dành cho người đã đăng nhập.")})
    most = MOST_NOW if actor.is_authenticated else MOST_PUBLIC
    # A series is work for a worker: everybody gets its first sheet.
    first = only_first or bool(order.along)
    return print_map(order, actor, most=most, only_first=first)


def _order(request: HttpRequest, said: Any) -> PrintRequest:
    actor = actor_of(request)
    order = read_request(
        said,
        origin=request.build_absolute_uri("/").rstrip("/"),
        maker=_maker(actor),
        home=home().center,
    )
    if "lop" in said:
        return order
    shown = [one.name for one in visible_layers(actor) if one.visible and not one.basemap]
    return replace(order, layers=tuple(shown))


def _maker(actor: Actor) -> str:
    return actor.name or actor.username if actor.is_authenticated else ""


def _initial(order: PrintRequest) -> dict[str, Any]:
    return {
        "tieude": order.title,
        "phude": order.subtitle,
        "kho": order.size,
        "huong": order.orientation,
        "tyle": "vua" if order.fit else str(order.scale),
        "tam": f"{order.lon:.6f},{order.lat:.6f}",
        "luoi": order.grid,
        "he": str(order.srid),
        "lop": list(order.layers),
        "anh": list(order.pictures),
        "bang": order.table,
        "nguoilap": order.maker,
        "odau": "1" if order.stamp else "0",
        "vua": ",".join(map(str, order.fit)) if order.fit else "",
        "doctheo": order.along,
    }


def _query(request: HttpRequest, order: PrintRequest) -> QueryDict:
    """The order as parameters again, complete."""
    query = QueryDict(order.narrowed, mutable=True)
    for name, value in _initial(order).items():
        if isinstance(value, list):
            query[name] = ",".join(value)
        else:
            query[name] = value
    return query


def _pairs(query: QueryDict) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in query.lists() for value in values]


def _too_much(error: TooMuchError) -> str:
    return _(
        "Tờ bản đồ chứa hơn %(n)s đối tượng nên không vẽ ngay được: hãy dùng “In ở nền, lưu thành "
        "tệp” (khi đã đăng nhập), chọn ít lớp hơn hoặc tỷ lệ lớn hơn."
    ) % {"n": error.most}


def _picture(content: bytes) -> bytes:
    """A PDF's first page as PNG."""
    import pypdfium2

    page = pypdfium2.PdfDocument(content)[0]
    picture = page.render(scale=PREVIEW_PX / max(page.get_size())).to_pil()
    buffer = BytesIO()
    picture.convert("RGB").quantize(128).save(buffer, "PNG")
    return buffer.getvalue()
