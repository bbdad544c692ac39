from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PermitsConfig(AppConfig):
    name = "sen.domains.permits"
    label = "permits"
    verbose_name = _("Giấy phép đường bộ")
    default = True
