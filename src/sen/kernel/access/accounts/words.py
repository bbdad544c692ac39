"""Words for what the account pages show: acts of the log, and browsers."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

ACTS: Final = {
    "accounts.account.changed": gettext_noop("Sửa thông tin tài khoản"),
    "accounts.account.created": gettext_noop("Tạo tài khoản"),
    "accounts.citizen.registered": gettext_noop("Người dân đăng nhập lần đầu"),
    "accounts.device-key.issued": gettext_noop("Cấp khóa thiết bị"),
    "accounts.device-key.revoked": gettext_noop("Thu hồi khóa thiết bị"),
    "accounts.lock.idle": gettext_noop("Khóa vì lâu không dùng"),
    "accounts.lock.lifted": gettext_noop("Mở khóa tài khoản"),
    "accounts.lock.set": gettext_noop("Khóa tài khoản"),
    "accounts.national-id.changed": gettext_noop("Sửa số định danh cá nhân"),
    "accounts.national-id.read": gettext_noop("Xem số định danh cá nhân"),
    "accounts.password.changed": gettext_noop("Đổi mật khẩu"),
    "accounts.password.refused": gettext_noop("Nhập sai mật khẩu hiện tại"),
    "accounts.password.reset": gettext_noop("Đặt lại mật khẩu qua thư"),
    "accounts.password.reset-asked": gettext_noop("Yêu cầu đặt lại mật khẩu qua thư"),
    "accounts.password.set": gettext_noop("Đặt mật khẩu"),
    "accounts.role.granted": gettext_noop("Cấp vai trò"),
    "accounts.role.revoked": gettext_noop("Thu hồi vai trò"),
    "accounts.second-factor.failed": gettext_noop("Nhập sai mã xác thực"),
    "accounts.second-factor.locked": gettext_noop("Tạm khóa vì nhập sai mã nhiều lần"),
    "accounts.second-factor.passkey-added": gettext_noop("Thêm khóa bảo mật"),
    "accounts.second-factor.passkey-refused": gettext_noop("Khóa bảo mật bị từ chối"),
    "accounts.second-factor.passkey-removed": gettext_noop("Bỏ khóa bảo mật"),
    "accounts.second-factor.recovery-codes-made": gettext_noop("Tạo mã dự phòng"),
    "accounts.second-factor.reset": gettext_noop("Xóa lớp xác thực thứ hai"),
    "accounts.second-factor.totp-added": gettext_noop("Bật ứng dụng xác thực"),
    "accounts.second-factor.totp-removed": gettext_noop("Tắt ứng dụng xác thực"),
    "accounts.session.ended": gettext_noop("Kết thúc phiên làm việc"),
    "accounts.session.expired": gettext_noop("Phiên làm việc hết hạn"),
    "accounts.sign-in": gettext_noop("Đăng nhập"),
    "accounts.sign-in.failed": gettext_noop("Đăng nhập sai"),
    "accounts.sign-in.inactive": gettext_noop("Đăng nhập khi tài khoản bị khóa"),
    "accounts.sign-in.locked": gettext_noop("Tạm khóa vì đăng nhập sai nhiều lần"),
    "accounts.sign-in.oidc-failed": gettext_noop("Đăng nhập một lần không thành"),
    "accounts.sign-in.oidc-refused": gettext_noop("Đăng nhập một lần bị từ chối"),
    "accounts.sign-out": gettext_noop("Đăng xuất"),
    "accounts.subject.registered": gettext_noop("Gắn với cổng đăng nhập một lần"),
    "accounts.token.created": gettext_noop("Tạo khóa API"),
    "accounts.token.refused": gettext_noop("Khóa API bị từ chối"),
    "accounts.token.revoked": gettext_noop("Thu hồi khóa API"),
}

#: Order matters: every browser names those that it descends from.
_BROWSERS: Final = (
    (r"Edg(?:A|iOS)?/(\d+)", "Edge"),
    (r"coc_coc_browser/(\d+)", "Cốc Cốc"),
    (r"(?:Firefox|FxiOS)/(\d+)", "Firefox"),
    (r"(?:Headless)?(?:Chrome|CriOS)/(\d+)", "Chrome"),
    (r"Version/(\d+)[\d.]* (?:Mobile/\S+ )?Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def act_text(act: str) -> str:
    """An act of the log in words; one that has none stands as it was written."""
    return _(ACTS[act]) if act in ACTS else act


def browser_text(user_agent: str) -> str:
    """``Chrome 120, Windows`` for what a browser says of itself; other programs by their name."""
    found = (
        f"{name} {match[1]}"
        for pattern, name in _BROWSERS
        if (match := re.search(pattern, user_agent))
    )
    browser = next(found, "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    said = ", ".join(part for part in (browser, system) if part)
    return said if browser else user_agent[:60] or _("Không rõ")
