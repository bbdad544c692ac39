"""The last application to become ready: it loads what the domains contribute."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class KernelConfig(AppConfig):
    name = "sen.kernel"
    label = "kernel"
    verbose_name = "Sen"
    default = True

    def ready(self) -> None:
        from sen.kernel.registry import load_contributions

        load_contributions(settings.MANIFESTS)
