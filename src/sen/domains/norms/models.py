"""Legal documents, rules, and the versions of rules with their validity."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from sen.domains.norms.choices import Topic, Verification
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule
from sen.kernel.search.fields import search_column, search_index


class Document(ScopedModel):
    """A legal document: law, decree, circular, standard."""

    access = AccessRule("norms.document")

    code = models.CharField(_("mã"), max_length=60, unique=True)
    number = models.CharField(_("số, ký hiệu"), max_length=80)
    name = models.CharField(_("tên văn bản"), max_length=400)
    issuer = models.CharField(_("cơ quan ban hành"), max_length=120, blank=True)
    issued_date = models.DateField(_("ngày ban hành"), null=True, blank=True)
    effective_from = models.DateField(_("hiệu lực từ"), null=True, blank=True)
    effective_to = models.DateField(_("hết hiệu lực"), null=True, blank=True)
    url = models.URLField(_("nguồn"), max_length=400, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)
    search = search_column("code", "number", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("văn bản pháp luật")
        indexes = [
            models.Index(fields=["number", "id"], name="norms_document_number"),
            search_index("norms_document_search"),
        ]

    def __str__(self) -> str:
        return self.number


class TopicChoices(models.TextChoices):
    LOADS = Topic.LOADS.value, _("Tải trọng, khổ giới hạn")
    SPEED = Topic.SPEED.value, _("Tốc độ, khoảng cách")
    CORRIDORS = Topic.CORRIDORS.value, _("Hành lang an toàn")
    ROADS = Topic.ROADS.value, _("Quản lý đường")
    ASSETS = Topic.ASSETS.value, _("Tài sản, khấu hao")
    CALENDAR = Topic.CALENDAR.value, _("Lịch làm việc")
    DEADLINES = Topic.DEADLINES.value, _("Thời hạn giải quyết")
    FINES = Topic.FINES.value, _("Xử phạt")
    FORMATS = Topic.FORMATS.value, _("Mẫu mã, định dạng")
    PLANNING = Topic.PLANNING.value, _("Quy hoạch")


class VerificationChoices(models.TextChoices):
    VERIFIED = Verification.VERIFIED.value, _("Đã đối chiếu văn bản")
    SECONDARY = Verification.SECONDARY.value, _("Theo nguồn thứ cấp")
    UNVERIFIED = Verification.UNVERIFIED.value, _("Cần xác minh")


class Norm(ScopedModel):
    """A rule that somebody asks for by its code, whatever document holds it at the time."""

    access = AccessRule("norms.norm")

    code = models.CharField(_("mã"), max_length=80, unique=True)
    name = models.CharField(_("tên quy định"), max_length=250)
    topic = models.CharField(_("lĩnh vực"), max_length=12, choices=TopicChoices.choices)
    unit = models.CharField(_("đơn vị"), max_length=30, blank=True)
    keys = ArrayField(models.CharField(max_length=40), verbose_name=_("tiêu chí"), default=list)
    search = search_column("code", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("quy định")
        indexes = [
            models.Index(fields=["name", "id"], name="norms_norm_name"),
            models.Index(fields=["topic", "id"], name="norms_norm_topic"),
            search_index("norms_norm_search"),
        ]

    def __str__(self) -> str:
        return self.name


class DateRange(Func):
    """``daterange(from, to, '[)')``."""

    function = "daterange"


class NormVersion(ScopedModel):
    """What a rule says in one span of time (``effective_to`` is the first day without it)."""

    access = AccessRule("norms.version")

    norm = models.ForeignKey(Norm, models.CASCADE, related_name="+", verbose_name=_("quy định"))
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="+", verbose_name=_("văn bản")
    )
    legal_ref = models.CharField(_("điều khoản"), max_length=160)
    effective_from = models.DateField(_("hiệu lực từ"))
    effective_to = models.DateField(_("hết hiệu lực"), null=True, blank=True)
    verification = models.CharField(
        _("xác minh"),
        max_length=10,
        choices=VerificationChoices.choices,
        default=Verification.UNVERIFIED.value,
    )
    verified_by = models.CharField(_("người xác minh"), max_length=120, blank=True)
    rows = models.JSONField(_("bảng"), default=list)
    note = models.TextField(_("ghi chú"), blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = _("phiên bản quy định")
        indexes = [
            models.Index(fields=["norm", "-effective_from"], name="norms_version_norm"),
            models.Index(fields=["effective_from", "id"], name="norms_version_from"),
        ]
        constraints = [
            ExclusionConstraint(
                name="norms_version_no_overlap",
                expressions=[
                    (
                        DateRange("effective_from", "effective_to", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                    ("norm", RangeOperators.EQUAL),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.norm} ({self.effective_from:%d/%m/%Y})"
