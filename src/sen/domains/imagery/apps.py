from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImageryConfig(AppConfig):
    name = "sen.domains.imagery"
    label = "imagery"
    verbose_name = _("Ảnh và bản đồ nền")
    default = True
