"""Addresses of printed maps."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from sen.kernel.printing import views
from sen.kernel.web.menu import MenuEntry, add_entry

urlpatterns: list[URLPattern | URLResolver] = [
    path("ban-do/in/", views.compose, name="print-map"),
    path("ban-do/in/xem.png", views.preview, name="print-map-preview"),
    path("ban-do/in/ban-do.pdf", views.pdf, name="print-map-pdf"),
    path("ql/ban-do/in/", views.compose, name="print-map-work"),
    path("ql/ban-do/in/luu/", views.keep, name="print-map-keep"),
    path("ql/ban-do/ban-in/", views.kept, name="printed-maps"),
    path("ql/ban-do/ban-in/<int:number>/", views.kept_file, name="printed-map"),
]

add_entry(MenuEntry("printed-maps", _("Bản in của tôi"), "/ql/ban-do/ban-in/", "printer", order=3))
