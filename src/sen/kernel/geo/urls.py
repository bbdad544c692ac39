"""Addresses of maps, tiles and the OGC APIs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from sen.kernel.geo import views
from sen.kernel.geo.goto import goto

urlpatterns: list[URLPattern | URLResolver] = [
    path("tiles/<slug:layer>/<slug:epoch>/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
    path("ogc/", include("sen.kernel.geo.ogc.urls")),
    path("map/config.json", views.config, name="map-config"),
    path("map/goto", goto, name="map-goto"),
]
