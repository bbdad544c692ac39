"""What proves who somebody is, beside the password: tokens, device secrets, counters of failures.

Secrets are never stored: a token has 256 random bits, so its SHA-256 is enough to know it again.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SignInThrottle(models.Model):
    """Failures of one account or one address; shared by all processes."""

    key = models.CharField(max_length=120, primary_key=True)
    failures = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)  # attempts that were not even looked at
    last_failed_at = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bộ đếm đăng nhập sai")


class PasswordHistory(models.Model):
    """Former passwords of an account, as hashes."""

    user = models.ForeignKey("kernel_access.User", models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="access_password_history")]
        verbose_name = _("mật khẩu đã dùng")


class ApiToken(models.Model):
    """A key with which a program acts for an account, never with more rights than the account."""

    user = models.ForeignKey(
        "kernel_access.User", models.CASCADE, related_name="+", verbose_name=_("tài khoản")
    )
    name = models.CharField(_("tên"), max_length=80)
    prefix = models.CharField(_("phần đầu"), max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=100), verbose_name=_("phạm vi quyền"))
    max_class = models.SmallIntegerField(_("mức dữ liệu cao nhất"), default=1)
    organisation = models.ForeignKey(
        "kernel_access.Organisation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    area = models.ForeignKey(
        "kernel_access.Area", models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("tạo lúc"), db_default=Now())
    created_by = models.ForeignKey(
        "kernel_access.User", models.SET_NULL, null=True, related_name="+"
    )
    expires_at = models.DateTimeField(_("hết hạn"))
    last_used_at = models.DateTimeField(_("dùng lần cuối"), null=True)
    last_used_ip = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(_("thu hồi lúc"), null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="access_token_user")]
        verbose_name = _("khóa API")

    def __str__(self) -> str:
        return self.name


class DeviceCredential(models.Model):
    """Key and secret of one device. While they are being changed, two are valid."""

    device = models.ForeignKey(
        "kernel_access.User", models.CASCADE, related_name="+", verbose_name=_("thiết bị")
    )
    key_id = models.CharField(_("mã khóa"), max_length=20, unique=True)
    digest = models.CharField(max_length=64)
    #: The secret as Mosquitto's file of passwords has it; made when the secret is seen.
    broker_hash = models.CharField(max_length=160, blank=True, default="")
    created_at = models.DateTimeField(_("tạo lúc"), db_default=Now())
    expires_at = models.DateTimeField(_("hết hạn"), null=True)
    last_used_at = models.DateTimeField(_("dùng lần cuối"), null=True)
    revoked_at = models.DateTimeField(_("thu hồi lúc"), null=True)

    class Meta:
        indexes = [models.Index(fields=["device", "-id"], name="access_device_credential")]
        verbose_name = _("khóa thiết bị")

    def __str__(self) -> str:
        return self.key_id
