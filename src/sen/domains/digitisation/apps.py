from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DigitisationConfig(AppConfig):
    name = "sen.domains.digitisation"
    label = "digitisation"
    verbose_name = _("Số hóa hồ sơ")
    default = True
