"""Runs of jobs: who asked for what, how far it is, how it ended."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One piece of queued work from the asking to its end."""

    class Status(models.TextChoices):
        QUEUED = "QUEUED", _("Đang chờ")
        RUNNING = "RUNNING", _("Đang chạy")
        SUCCEEDED = "SUCCEEDED", _("Hoàn thành")
        FAILED = "FAILED", _("Thất bại")
        CANCELLED = "CANCELLED", _("Đã hủy")

    OPEN = (Status.QUEUED, Status.RUNNING)

    id = models.BigAutoField(primary_key=True)
    job = models.CharField(_("công việc"), max_length=80)
    title = models.CharField(_("nội dung"), max_length=250)
    queue = models.CharField(_("hàng đợi"), max_length=40)
    #: None: the house itself, on schedule.
    asked_by = models.ForeignKey(
        "kernel_access.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("người yêu cầu"),
    )
    asked_at = models.DateTimeField(_("yêu cầu lúc"), db_default=Now())
    arguments = models.JSONField(_("tham số"), default=dict)
    #: At most one queued run per job and non-empty key.
    once_key = models.CharField(max_length=120, blank=True)
    status = models.CharField(
        _("trạng thái"), max_length=10, choices=Status.choices, default=Status.QUEUED
    )
    attempts = models.IntegerField(_("số lần chạy"), default=0)
    crashes = models.IntegerField(_("số lần bị ngắt"), default=0)
    done = models.BigIntegerField(_("đã làm"), default=0)
    total = models.BigIntegerField(_("tổng số"), null=True)
    text = models.CharField(_("tiến độ"), max_length=250, blank=True)
    result = models.JSONField(_("kết quả"), null=True)
    error = models.CharField(_("lỗi"), max_length=500, blank=True)
    traceback = models.TextField(blank=True)
    next_try_at = models.DateTimeField(_("chạy lại lúc"), null=True)
    started_at = models.DateTimeField(_("bắt đầu lúc"), null=True)
    finished_at = models.DateTimeField(_("kết thúc lúc"), null=True)
    cancel_requested = models.BooleanField(default=False)
    queue_job_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["asked_by", "-id"], name="jobs_run_asked_by"),
            models.Index(fields=["status", "-id"], name="jobs_run_status"),
            models.Index(fields=["queue_job_id"], name="jobs_run_queue_job"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "once_key"],
                name="jobs_run_once",
                condition=models.Q(status="QUEUED") & ~models.Q(once_key=""),
            )
        ]
        verbose_name = _("lượt chạy công việc")

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def percent(self) -> int | None:
        """Progress in whole per cent, when the total is known."""
        return min(100, self.done * 100 // self.total) if self.total else None


class JobSchedule(models.Model):
    """When a scheduled job is due next."""

    job = models.CharField(_("công việc"), max_length=80, primary_key=True)
    cron = models.CharField(_("lịch"), max_length=80)
    next_at = models.DateTimeField(_("lần tới"))
    last_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("lịch chạy công việc")
