"""Addresses of maps, tiles and the OGC APIs."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from sen.kernel.geo import views
from sen.kernel.geo.describe import describe_point
from sen.kernel.geo.editing import views as editing

urlpatterns: list[URLPattern | URLResolver] = [
    path("tiles/<slug:layer>/<slug:epoch>/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
    path("ogc/", include("sen.kernel.geo.ogc.urls")),
    path("map/config.json", views.config, name="map-config"),
    path("map/extent/<slug:layer>", views.list_extent, name="map-extent"),
    path("map/goto", views.go_to, name="map-goto"),
    path("map/describe", describe_point, name="map-describe"),
    path("map/snap", editing.snap, name="map-snap"),
    path("map/select", editing.select, name="map-select"),
    path("map/check", editing.check, name="map-check"),
    path("ban-do/", views.public_map, name="public-map"),
    path("ql/ban-do/", views.work_map, name="work-map"),
]
