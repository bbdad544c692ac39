from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlarmsConfig(AppConfig):
    name = "sen.domains.alarms"
    label = "alarms"
    verbose_name = _("Cảnh báo")
    default = True
