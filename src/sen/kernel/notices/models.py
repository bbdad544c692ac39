"""What people were told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """One sentence for one person, with the page where something is to be done.

    ``key`` names the occasion: the same person is told of it once.
    """

    class Tone(models.TextChoices):
        INFO = "info", _("Thông tin")
        WARN = "warn", _("Cần làm")
        DANGER = "danger", _("Quá hạn")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=160)
    title = models.CharField(_("nội dung"), max_length=250)
    text = models.CharField(_("chi tiết"), max_length=1000, blank=True)
    url = models.CharField(max_length=300, blank=True)
    tone = models.CharField(_("loại"), max_length=6, choices=Tone.choices, default=Tone.INFO)
    created_at = models.DateTimeField(_("lúc"), db_default=Now(), editable=False)
    read_at = models.DateTimeField(_("đã xem lúc"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("gửi thư lúc"), null=True, blank=True)
    is_demo = models.BooleanField(_("dữ liệu minh họa"), default=False)

    class Meta:
        verbose_name = _("thông báo")
        indexes = [
            models.Index(fields=["user", "-id"], name="notices_notice_user"),
            models.Index(
                fields=["user"],
                condition=models.Q(read_at__isnull=True),
                name="notices_notice_unread",
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notices_notice_once")]

    def __str__(self) -> str:
        return self.title
