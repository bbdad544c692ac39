"""Addresses of notices."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from sen.kernel.notices.web import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("ql/thong-bao/", views.notice_list, name="notices"),
    path("ql/thong-bao/chua-xem/", views.count, name="notices-count"),
    path("ql/thong-bao/<int:notice_id>/", views.open_notice, name="notice"),
]
