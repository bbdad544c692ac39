from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "sen.kernel.jobs"
    label = "kernel_jobs"
    verbose_name = "Công việc"
    default = True

    def ready(self) -> None:
        import_module("sen.kernel.jobs.upkeep")
