from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    name = "sen.domains.network"
    label = "network"
    verbose_name = _("Mạng lưới đường")
    default = True
