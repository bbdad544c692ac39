"""The wall: views that take turns on a screen that nobody sits at."""

from __future__ import annotations

import json
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.domains.operations.web import blocks
from sen.domains.operations.web.pages import TOPICS, actor_for_board, board_context
from sen.kernel.access.accounts import displays
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.web.templatetags.sen_ui import asset_url

#: Seconds for which a view stands.
STANDS_S: Final = 30
CHARTS: Final = 4


def views_for(actor: Actor) -> dict[str, str]:
    """Name → title of the views that have something for the actor."""
    found = {"chi-so": _("Chỉ số")}
    if actor.may("alarms.alarm.view"):
        found["canh-bao"] = _("Cảnh báo")
    if actor.may("incidents.incident.view"):
        found["su-co"] = _("Sự cố")
    return found | {
        "ban-do": _("Bản đồ"),
        "dien-bien": _("Diễn biến chỉ số"),
        "chat-luong": _("Chất lượng dữ liệu"),
    }


@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """The frame of the wall; ``?giay=`` seconds a view, ``?xem=`` which views."""
    actor = actor_for_board(request)
    known = views_for(actor)
    wanted = [name for name in request.GET.get("xem", "").split(",") if name in known]
    names = wanted or list(known)
    context = {
        "page_title": _("Màn hình điều hành"),
        "views": [{"name": name, "title": known[name]} for name in names],
        "names": ",".join(names),
        "seconds": _seconds(request),
        "topics": blocks.live_topics(actor, TOPICS),
    }
    return render(request, "operations/wall.html", context)


def _seconds(request: HttpRequest) -> str:
    try:
        return f"{max(0.02, min(float(request.GET.get('giay', STANDS_S)), 3600)):g}"
    except ValueError:
        return str(STANDS_S)


@require_safe
def view(request: HttpRequest, name: str) -> HttpResponse:
    """One view of the wall as a fragment.

    Raises:
        Http404: no view of that name.
    """
    actor = actor_for_board(request)
    if name not in views_for(actor):
        raise Http404(_("Không có màn hình này."))
    context: dict[str, Any] = board_context(request, actor) | {"view": name}
    charted = [tile for tile in context["tiles"] if tile.goal and len(tile.trend) > 2]
    context["charts"] = (charted or [t for t in context["tiles"] if len(t.trend) > 2])[:CHARTS]
    response = render(request, f"operations/wall_{name.replace('-', '_')}.html", context)
    response.headers["X-Sen-Build"] = asset_url("sen.css")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def connect(request: HttpRequest) -> HttpResponse:
    """Where a screen begins: its key stands behind ``#khoa=`` and is never sent in an address."""
    if actor_of(request).is_authenticated:
        return redirect("/ioc/man-hinh/")
    context = {"page_title": _("Nối màn hình"), "csrf": True}
    return render(request, "operations/connect.html", context)


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Take the key of a screen and give it its cookie."""
    try:
        secret = str(json.loads(request.body or b"{}").get("key", ""))
    except (ValueError, AttributeError):
        secret = ""
    if displays.actor_of_key(secret, request) is None:
        text = _("Khóa màn hình không đúng, đã hết hạn hoặc đã bị thu hồi.")
        return JsonResponse({"detail": text}, status=403)
    response = JsonResponse({"url": "/ioc/man-hinh/"})
    displays.remember(response, secret)
    return response
