"""Pages of corridors beside their registers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.corridors.web import pages
from sen.kernel.web.menu import MenuEntry, add_entry

urlpatterns: list[URLPattern] = [
    path("hanh-lang/", pages.ask, name="corridors_ask"),
    path("ql/corridors/xung-dot/", pages.conflict_list, name="corridors_conflicts"),
    path("ql/corridors/theo-ngay.geojson", pages.export_on, name="corridors_on"),
    path("tra-cuu/corridors/theo-ngay.geojson", pages.export_on, name="corridors_on_public"),
]

add_entry(
    MenuEntry(
        "corridors-conflicts",
        _("Công trình trong hành lang"),
        "/ql/corridors/xung-dot/",
        "triangle-alert",
        group="corridors",
        permission="corridors.corridor.view",
        order=10,
    )
)
add_entry(
    MenuEntry(
        "corridors-ask",
        _("Tra cứu một vị trí"),
        "/hanh-lang/",
        "map-pin",
        group="corridors",
        permission="corridors.corridor.view",
        order=11,
    )
)
