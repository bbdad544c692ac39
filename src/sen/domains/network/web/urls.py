"""Pages of `network` that are no registers."""

from __future__ import annotations

from django.urls import URLPattern

from sen.domains.network.web.diagram_urls import diagram_urls

urlpatterns: list[URLPattern] = [*diagram_urls]
