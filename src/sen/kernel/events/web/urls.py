"""Addresses of the pages of events."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path
from django.utils.translation import gettext_lazy

from sen.kernel.events.services import VIEW
from sen.kernel.events.web import views
from sen.kernel.web.menu import SYSTEM_GROUP, MenuEntry, add_entry

urlpatterns: list[URLPattern | URLResolver] = [
    path("ql/he-thong/su-kien/", views.delivery_list, name="events"),
    re_path(
        r"^ql/he-thong/su-kien/(?P<delivery_id>\d+)/(?P<act>xu-ly-lai|bo-qua)$",
        views.delivery_act,
        name="event_act",
    ),
]

add_entry(
    MenuEntry(
        "events",
        gettext_lazy("Sự kiện chưa xử lý được"),
        "/ql/he-thong/su-kien/",
        "waypoints",
        group=SYSTEM_GROUP,
        permission=VIEW,
        order=50,
    )
)
