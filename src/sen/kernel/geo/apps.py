from __future__ import annotations

from django.apps import AppConfig


class GeoConfig(AppConfig):
    name = "sen.kernel.geo"
    label = "kernel_geo"
    verbose_name = "Bản đồ"
    default = True
