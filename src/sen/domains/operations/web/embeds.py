"""One figure in a frame of another page (tile, chart, table), as JSON, as CSV: access-checked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from sen.domains.operations.web import tiles
from sen.domains.operations.web.charts import chart_of
from sen.domains.operations.web.moments import BOARD
from sen.domains.operations.web.pages import kpi_for
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import PermissionDeniedError
from sen.kernel.web.charts import Window
from sen.kernel.web.register.sheets import csv_file
from sen.kernel.web.security import live_origin

#: Ways to show the course of a figure in a frame, and of how many days.
COURSES: Final = ("bieu-do", "bang")
DAYS: Final = 30
HEADS: Final = {"Cache-Control": "private, no-store"}


def _tile(request: HttpRequest, name: str) -> tuple[Actor, tiles.Tile]:
    actor = actor_of(request)
    item = kpi_for(actor, name)
    if not item.public and not actor.may(BOARD):
        raise PermissionDeniedError(BOARD)
    found = tiles.tiles(actor, None, timezone.now(), [item])
    if not found:
        raise Http404(_("Không có chỉ số này."))
    return actor, found[0]


def _course(actor: Actor, tile: tiles.Tile) -> list[tuple[datetime, float]]:
    """The mean of each day on which the figure was measured, oldest first."""
    end = timezone.now()
    window = Window(end - timedelta(days=DAYS), end, DAYS)
    [line] = chart_of(tile.kpi, actor, window).series
    zone = timezone.get_current_timezone()
    return [
        (datetime.fromtimestamp(ms / 1000, zone), round(value, 2))
        for ms, value in zip(line.at, line.value, strict=True)
        if value is not None
    ]


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest, name: str) -> HttpResponse:
    """The figure as a page of its own; only the origins of the setting may hold it.

    ``?kieu=bieu-do`` is its course as a chart, ``?kieu=bang`` as a table.
    """
    actor, tile = _tile(request, name)
    context: dict[str, Any] = {"tile": tile, "now": timezone.now()}
    if (kind := request.GET.get("kieu", "")) in COURSES:
        context |= {"kind": kind, "rows": _course(actor, tile)}
    response = render(request, "operations/frame.html", context)
    nonce = getattr(request, "csp_nonce", "")
    ancestors = " ".join(["'self'", *settings.SEN_TILE_ORIGINS])
    connect = " ".join(filter(None, ["'self'", live_origin()]))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors {ancestors}; "
        f"form-action 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; "
        f"img-src 'self' data:; connect-src {connect}"
    )
    # The address may hold a key: it goes to nobody.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = HEADS["Cache-Control"]
    return response


@require_safe
def as_json(request: HttpRequest, name: str) -> HttpResponse:
    """The figure for programs."""
    _actor, tile = _tile(request, name)
    return JsonResponse(tiles.as_json(tile), headers=HEADS)


@require_safe
def as_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The figure as a line of a sheet."""
    _actor, tile = _tile(request, name)
    measured = timezone.localtime(tile.measured_at).isoformat() if tile.measured_at else ""
    content = csv_file(
        [_("chỉ số"), _("giá trị"), _("đơn vị"), _("mục tiêu"), _("đo lúc"), _("đơn vị phụ trách")],
        [[str(tile.kpi.title), tile.value, tile.kpi.unit, tile.goal, measured, tile.owner]],
    )
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={**HEADS, "Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
