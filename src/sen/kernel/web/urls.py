"""Addresses that the kernel itself serves."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("ql/", include("sen.kernel.web.register.urls")),
    path("tra-cuu/", include("sen.kernel.web.register.urls")),
]
