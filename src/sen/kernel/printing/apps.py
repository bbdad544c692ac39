from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PrintingConfig(AppConfig):
    name = "sen.kernel.printing"
    label = "kernel_printing"
    verbose_name = "Bản in"
    default = True

    def ready(self) -> None:
        import_module("sen.kernel.printing.jobs")
