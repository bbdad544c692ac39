from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoadNoticesConfig(AppConfig):
    name = "sen.domains.loadnotices"
    label = "loadnotices"
    verbose_name = _("Công bố tải trọng, khổ giới hạn")
    default = True
