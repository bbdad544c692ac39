"""Addresses of maps, tiles and the OGC APIs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from sen.kernel.geo import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("tiles/<slug:layer>/<slug:epoch>/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
    path("map/config.json", views.config, name="map-config"),
]
