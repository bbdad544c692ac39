from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class LogbookConfig(AppConfig):
    name = "sen.kernel.logbook"
    label = "kernel_logbook"
    verbose_name = "Nhật ký hệ thống"
    default = True

    def ready(self) -> None:
        import_module("sen.kernel.logbook.jobs")
