"""Addresses of offline work."""

from __future__ import annotations

from django.urls import path

from sen.kernel.offline import views

urlpatterns = [
    path("ngoai-tuyen/phien", views.session, name="offline-session"),
    path("ngoai-tuyen/may.js", views.worker, name="offline-worker"),
    path("ngoai-tuyen/<str:name>/", views.take, name="offline-queue"),
]
