"""Addresses of data quality."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy

from sen.kernel.quality.web import views
from sen.kernel.web.menu import MenuEntry, add_entry

urlpatterns: list[URLPattern | URLResolver] = [
    path("ql/chat-luong/", views.board, name="quality"),
    path("ql/chat-luong/<register:path>/", views.data_set, name="quality-of"),
]

add_entry(
    MenuEntry(
        "quality", gettext_lazy("Chất lượng dữ liệu"), "/ql/chat-luong/", "badge-check", order=5
    )
)
