"""Addresses of live streams that Django serves; the stream itself is ``live.app``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from sen.kernel.live import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("live/ticket", views.ticket, name="live-ticket"),
]
