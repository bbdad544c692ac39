from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "sen.kernel.jobs"
    label = "kernel_jobs"
    verbose_name = "Công việc"
    default = True
