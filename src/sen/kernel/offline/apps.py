from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfflineConfig(AppConfig):
    name = "sen.kernel.offline"
    label = "kernel_offline"
    verbose_name = _("Làm việc ngoại tuyến")
    default = True
