"""What ``manage check`` says about the configuration of signing in on a server for real work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from sen.kernel.access.crypto import key_ring


@checks.register(checks.Tags.security)
def check_accounts(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Warn of what only a demonstration may do, and of keys that cannot be read."""
    found: list[checks.CheckMessage] = []
    try:
        key_ring()
    except (ImproperlyConfigured, OSError, ValueError) as error:
        found.append(
            checks.Error(
                f"Không đọc được khóa mã hóa dữ liệu cá nhân: {error}", id="sen.accounts.E001"
            )
        )
    if settings.DEMO:
        return found
    if not (settings.SEN_DATA_KEYS_FILE or settings.SEN_DATA_KEYS):
        found.append(
            checks.Warning(
                "Khóa mã hóa dữ liệu cá nhân đang suy ra từ SEN_SECRET_KEY.",
                hint="Đặt SEN_DATA_KEYS_FILE (xem docs/operate/accounts.md).",
                id="sen.accounts.W001",
            )
        )
    if not settings.SEN_REQUIRE_MFA:
        found.append(
            checks.Warning(
                "Xác thực hai lớp không bắt buộc.",
                hint="Bỏ SEN_REQUIRE_MFA=0.",
                id="sen.accounts.W002",
            )
        )
    if not settings.TLS:
        found.append(
            checks.Warning(
                "Cookie đăng nhập không được đánh dấu chỉ dùng với TLS.",
                hint="Đặt SEN_TLS=1 sau proxy có TLS.",
                id="sen.accounts.W003",
            )
        )
    return found
