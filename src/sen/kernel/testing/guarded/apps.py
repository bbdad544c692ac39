from __future__ import annotations

from django.apps import AppConfig


class GuardedConfig(AppConfig):
    name = "sen.kernel.testing.guarded"
    label = "guarded"
    default = True
