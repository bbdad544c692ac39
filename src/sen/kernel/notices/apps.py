from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "sen.kernel.notices"
    label = "kernel_notices"
    verbose_name = "Thông báo"
    default = True

    def ready(self) -> None:
        import_module("sen.kernel.notices.jobs")
