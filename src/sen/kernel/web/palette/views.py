"""Search as the palette and the search page use it."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.kernel.access.middleware import actor_of
from sen.kernel.web.palette.suggest import suggest

LONGEST = 120


@require_GET
def suggestions(request: HttpRequest) -> JsonResponse:
    """``/tim-kiem/goi-y?q=``: suggestions as JSON; scoped, so never cached by others."""
    text = request.GET.get("q", "")[:LONGEST]
    items = [asdict(item) for item in suggest(text, actor_of(request))]
    return JsonResponse({"items": items}, headers={"Cache-Control": "private, max-age=10"})


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """The same without JavaScript."""
    text = request.GET.get("q", "")[:LONGEST]
    actor = actor_of(request)
    context = {
        "shell": "sen/shell.html" if actor.is_authenticated else "sen/public.html",
        "q": text,
        "items": suggest(text, actor),
        "page_title": _("Tìm kiếm"),
    }
    return render(request, "sen/search.html", context)
