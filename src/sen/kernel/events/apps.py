from __future__ import annotations

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "sen.kernel.events"
    label = "kernel_events"
    verbose_name = "Sự kiện"
    default = True
