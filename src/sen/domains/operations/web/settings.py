"""Pages on which screens get their keys, and notes get onto charts."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sen.domains.operations import services
from sen.domains.operations.models import ChartNote, Display
from sen.domains.operations.web.charts import note_key
from sen.domains.operations.web.pages import actor_for_board, kpi_for
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import PermissionDeniedError, SenError

SCREENS: Final = "/ioc/cac-man-hinh/"
USUAL_DAYS: Final = 180


@require_http_methods(["GET", "HEAD", "POST"])
def screens(request: HttpRequest) -> HttpResponse:
    """All screens with their keys; a new key is shown once, on the answer to its making."""
    actor = actor_of(request)
    if not actor.may("operations.display.view"):
        raise PermissionDeniedError("operations.display.view")
    link = ""
    if request.method == "POST":
        given = request.POST
        days = given.get("days", "")
        try:
            _display, secret = services.create_display(
                actor=actor,
                name=given.get("name", ""),
                place=given.get("place", ""),
                days=int(days) if days.isascii() and days.isdigit() else 0,
                is_public="is_public" in given,
            )
            link = request.build_absolute_uri(f"/man-hinh/#khoa={secret}")
        except SenError as error:
            messages.error(request, str(error))
    rows = Display.objects.visible_to(actor).select_related("token", "person")
    context = {
        "page_title": _("Màn hình lớn"),
        "page_sub": _("Mỗi màn hình có khóa riêng, chỉ để xem và thu hồi được."),
        "breadcrumbs": [{"title": _("Điều hành"), "url": "/ioc/"}, {"title": _("Màn hình lớn")}],
        "rows": rows.order_by("name", "id")[:200],
        "link": link,
        "now": timezone.now(),
        "days": USUAL_DAYS,
        "may_add": actor.may("operations.display.add"),
        "may_delete": actor.may("operations.display.delete"),
    }
    response = render(request, "operations/screens.html", context)
    if link:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke(request: HttpRequest, display_id: int) -> HttpResponse:
    """End the key of a screen.

    Raises:
        Http404: no such screen for this actor.
    """
    actor = actor_of(request)
    row = Display.objects.visible_to(actor).select_related("token", "person")
    display = row.filter(pk=display_id).first()
    if display is None:
        raise Http404(_("Không có màn hình này."))
    services.revoke_display(actor=actor, display=display)
    messages.success(request, _("Đã thu hồi khóa của “%(name)s”.") % {"name": display.name})
    return redirect(SCREENS)


@require_POST
def add_note(request: HttpRequest, name: str) -> HttpResponse:
    """Pin a remark to the chart of a figure."""
    actor = actor_for_board(request)
    item = kpi_for(actor, name)
    try:
        at = parse_datetime(request.POST.get("at", ""))
    except ValueError:
        at = None
    if at is None:
        messages.error(request, _("Hãy chọn thời điểm của ghi chú."))
        return redirect(f"/ioc/chi-so/{name}/")
    moment = timezone.make_aware(at) if timezone.is_naive(at) else at
    try:
        services.add_note(
            actor=actor, chart=note_key(item), at=moment, text=request.POST.get("text", "")
        )
    except SenError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã ghi chú lên biểu đồ."))
    return redirect(f"/ioc/chi-so/{name}/")


@require_POST
def remove_note(request: HttpRequest, note_id: int) -> HttpResponse:
    """Take a remark off.

    Raises:
        Http404: no such note for this actor.
    """
    actor = actor_of(request)
    note = ChartNote.objects.visible_to(actor, "delete").filter(pk=note_id).first()
    if note is None:
        raise Http404(_("Không có ghi chú này."))
    name = note.chart.removeprefix("kpi:")
    services.remove_note(actor=actor, note=note)
    messages.success(request, _("Đã gỡ ghi chú."))
    return redirect(f"/ioc/chi-so/{name}/")
