"""Addresses that the kernel itself serves."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from sen.kernel.web import pages
from sen.kernel.web.palette import views as palette
from sen.kernel.web.styleguide import sample_suggestions, styleguide

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("", pages.home, name="home"),
    path("ql/", pages.desk, name="desk"),
    path("tra-cuu/", pages.registers, name="registers"),
    path("tim-kiem/", palette.search_page, name="search"),
    path("tim-kiem/goi-y", palette.suggestions, name="suggest"),
    path("he-thong/style", styleguide, name="styleguide"),
    path("he-thong/style/goi-y", sample_suggestions),
    path("", include("sen.kernel.live.urls")),
    path("", include("sen.kernel.health.urls")),
    path("", include("sen.kernel.jobs.web.urls")),
    path("", include("sen.kernel.events.web.urls")),
    path("", include("sen.kernel.logbook.web.urls")),
    path("", include("sen.kernel.notices.web.urls")),
    path("", include("sen.kernel.quality.web.urls")),
    path("ql/", include("sen.kernel.web.register.urls")),
    path("tra-cuu/", include("sen.kernel.web.register.urls")),
]
