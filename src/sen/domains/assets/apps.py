from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssetsConfig(AppConfig):
    name = "sen.domains.assets"
    label = "assets"
    verbose_name = _("Tài sản hạ tầng")
    default = True
