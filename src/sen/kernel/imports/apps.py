from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "sen.kernel.imports"
    label = "kernel_imports"
    verbose_name = "Nhập dữ liệu"
    default = True
