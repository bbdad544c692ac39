from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class GeoConfig(AppConfig):
    name = "sen.kernel.geo"
    label = "kernel_geo"
    verbose_name = "Bản đồ"
    default = True

    def ready(self) -> None:
        import_module("sen.kernel.geo.jobs")
