from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "sen.kernel.events"
    label = "kernel_events"
    verbose_name = "Sự kiện"
    default = True

    def ready(self) -> None:
        for module in ("sen.kernel.events.upkeep", "sen.kernel.live.events"):
            import_module(module)
