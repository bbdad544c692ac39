"""Pages of publications beside their registers."""

from __future__ import annotations

from django.urls import URLPattern, path

from sen.domains.loadnotices.web import pages

urlpatterns: list[URLPattern] = [
    path("tai-trong/", pages.home),
    path("tai-trong/<str:code>/", pages.one),
    path("tai-trong/<str:code>/in/", pages.printed),
    path("tai-trong/<str:code>/tai-ve.<slug:kind>", pages.file_of),
    path("ql/loadnotices/cong-bo/<int:notice_id>/<slug:what>/", pages.step),
]
