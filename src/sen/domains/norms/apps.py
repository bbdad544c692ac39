from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NormsConfig(AppConfig):
    name = "sen.domains.norms"
    label = "norms"
    verbose_name = _("Quy định, văn bản")
    default = True
