"""Addresses below ``/ogc/``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from sen.kernel.geo.ogc import views

_LAYER = "collections/<str:name>"
_TILES = f"{_LAYER}/tiles/<str:tms>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="ogc-landing"),
    path("api", views.api),
    path("conformance", views.conformance),
    path("tileMatrixSets", views.tile_matrix_sets),
    path("tileMatrixSets/<str:tms>", views.tile_matrix_set),
    path("collections", views.collections, name="ogc-collections"),
    path(_LAYER, views.collection),
    path(f"{_LAYER}/queryables", views.queryables),
    path(f"{_LAYER}/items", views.features, name="ogc-items"),
    path(f"{_LAYER}/items/<int:feature_id>", views.feature),
    path(f"{_LAYER}/tiles", views.tilesets),
    path(_TILES, views.tileset),
    path(f"{_TILES}/<int:z>/<int:y>/<int:x>", views.tile),
    re_path(r"^(?P<path>[\s\S]+)$", views.missing),
]
