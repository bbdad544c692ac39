from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "sen.kernel.files"
    label = "kernel_files"
    verbose_name = _("Tệp")
    default = True

    def ready(self) -> None:
        from sen.kernel.files import (  # noqa: F401  registers what they declare
            jobs,
            panels,
            upkeep,
        )
