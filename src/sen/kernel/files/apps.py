from __future__ import annotations

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "sen.kernel.files"
    label = "kernel_files"
    verbose_name = "Tệp"
    default = True
