"""What was imported, by whom, from which file; what waits to be; where data come from regularly."""

from __future__ import annotations

import uuid
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One run of one importer over one file; its report stays readable."""

    class State(models.TextChoices):
        CHECKED = "CHECKED", _("Đã kiểm tra thử")
        REFUSED = "REFUSED", _("Không nhập, có lỗi")
        DONE = "DONE", _("Đã nhập")
        UNDONE = "UNDONE", _("Đã hoàn tác")

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
    undone_at = models.DateTimeField(_("hoàn tác lúc"), null=True)
    undone_by_name = models.CharField(_("người hoàn tác"), max_length=120, default="")
    #: What the undoing did, and the rows that it left alone with the reason.
    undoing = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("lần nhập dữ liệu")
        indexes = [models.Index(fields=["kind", "-id"], name="imports_run_kind")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"


class TouchedRow(models.Model):
    """A row that an import wrote (by trigger, see ``tracking``); ``version`` is the one it made."""

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField()
    table = models.CharField(max_length=63, db_column="table_name")
    row_id = models.BigIntegerField()
    op = models.CharField(max_length=1)
    version = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["run_id", "table", "row_id"], name="imports_touched_run")]


class ImportDraft(models.Model):
    """A file on its way through the steps of the wizard, with everything chosen so far."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=40)
    register = models.CharField(max_length=80)
    file_name = models.CharField(max_length=250)
    stored_as = models.CharField(max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    settings = models.JSONField(default=dict)
    profile = models.ForeignKey("ImportProfile", models.SET_NULL, null=True, related_name="+")
    job_run_id = models.BigIntegerField(null=True)
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("tệp đang nhập")
        indexes = [models.Index(fields=["owner", "kind"], name="imports_draft_owner")]

    def __str__(self) -> str:
        return self.file_name


class ImportProfile(models.Model):
    """How files of one origin are read: columns, values, coordinate system, rules."""

    kind = models.CharField(max_length=40)
    name = models.CharField(_("tên"), max_length=120)
    organisation = models.ForeignKey(
        "kernel_access.Organisation", models.CASCADE, null=True, related_name="+"
    )
    columns = ArrayField(models.CharField(max_length=250))
    settings = models.JSONField(default=dict)
    saved_by_name = models.CharField(max_length=120)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("cấu hình nhập")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "organisation", "name"],
                name="imports_profile_name",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """A layer of another office's server that is fetched regularly."""

    class Protocol(models.TextChoices):
        WFS = "WFS", _("WFS")
        FEATURES = "FEATURES", _("OGC API Features")

    class Schedule(models.TextChoices):
        MANUAL = "MANUAL", _("Chỉ khi bấm lấy")
        HOURLY = "HOURLY", _("Hằng giờ")
        DAILY = "DAILY", _("Hằng ngày")
        WEEKLY = "WEEKLY", _("Hằng tuần")
        MONTHLY = "MONTHLY", _("Hằng tháng")

    class Apply(models.TextChoices):
        ASK = "ASK", _("Chờ người duyệt")
        SAFE = "SAFE", _("Tự nhập khi không có bản ghi biến mất và thay đổi không quá 10%")
        ALWAYS = "ALWAYS", _("Luôn tự nhập")

    kind = models.CharField(_("loại dữ liệu"), max_length=40)
    name = models.CharField(_("tên nguồn"), max_length=120, unique=True)
    protocol = models.CharField(_("giao thức"), max_length=8, choices=Protocol.choices)
    url = models.CharField(_("địa chỉ dịch vụ"), max_length=500)
    layer = models.CharField(_("lớp"), max_length=200)
    srid = models.IntegerField(_("hệ tọa độ (EPSG)"), null=True)
    key_column = models.CharField(_("cột mã"), max_length=120)
    schedule = models.CharField(_("lịch lấy"), max_length=8, choices=Schedule.choices)
    apply_rule = models.CharField(_("cách nhập"), max_length=6, choices=Apply.choices)
    profile = models.ForeignKey(
        ImportProfile,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("cấu hình nhập"),
    )
    options = models.JSONField(default=dict)
    is_active = models.BooleanField(_("đang dùng"), default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người lập")
    )
    next_at = models.DateTimeField(_("lần lấy tới"), null=True)

    class Meta:
        verbose_name = _("nguồn dữ liệu")

    def __str__(self) -> str:
        return self.name


class Harvest(models.Model):
    """One fetching of a source: what is new, changed and gone, and what became of it."""

    class State(models.TextChoices):
        SAME = "SAME", _("Không có gì mới")
        WAITING = "WAITING", _("Chờ duyệt")
        APPLIED = "APPLIED", _("Đã nhập")
        REFUSED = "REFUSED", _("Có lỗi, không nhập")
        REJECTED = "REJECTED", _("Không duyệt")
        FAILED = "FAILED", _("Không lấy được")

    source = models.ForeignKey(Source, models.CASCADE, related_name="harvests")
    fetched_at = models.DateTimeField(_("lấy lúc"), db_default=Now())
    state = models.CharField(_("kết quả"), max_length=8, choices=State.choices)
    rows = models.IntegerField(_("số dòng"), default=0)
    added = models.IntegerField(_("mới"), default=0)
    changed = models.IntegerField(_("thay đổi"), default=0)
    vanished = models.IntegerField(_("biến mất"), default=0)
    differences = models.JSONField(default=list)
    #: Key → digest of every row; kept of the last applied one, to compare the next with.
    digests = models.JSONField(default=dict)
    stored_as = models.CharField(max_length=120, default="")
    error = models.CharField(_("lỗi"), max_length=500, default="")
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="+")
    decided_by_name = models.CharField(_("người duyệt"), max_length=120, default="")

    class Meta:
        verbose_name = _("lần lấy dữ liệu")
        indexes = [models.Index(fields=["source", "-id"], name="imports_harvest_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.fetched_at:%d/%m/%Y %H:%M}"


#: Cron lines of the schedules, in local time.
CRON: Final = {
    Source.Schedule.HOURLY: "10 * * * *",
    Source.Schedule.DAILY: "30 2 * * *",
    Source.Schedule.WEEKLY: "30 2 * * 1",
    Source.Schedule.MONTHLY: "30 2 1 * *",
}
