"""What was taken in from devices."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Receipt(models.Model):
    """One entry that was taken in, with the answer that its device was given."""

    id = models.UUIDField(primary_key=True)
    queue = models.CharField(max_length=80)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    digest = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("bản ghi gửi từ thiết bị")
        indexes = [models.Index(fields=["received_at"], name="offline_receipt_received")]

    def __str__(self) -> str:
        return str(self.id)
