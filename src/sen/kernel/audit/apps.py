from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "sen.kernel.audit"
    label = "kernel_audit"
    verbose_name = "Nhật ký"
    default = True
