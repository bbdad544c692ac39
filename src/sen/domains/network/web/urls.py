"""Pages of `network` that are no registers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.network.web import (
    here,  # noqa: F401  what holds where a thing stands
    operations,
    reports,
)
from sen.domains.network.web.diagram_urls import diagram_urls
from sen.kernel.web.menu import MenuEntry, add_entry
from sen.kernel.web.register.links import PUBLIC, WORK

_WORK = f"{WORK.strip('/')}/network"
_BOTH = (_WORK, f"{PUBLIC.strip('/')}/network")

urlpatterns: list[URLPattern] = [
    *diagram_urls,
    path(f"{_WORK}/roads/<int:road_id>/thao-tac/", operations.choose_page),
    path(f"{_WORK}/roads/<int:road_id>/thao-tac/<slug:kind>/", operations.operate_page),
    *(
        pattern
        for base in _BOTH
        for pattern in (
            path(f"{base}/roads/<int:road_id>/ly-trinh/", reports.correspondence_page),
            path(f"{base}/phu-du-lieu/", reports.coverage_page),
        )
    ),
]

add_entry(
    MenuEntry(
        "network.coverage",
        _("Khoảng hở dữ liệu"),
        "/ql/network/phu-du-lieu/",
        "scan-line",
        group="network",
        permission="network.event.view",
        order=70,
    )
)
