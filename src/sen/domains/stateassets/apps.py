from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StateassetsConfig(AppConfig):
    name = "sen.domains.stateassets"
    label = "stateassets"
    verbose_name = _("Tài sản công")
    default = True
