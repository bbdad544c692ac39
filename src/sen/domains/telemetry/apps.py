from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelemetryConfig(AppConfig):
    name = "sen.domains.telemetry"
    label = "telemetry"
    verbose_name = _("Quan trắc")
    default = True
