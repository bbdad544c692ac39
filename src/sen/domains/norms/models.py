"""Legal documents, rules, and the versions of rules with their validity."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sen.domains.norms.choices import (
    CRITERIA,
    VALUES,
    DraftAct,
    DraftStatus,
    Topic,
    Verification,
)
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
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
    """What a rule says in one span of time (``effective_to`` is the first day without it).

    What was published is never edited: a correction supersedes the row and stands beside it.
    """

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
    verified_on = models.DateField(_("ngày xác minh"), null=True, blank=True)
    source = models.CharField(_("nguồn đối chiếu"), max_length=400, blank=True)
    rows = models.JSONField(_("bảng"), default=list)
    note = models.TextField(_("ghi chú"), blank=True)
    draft = models.ForeignKey(
        "NormDraft",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dự thảo"),
    )
    superseded_at = models.DateTimeField(_("bị thay lúc"), null=True, blank=True)
    superseded_why = models.CharField(_("lý do thay"), max_length=500, blank=True)

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
                condition=Q(superseded_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.norm} ({self.effective_from:%d/%m/%Y})"


class DocumentLink(ScopedModel):
    """What one document does to another from a date on."""

    access = AccessRule("norms.document")

    class Act(models.TextChoices):
        AMEND = DraftAct.AMEND.value, _("Sửa đổi, bổ sung")
        REPLACE = DraftAct.REPLACE.value, _("Thay thế")
        CORRECT = DraftAct.CORRECT.value, _("Đính chính")

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="+", verbose_name=_("văn bản")
    )
    target = models.ForeignKey(
        Document, models.CASCADE, related_name="+", verbose_name=_("văn bản bị tác động")
    )
    act = models.CharField(_("tác động"), max_length=8, choices=Act.choices)
    effective_from = models.DateField(_("từ ngày"))

    class Meta(ScopedModel.Meta):
        verbose_name = _("quan hệ văn bản")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "target", "act"], name="norms_documentlink_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} → {self.target}"


class NormDraft(ScopedModel):
    """A change of rules in preparation: written by some, published by another."""

    access = AccessRule("norms.draft", public=False)

    class Status(models.TextChoices):
        EDITING = DraftStatus.EDITING.value, _("Đang soạn")
        REVIEW = DraftStatus.REVIEW.value, _("Chờ công bố")
        PUBLISHED = DraftStatus.PUBLISHED.value, _("Đã công bố")
        WITHDRAWN = DraftStatus.WITHDRAWN.value, _("Đã rút dự thảo")
        REVOKED = DraftStatus.REVOKED.value, _("Đã hủy công bố")

    title = models.CharField(_("tên dự thảo"), max_length=250)
    act = models.CharField(
        _("việc làm"), max_length=8, choices=DocumentLink.Act.choices, default=DraftAct.AMEND.value
    )
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="+", verbose_name=_("văn bản mới")
    )
    target = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("văn bản bị sửa đổi, thay thế"),
    )
    effective_from = models.DateField(_("hiệu lực từ"))
    status = models.CharField(
        _("giai đoạn"), max_length=9, choices=Status.choices, default=DraftStatus.EDITING.value
    )
    note = models.TextField(_("ghi chú"), blank=True)
    author_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    authors = models.CharField(_("người soạn"), max_length=400, blank=True, editable=False)
    submitted_at = models.DateTimeField(_("trình lúc"), null=True, blank=True)
    published_at = models.DateTimeField(_("công bố lúc"), null=True, blank=True)
    published_by = models.CharField(_("người công bố"), max_length=150, blank=True)
    ended_at = models.DateTimeField(_("kết thúc lúc"), null=True, blank=True)
    ended_by = models.CharField(_("người kết thúc"), max_length=150, blank=True)
    ended_why = models.CharField(_("lý do"), max_length=500, blank=True)
    #: What publication changed beside versions, so that it can be taken back.
    undo = models.JSONField(default=dict, editable=False)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("title", "authors")

    class Meta(ScopedModel.Meta):
        verbose_name = _("dự thảo thay đổi quy định")
        indexes = [
            models.Index(fields=["effective_from", "id"], name="norms_draft_from"),
            models.Index(fields=["title", "id"], name="norms_draft_title"),
            search_index("norms_draft_search"),
        ]

    def __str__(self) -> str:
        return self.title


class DraftTable(ScopedModel):
    """What one rule would say by a draft.

    ``taken_from`` is the version from which the rows were taken; ``before`` names, once published,
    the versions that held in the span until then.
    """

    access = AccessRule("norms.draft", public=False)

    draft = models.ForeignKey(
        NormDraft, models.CASCADE, related_name="+", verbose_name=_("dự thảo")
    )
    norm = models.ForeignKey(Norm, models.PROTECT, related_name="+", verbose_name=_("quy định"))
    taken_from = models.ForeignKey(
        NormVersion,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("soạn từ phiên bản"),
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
    source = models.CharField(_("nguồn đối chiếu"), max_length=400, blank=True)
    rows = models.JSONField(_("bảng"), default=list)
    note = models.TextField(_("ghi chú"), blank=True)
    before = models.JSONField(default=list, editable=False)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("bảng của dự thảo")
        constraints = [
            models.UniqueConstraint(fields=["draft", "norm"], name="norms_drafttable_once"),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=models.F("effective_from")),
                name="norms_drafttable_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.norm} ({self.draft})"


class NormCase(ScopedModel):
    """A test of a rule: in this case it says this, from a day until before another."""

    access = AccessRule("norms.case")

    norm = models.ForeignKey(Norm, models.CASCADE, related_name="+", verbose_name=_("quy định"))
    inputs = models.JSONField(_("trường hợp"), default=dict)
    expected = models.JSONField(_("kết quả đúng"))
    effective_from = models.DateField(_("đúng từ ngày"))
    effective_to = models.DateField(_("đúng đến trước ngày"), null=True, blank=True)
    reason = models.CharField(_("căn cứ"), max_length=500, blank=True)
    draft = models.ForeignKey(
        NormDraft,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dự thảo"),
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("ca kiểm thử quy định")
        indexes = [
            models.Index(fields=["norm", "effective_from"], name="norms_case_norm"),
            models.Index(fields=["effective_from", "id"], name="norms_case_from"),
        ]

    def __str__(self) -> str:
        said = "; ".join(
            f"{gettext(CRITERIA.get(key, key))} = {gettext(VALUES.get(str(value), str(value)))}"
            for key, value in self.inputs.items()
        )
        return f"{self.norm}: {said}" if said else str(self.norm)


class CaseChange(ScopedModel):
    """What a draft changes of the tests: another result with a reason, or a new test."""

    access = AccessRule("norms.draft", public=False)

    draft = models.ForeignKey(
        NormDraft, models.CASCADE, related_name="+", verbose_name=_("dự thảo")
    )
    norm = models.ForeignKey(Norm, models.CASCADE, related_name="+", verbose_name=_("quy định"))
    case = models.ForeignKey(
        NormCase,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ca kiểm thử"),
    )
    inputs = models.JSONField(_("trường hợp"), default=dict)
    expected = models.JSONField(_("kết quả đúng"), null=True)
    reason = models.CharField(_("lý do"), max_length=500)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("thay đổi ca kiểm thử")
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "case"],
                condition=Q(case__isnull=False),
                name="norms_casechange_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.norm}: {self.reason}"
