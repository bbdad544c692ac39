"""The list behind the bell: newest first, opened ones are seen."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.notices.models import Notice
from sen.kernel.notices.services import mark_read, unread
from sen.kernel.web.register.views import to_sign_in

SHOWN: Final = 50


@require_http_methods(["GET", "POST"])
def notice_list(request: HttpRequest) -> HttpResponse:
    """One's own notices; POST marks all as seen."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return to_sign_in(request)
    if request.method == "POST":
        mark_read(actor=actor)
        return redirect("notices")
    rows = Notice.objects.filter(user_id=actor.id or 0).order_by("-id")
    before = request.GET.get("before", "")
    if before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SHOWN + 1])
    context = {
        "page_title": _("Thông báo"),
        "notices": found[:SHOWN],
        "next_url": f"?before={found[SHOWN - 1].pk}" if len(found) > SHOWN else "",
        "has_unread": any(notice.read_at is None for notice in found),
    }
    return render(request, "sen/notices.html", context)


@require_http_methods(["GET", "POST"])
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Note that a notice was seen and go where it points.

    Raises:
        Http404: there is no such notice, or it is somebody else's.
    """
    actor = actor_of(request)
    if not actor.is_authenticated:
        return to_sign_in(request)
    notice = Notice.objects.filter(pk=notice_id, user_id=actor.id or 0).first()
    if notice is None:
        raise Http404(_("Không có thông báo này."))
    mark_read(actor=actor, ids=[notice.pk])
    return redirect(notice.url or "notices")


@require_GET
@never_cache
def count(request: HttpRequest) -> JsonResponse:
    """How many notices one has not seen, for a screen that was away for a while."""
    return JsonResponse({"unread": unread(actor_of(request))})
