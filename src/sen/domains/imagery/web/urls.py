"""Addresses of rasters and of layers of others beside their registers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.imagery.web import pages, tiles
from sen.kernel.web.menu import MenuEntry, add_entry

urlpatterns: list[URLPattern] = [
    path(
        "hinh-anh/<int:number>/<slug:digest>/<int:z>/<int:x>/<int:y>.webp",
        tiles.raster_tile,
        name="imagery_tile",
    ),
    path("hinh-anh/<int:number>/anh.tif", tiles.raster_file, name="imagery_file"),
    path(
        "lop-ngoai/<int:number>/<int:version>/<int:z>/<int:x>/<int:y>",
        tiles.overlay_tile,
        name="imagery_overlay_tile",
    ),
    path("lop-ngoai/<int:number>/thong-tin", tiles.overlay_info, name="imagery_overlay_info"),
    path("lop-ngoai/<int:number>/chu-giai", tiles.overlay_legend, name="imagery_overlay_legend"),
    path("ql/imagery/nap-anh/", pages.upload, name="imagery_upload"),
    path("ql/imagery/doc-dich-vu/", pages.browse, name="imagery_browse"),
    path("ql/imagery/anh/<int:number>/vi-tri/", pages.place, name="imagery_place"),
    path("ql/imagery/anh/<int:number>/diem/", pages.points, name="imagery_points"),
    path("ql/imagery/anh/<int:number>/goc.webp", pages.original, name="imagery_original"),
]

add_entry(
    MenuEntry(
        "imagery-upload",
        _("Nạp ảnh"),
        "/ql/imagery/nap-anh/",
        "image-plus",
        group="imagery",
        permission="imagery.raster.add",
        order=2,
    )
)
add_entry(
    MenuEntry(
        "imagery-browse",
        _("Đọc dịch vụ bản đồ"),
        "/ql/imagery/doc-dich-vu/",
        "globe",
        group="imagery",
        permission="imagery.overlay.add",
        order=4,
    )
)
