"""Shifts with their log, notes on charts, and screens on walls."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.operations.choices import EntryKind, Post
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.permissions import declare_resource
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index

#: The screen itself shows what other domains keep; who may open it is said apart.
declare_resource("operations.board", _("Màn hình điều hành"))


class OfCentre(ScopedModel, abstract=True):
    """What the centre knows among the offices."""

    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        abstract = True


class Shift(OfCentre):
    """Somebody's time on duty at a post, until it is handed over."""

    access = AccessRule("operations.shift", public=False)

    class Posts(models.TextChoices):
        LEADER = Post.LEADER.value, _("Trực lãnh đạo")
        OPERATOR = Post.OPERATOR.value, _("Trực ban điều hành")
        TECHNICIAN = Post.TECHNICIAN.value, _("Trực kỹ thuật")

    post = models.CharField(_("vị trí trực"), max_length=10, choices=Posts.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người trực")
    )
    person_name = models.CharField(_("họ và tên"), max_length=120)
    phone = models.CharField(_("điện thoại trực"), max_length=20, blank=True, default="")
    begins_at = models.DateTimeField(_("nhận ca"))
    ends_at = models.DateTimeField(_("giao ca"), null=True, blank=True)
    handover = models.TextField(_("nội dung bàn giao"), max_length=4000, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người nhận ca"),
    )
    search = search_column("person_name", "handover")

    class Meta(ScopedModel.Meta):
        verbose_name = _("ca trực")
        indexes = [
            models.Index(fields=["begins_at", "id"], name="operations_shift_begin"),
            models.Index(fields=["person_name", "id"], name="operations_shift_person"),
            search_index("operations_shift_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "post"],
                condition=models.Q(ends_at__isnull=True),
                name="operations_shift_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gte=models.F("begins_at")),
                name="operations_shift_forwards",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()}: {self.person_name}"


class ShiftEntry(OfCentre):
    """A line of the log of a shift; never changed, only added to."""

    access = AccessRule("operations.shift", public=False)

    class Kinds(models.TextChoices):
        EVENT = EntryKind.EVENT.value, _("Diễn biến")
        ORDER = EntryKind.ORDER.value, _("Chỉ đạo")
        REPORT = EntryKind.REPORT.value, _("Báo cáo")
        NOTE = EntryKind.NOTE.value, _("Ghi chú")

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="+", verbose_name=_("ca trực"))
    kind = models.CharField(_("loại"), max_length=6, choices=Kinds.choices)
    at = models.DateTimeField(_("thời điểm"))
    text = models.TextField(_("nội dung"), max_length=2000)
    written_by = models.CharField(_("người ghi"), max_length=120)

    class Meta(ScopedModel.Meta):
        verbose_name = _("dòng sổ trực")
        indexes = [models.Index(fields=["shift", "at"], name="operations_entry_shift")]

    def __str__(self) -> str:
        return self.text[:80]


class ChartNote(OfCentre):
    """A remark that somebody pinned to a moment of a chart."""

    access = AccessRule("operations.note", public=False)

    chart = models.CharField(_("biểu đồ"), max_length=120)
    at = models.DateTimeField(_("thời điểm"))
    text = models.CharField(_("nội dung"), max_length=300)
    written_by = models.CharField(_("người ghi"), max_length=120)

    class Meta(ScopedModel.Meta):
        verbose_name = _("ghi chú biểu đồ")
        indexes = [models.Index(fields=["chart", "at"], name="operations_note_chart")]

    def __str__(self) -> str:
        return self.text[:80]


class Display(OfCentre):
    """A screen on a wall, or a page of others that holds tiles: a key that only looks."""

    access = AccessRule("operations.display", public=False)

    name = models.CharField(_("tên màn hình"), max_length=80)
    place = models.CharField(_("nơi đặt"), max_length=200, blank=True)
    token = models.OneToOneField(
        "kernel_access.ApiToken", models.PROTECT, related_name="+", verbose_name=_("khóa")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("người tạo")
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("màn hình")
        indexes = [models.Index(fields=["name", "id"], name="operations_display_name")]

    def __str__(self) -> str:
        return self.name
