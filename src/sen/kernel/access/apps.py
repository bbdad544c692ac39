from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "sen.kernel.access"
    label = "kernel_access"
    verbose_name = "Quyền truy cập"
    default = True

    def ready(self) -> None:
        from sen.kernel.access import lookups  # noqa: F401  registers `in_array`
        from sen.kernel.access.accounts import (
            checks,  # noqa: F401  registers the checks of the configuration
            jobs,  # noqa: F401  registers the daily upkeep
        )
