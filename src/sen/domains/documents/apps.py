from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "sen.domains.documents"
    label = "documents"
    verbose_name = _("Tài liệu và hồ sơ")
    default = True
