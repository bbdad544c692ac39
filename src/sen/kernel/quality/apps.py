from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "sen.kernel.quality"
    label = "kernel_quality"
    verbose_name = "Chất lượng dữ liệu"
    default = True

    def ready(self) -> None:
        import_module("sen.kernel.quality.jobs")
