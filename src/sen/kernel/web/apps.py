from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sen.kernel.web"
    label = "kernel_web"
    verbose_name = "Giao diện"
    default = True
