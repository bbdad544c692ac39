from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StewardshipConfig(AppConfig):
    name = "sen.domains.stewardship"
    label = "stewardship"
    verbose_name = _("Cập nhật dữ liệu")
    default = True
