"""The pages that belong to no register: the portal, the desk, the list of public registers."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.web.alerts import alerts_for
from sen.kernel.web.kpis import figures
from sen.kernel.web.menu import folded
from sen.kernel.web.register.links import PUBLIC, list_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import to_sign_in


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The public portal: search, map, figures, registers."""
    context = {"figures": figures(ANONYMOUS, public=True), "groups": _groups()}
    return render(request, "sen/home.html", context)


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Where an official's day begins: figures in their scope and the map."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return to_sign_in(request)
    context = {
        "alerts": list(alerts_for(actor)),
        "figures": figures(actor),
        "page_title": _("Bàn làm việc"),
    }
    return render(request, "sen/desk.html", context)


@require_GET
def registers(request: HttpRequest) -> HttpResponse:
    """Every register that holds public rows."""
    return render(request, "sen/registers.html", {"groups": _groups(), "page_title": _("Tra cứu")})


def _groups() -> list[dict[str, object]]:
    english = get_language() == "en"
    groups: list[dict[str, object]] = []
    for manifest in sorted(settings.MANIFESTS, key=lambda m: (m.menu_order, m.tier, m.code)):
        items = [
            (str(r.menu_group), {"title": r.title, "url": list_url(r, PUBLIC), "icon": r.icon})
            for r in sorted(resources, key=lambda r: r.menu_order)
            if r.domain == manifest.code and r.in_menu and r.may(ANONYMOUS, "view")
        ]
        if items:
            title = manifest.name_en if english else manifest.name_vi
            groups.append({"title": title, "icon": manifest.icon, "items": folded(items)})
    return groups
