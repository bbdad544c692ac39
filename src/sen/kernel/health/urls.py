"""Addresses for supervisors and monitoring."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from sen.kernel.health import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz/live", views.live, name="healthz_live"),
    path("healthz/ready", views.ready, name="healthz_ready"),
    path("metrics", views.metrics, name="metrics"),
]
