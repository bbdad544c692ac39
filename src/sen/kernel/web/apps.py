from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sen.kernel.web"
    label = "kernel_web"
    verbose_name = "Giao diện"
    default = True

    def ready(self) -> None:
        from sen.kernel.web.register import place  # noqa: F401  registers the map of every page
