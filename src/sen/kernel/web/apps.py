from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sen.kernel.web"
    label = "kernel_web"
    verbose_name = "Giao diện"
    default = True

    def ready(self) -> None:
        # Both register what they show on the pages of every register.
        from sen.kernel.quality import showing  # noqa: F401
        from sen.kernel.web.register import place  # noqa: F401

        import_module("sen.kernel.web.jobs")
