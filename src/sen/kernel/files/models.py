"""Files by their content, and what they are attached to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.models import DataClassChoices
from sen.kernel.access.scope import DataClass


class StoredFile(models.Model):
    """A content, kept once whatever its names (SHA-256).

    Nobody may open it before it was found clean. ``findings`` holds what the check noted: pages,
    and whether a virus scanner read it.
    """

    class State(models.TextChoices):
        QUARANTINE = "QUARANTINE", _("Đang kiểm tra")
        CLEAN = "CLEAN", _("Đã kiểm tra")
        REJECTED = "REJECTED", _("Bị từ chối")

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField(_("kích thước"))
    mime = models.CharField(max_length=100)
    is_image = models.BooleanField(default=False)
    state = models.CharField(
        _("kiểm tra an toàn"),
        max_length=10,
        choices=State.choices,
        default=State.QUARANTINE,
    )
    reason = models.CharField(_("lý do từ chối"), max_length=500, blank=True)
    findings = models.JSONField(_("kết quả kiểm tra"), default=dict)
    checked_at = models.DateTimeField(_("kiểm tra lúc"), null=True, editable=False)
    stored_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("tệp")

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def is_clean(self) -> bool:
        return self.state == self.State.CLEAN


class Attachment(models.Model):
    """A file on a row of a register, seen by who sees the row and is cleared for the class."""

    register = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(_("tên tệp"), max_length=200)
    title = models.CharField(_("nội dung"), max_length=200, blank=True)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    added_by_name = models.CharField(_("người thêm"), max_length=120)
    added_at = models.DateTimeField(_("thêm lúc"), db_default=Now(), editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("tệp đính kèm")
        indexes = [
            models.Index(fields=["register", "object_id", "id"], name="files_attachment_row")
        ]

    def __str__(self) -> str:
        return self.title or self.name
