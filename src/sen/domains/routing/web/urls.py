"""The page that finds a way, for everybody and in the working screens."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.routing.web import pages
from sen.kernel.web.menu import MenuEntry, add_entry
from sen.kernel.web.register.links import PUBLIC, WORK

urlpatterns: list[URLPattern] = [
    pattern
    for base in (f"{WORK.strip('/')}/routing", f"{PUBLIC.strip('/')}/routing")
    for pattern in (
        path(f"{base}/lo-trinh/", pages.route_page),
        path(f"{base}/lo-trinh/ban-do.geojson", pages.route_map),
    )
]

add_entry(
    MenuEntry(
        "routing.route",
        _("Tìm lộ trình"),
        "/ql/routing/lo-trinh/",
        "navigation",
        group="routing",
        permission="network.road.view",
        order=10,
    )
)
