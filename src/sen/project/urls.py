"""Addresses of the platform. Domains add theirs through manifests; nothing here names one."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from sen.kernel.rest.api import urls as rest_urls


def domain_urls() -> list[URLPattern | URLResolver]:
    """Hand-made pages of the domains: each ``web/urls.py`` is mounted at the root."""
    found: list[URLPattern | URLResolver] = []
    for manifest in settings.MANIFESTS:
        module = f"{manifest.package}.web.urls"
        if find_spec(f"{manifest.package}.web") and find_spec(module):
            found.append(path("", include(import_module(module))))
    return found


urlpatterns: list[URLPattern | URLResolver] = [
    *domain_urls(),
    path("", include("sen.kernel.geo.urls")),
    path("", include("sen.kernel.access.accounts.urls")),
    path("", include("sen.connectors.oidc.urls")),
    *rest_urls(),
    path("", include("sen.kernel.imports.urls")),
    path("", include("sen.kernel.files.urls")),
    path("", include("sen.kernel.offline.urls")),
    path("", include("sen.kernel.printing.urls")),
    path("", include("sen.kernel.standards.urls")),
    path("", include("sen.kernel.web.urls")),
]

handler400 = "sen.kernel.web.errors.bad_request"
handler403 = "sen.kernel.web.errors.permission_denied"
handler404 = "sen.kernel.web.errors.page_not_found"
handler500 = "sen.kernel.web.errors.server_error"
