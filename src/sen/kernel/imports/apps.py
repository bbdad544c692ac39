from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "sen.kernel.imports"
    label = "kernel_imports"
    verbose_name = "Nhập dữ liệu"
    default = True

    def ready(self) -> None:
        """Its jobs are known wherever jobs run."""
        import_module("sen.kernel.imports.jobs")
