from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    name = "sen.domains.routing"
    label = "routing"
    verbose_name = _("Kết nối và lộ trình")
    default = True
