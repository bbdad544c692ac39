"""What was imported, by whom, from which file, with which result."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One run of one importer over one file; its report stays readable."""

    class State(models.TextChoices):
        CHECKED = "CHECKED", _("Đã kiểm tra thử")
        REFUSED = "REFUSED", _("Không nhập, có lỗi")
        DONE = "DONE", _("Đã nhập")

    kind = models.CharField(_("loại dữ liệu"), max_length=40)
    file_name = models.CharField(_("tệp"), max_length=250)
    file_sha256 = models.CharField(max_length=64)
    file_size = models.BigIntegerField(_("kích thước"))
    options = models.JSONField(_("tùy chọn"), default=dict)
    state = models.CharField(_("kết quả"), max_length=8, choices=State.choices)
    rows = models.IntegerField(_("số dòng"), default=0)
    created = models.IntegerField(_("thêm mới"), default=0)
    updated = models.IntegerField(_("cập nhật"), default=0)
    unchanged = models.IntegerField(_("không đổi"), default=0)
    fault_count = models.IntegerField(_("số lỗi"), default=0)
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    started_at = models.DateTimeField(_("bắt đầu"), db_default=Now())
    seconds = models.FloatField(_("thời gian (giây)"), default=0)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    asked_by_name = models.CharField(_("người nhập"), max_length=120)

    class Meta:
        verbose_name = _("lần nhập dữ liệu")
        indexes = [models.Index(fields=["kind", "-id"], name="imports_run_kind")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"
