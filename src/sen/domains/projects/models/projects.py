"""A project with its decisions and obstacles."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.parties.choices import SyncState
from sen.domains.projects import choices
from sen.domains.projects.course import COURSE, Step
from sen.domains.projects.labels import decision_choices, stage_choices, step_choices
from sen.domains.projects.models.parts import ProjectPart
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class SyncChoices(models.TextChoices):
    """Where a national id stands towards csdlhdxd.gov.vn, which alone mints it."""

    LOCAL = SyncState.LOCAL.value, _("Chưa đối chiếu")
    WAITING = SyncState.WAITING.value, _("Đang chờ đối chiếu")
    MATCHED = SyncState.MATCHED.value, _("Đã khớp")
    DIFFERS = SyncState.DIFFERS.value, _("Khác dữ liệu quốc gia")
    REJECTED = SyncState.REJECTED.value, _("Không có ở nguồn")


class Project(ScopedModel):
    """An investment project. Sums, progress and pace follow from its parts."""

    access = AccessRule("projects.project")

    class Kind(models.TextChoices):
        NEW = choices.ProjectKind.NEW.value, _("Xây dựng mới")
        UPGRADE = choices.ProjectKind.UPGRADE.value, _("Nâng cấp, mở rộng")
        REPAIR = choices.ProjectKind.REPAIR.value, _("Sửa chữa")
        MAINTENANCE = choices.ProjectKind.MAINTENANCE.value, _("Bảo trì")
        EMERGENCY = choices.ProjectKind.EMERGENCY.value, _("Khẩn cấp")

    class Group(models.TextChoices):
        NATIONAL = choices.Group.NATIONAL.value, _("Quan trọng quốc gia")
        A = choices.Group.A.value, _("Nhóm A")
        B = choices.Group.B.value, _("Nhóm B")
        C = choices.Group.C.value, _("Nhóm C")

    class Field(models.TextChoices):
        ROAD = choices.Field.ROAD.value, _("Đường bộ")
        BRIDGE = choices.Field.BRIDGE.value, _("Cầu")
        WATERWAY = choices.Field.WATERWAY.value, _("Đường thủy")
        STATION = choices.Field.STATION.value, _("Bến, bãi")
        LIGHTING = choices.Field.LIGHTING.value, _("Chiếu sáng")
        DRAINAGE = choices.Field.DRAINAGE.value, _("Thoát nước")
        ITS = choices.Field.ITS.value, _("Giao thông thông minh")
        OTHER = choices.Field.OTHER.value, _("Lĩnh vực khác")

    class Status(models.TextChoices):
        ACTIVE = choices.Status.ACTIVE.value, _("Đang triển khai")
        SUSPENDED = choices.Status.SUSPENDED.value, _("Tạm dừng")
        CANCELLED = choices.Status.CANCELLED.value, _("Đã dừng hẳn")

    class Pace(models.TextChoices):
        NOT_STARTED = choices.Pace.NOT_STARTED.value, _("Chưa khởi công")
        ON_TIME = choices.Pace.ON_TIME.value, _("Đúng tiến độ")
        SLOW = choices.Pace.SLOW.value, _("Có nguy cơ chậm")
        LATE = choices.Pace.LATE.value, _("Chậm tiến độ")
        DONE = choices.Pace.DONE.value, _("Đã hoàn thành")

    code = models.CharField(_("mã dự án"), max_length=40, unique=True)
    name = models.CharField(_("tên dự án"), max_length=300)
    kind = models.CharField(
        _("loại dự án"), max_length=12, choices=Kind.choices, default=Kind.NEW.value
    )
    group = models.CharField(
        _("nhóm dự án"), max_length=8, choices=Group.choices, default=Group.C.value
    )
    field = models.CharField(
        _("lĩnh vực"), max_length=8, choices=Field.choices, default=Field.ROAD.value
    )
    objective = models.TextField(_("mục tiêu"), blank=True, default="")
    scale = models.TextField(_("quy mô"), blank=True, default="")
    investor = models.ForeignKey(
        "parties.Party", models.PROTECT, related_name="+", verbose_name=_("chủ đầu tư")
    )
    manager = models.ForeignKey(
        "parties.Party",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ban quản lý dự án"),
    )
    manager_person = models.CharField(_("người phụ trách"), max_length=120, blank=True, default="")
    road = models.ForeignKey(
        "network.Road",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tuyến đường"),
    )
    starts_at = models.DateField(_("bắt đầu theo quyết định"), null=True, blank=True)
    due_at = models.DateField(_("hoàn thành theo quyết định"), null=True, blank=True)
    proposed_vnd = models.BigIntegerField(_("tổng mức dự kiến"), null=True, blank=True)
    stage = models.CharField(_("giai đoạn"), max_length=12, choices=stage_choices, editable=False)
    step = models.CharField(_("bước"), max_length=12, choices=step_choices, editable=False)
    step_since = models.DateField(_("ở bước này từ"), null=True, editable=False)
    status = models.CharField(
        _("trạng thái"),
        max_length=9,
        choices=Status.choices,
        default=choices.Status.ACTIVE.value,
        editable=False,
    )
    total_vnd = models.BigIntegerField(_("tổng mức đầu tư"), default=0, editable=False)
    contracted_vnd = models.BigIntegerField(_("giá trị hợp đồng"), default=0, editable=False)
    allocated_vnd = models.BigIntegerField(_("vốn đã giao"), default=0, editable=False)
    disbursed_vnd = models.BigIntegerField(_("đã giải ngân"), default=0, editable=False)
    actual_pct = models.DecimalField(
        _("khối lượng thực hiện"), max_digits=4, decimal_places=1, null=True, editable=False
    )
    pace = models.CharField(
        _("tiến độ"),
        max_length=12,
        choices=Pace.choices,
        default=choices.Pace.NOT_STARTED.value,
        editable=False,
    )
    national_id = models.CharField(
        _("mã số quốc gia của dự án"), max_length=60, blank=True, default="", editable=False
    )
    national_sync = models.CharField(
        _("đối chiếu quốc gia"),
        max_length=8,
        choices=SyncChoices.choices,
        default=SyncState.LOCAL.value,
        editable=False,
    )
    national_note = models.CharField(max_length=250, blank=True, default="", editable=False)
    national_at = models.DateTimeField(_("đối chiếu lúc"), null=True, editable=False)
    search = search_column("code", "name", "national_id")

    class Meta(ScopedModel.Meta):
        verbose_name = _("dự án")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(due_at=None) | Q(due_at__gte=F("starts_at")),
                name="projects_project_span",
            ),
            models.UniqueConstraint(
                fields=["national_id"],
                condition=~Q(national_id=""),
                name="projects_project_national",
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="projects_project_code_id"),
            models.Index(fields=["name", "id"], name="projects_project_name"),
            models.Index(fields=["total_vnd", "id"], name="projects_project_total"),
            models.Index(fields=["disbursed_vnd", "id"], name="projects_project_paid"),
            models.Index(fields=["actual_pct", "id"], name="projects_project_actual"),
            models.Index(fields=["due_at", "id"], name="projects_project_due"),
            models.Index(fields=["pace", "id"], name="projects_project_pace"),
            search_index("projects_project_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def at(self) -> Step:
        """The step of the course on which it stands."""
        return COURSE.by_step[self.step]


class Decision(ProjectPart):
    """A decision on a project: by whom, when, and what it sets."""

    access = AccessRule("projects.decision")
    own_class: ClassVar[DataClass] = DataClass.PUBLIC

    kind = models.CharField(_("loại quyết định"), max_length=20, choices=decision_choices)
    number = models.CharField(_("số, ký hiệu"), max_length=60)
    issued_at = models.DateField(_("ngày ban hành"))
    issuer = models.CharField(_("cơ quan ban hành"), max_length=200)
    summary = models.CharField(_("trích yếu"), max_length=500, blank=True, default="")
    total_vnd = models.BigIntegerField(_("tổng mức đầu tư được duyệt"), null=True, blank=True)
    due_at = models.DateField(_("thời hạn hoàn thành được duyệt"), null=True, blank=True)
    search = search_column("number", "issuer", "summary")

    class Meta(ProjectPart.Meta):
        verbose_name = _("quyết định của dự án")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number", "issued_at"], name="projects_decision_once"
            )
        ]
        indexes = [
            models.Index(fields=["issued_at", "id"], name="projects_decision_date"),
            models.Index(fields=["number", "id"], name="projects_decision_number"),
            models.Index(fields=["project", "issued_at", "id"], name="projects_decision_project"),
            search_index("projects_decision_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.issued_at:%d/%m/%Y})"


class Risk(ProjectPart):
    """An obstacle or a risk of a project, with who deals with it until when."""

    access = AccessRule("projects.risk")

    class Kind(models.TextChoices):
        LAND = choices.RiskKind.LAND.value, _("Giải phóng mặt bằng")
        FUNDING = choices.RiskKind.FUNDING.value, _("Vốn")
        MATERIAL = choices.RiskKind.MATERIAL.value, _("Vật liệu")
        CONTRACTOR = choices.RiskKind.CONTRACTOR.value, _("Nhà thầu")
        DESIGN = choices.RiskKind.DESIGN.value, _("Thiết kế")
        UTILITIES = choices.RiskKind.UTILITIES.value, _("Di dời hạ tầng kỹ thuật")
        WEATHER = choices.RiskKind.WEATHER.value, _("Thời tiết, thiên tai")
        PROCEDURE = choices.RiskKind.PROCEDURE.value, _("Thủ tục")
        OTHER = choices.RiskKind.OTHER.value, _("Vướng mắc khác")

    class Level(models.TextChoices):
        LOW = choices.Level.LOW.value, _("Thấp")
        MEDIUM = choices.Level.MEDIUM.value, _("Trung bình")
        HIGH = choices.Level.HIGH.value, _("Cao")

    kind = models.CharField(_("loại vướng mắc"), max_length=10, choices=Kind.choices)
    level = models.CharField(
        _("mức độ"), max_length=6, choices=Level.choices, default=choices.Level.MEDIUM.value
    )
    description = models.CharField(_("nội dung"), max_length=500)
    solution = models.TextField(_("hướng xử lý"), blank=True, default="")
    responsible = models.CharField(_("đơn vị xử lý"), max_length=200, blank=True, default="")
    raised_at = models.DateField(_("ngày phát sinh"))
    due_at = models.DateField(_("hạn xử lý"), null=True, blank=True)
    resolved_at = models.DateField(_("ngày xử lý xong"), null=True, blank=True)
    search = search_column("description", "responsible")

    class Meta(ProjectPart.Meta):
        verbose_name = _("vướng mắc")
        indexes = [
            models.Index(fields=["raised_at", "id"], name="projects_risk_raised"),
            models.Index(fields=["due_at", "id"], name="projects_risk_due"),
            models.Index(fields=["project", "resolved_at", "id"], name="projects_risk_project"),
            search_index("projects_risk_search"),
        ]

    def __str__(self) -> str:
        return self.description[:80]
