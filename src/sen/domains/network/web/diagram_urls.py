"""Addresses of segmentations and straight-line diagrams, on both sides of the house."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.network.web import diagram, strip
from sen.kernel.web.menu import MenuEntry, add_entry
from sen.kernel.web.register.links import PUBLIC, WORK

diagram_urls: list[URLPattern] = [
    pattern
    for base in (f"{WORK.strip('/')}/network", f"{PUBLIC.strip('/')}/network")
    for pattern in (
        path(f"{base}/phan-doan/", strip.segments_page),
        path(f"{base}/phan-doan/ban-do.geojson", strip.segments_map),
        path(f"{base}/phan-doan/bieu-do.json", diagram.strip_data),
        *(
            path(f"{base}/phan-doan/xuat.{fmt}", strip.segments_file, {"fmt": fmt})
            for fmt in ("csv", "xlsx", "geojson", "gpkg")
        ),
        path(f"{base}/roads/<int:row_id>/so-do/", diagram.diagram_page),
        path(f"{base}/roads/<int:row_id>/so-do/du-lieu.json", diagram.diagram_data),
        path(f"{base}/roads/<int:row_id>/so-do/in/", diagram.print_page),
    )
]

add_entry(
    MenuEntry(
        "network.segments",
        _("Phân đoạn động"),
        "/ql/network/phan-doan/",
        "route",
        group="network",
        permission="network.event.view",
        order=60,
    )
)
