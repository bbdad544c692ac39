from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CorridorsConfig(AppConfig):
    name = "sen.domains.corridors"
    label = "corridors"
    verbose_name = _("Hành lang an toàn")
    default = True
