"""Incidents with their tasks and log, and playbooks that say what to do."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms.api import SeverityChoices
from sen.domains.incidents import choices
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class KindChoices(models.TextChoices):
    STRUCTURE = choices.Kind.STRUCTURE.value, _("Hư hỏng công trình")
    TRAFFIC = choices.Kind.TRAFFIC.value, _("Tai nạn, ùn tắc giao thông")
    FLOOD = choices.Kind.FLOOD.value, _("Ngập, triều cường")
    LANDSLIDE = choices.Kind.LANDSLIDE.value, _("Sạt lở")
    VESSEL = choices.Kind.VESSEL.value, _("Tàu thuyền va chạm")
    OVERLOAD = choices.Kind.OVERLOAD.value, _("Xe quá tải")
    FIRE = choices.Kind.FIRE.value, _("Cháy nổ, hóa chất")
    DEVICE = choices.Kind.DEVICE.value, _("Hỏng thiết bị")
    OTHER = choices.Kind.OTHER.value, _("Khác")


class Playbook(ScopedModel):
    """One revision of what to do, step by step; of a code one is in use.

    ``steps``: text, who (``role``) and within how many minutes (``within_min``) of each.
    """

    access = AccessRule("incidents.playbook")

    code = models.CharField(_("mã kịch bản"), max_length=60)
    revision = models.PositiveSmallIntegerField(_("lần ban hành"), default=1, editable=False)
    name = models.CharField(_("tên kịch bản"), max_length=200)
    kind = models.CharField(_("cho loại sự cố"), max_length=9, choices=KindChoices.choices)
    steps = models.JSONField(_("các bước"), default=list)
    basis = models.CharField(_("căn cứ"), max_length=250, blank=True, default="")
    is_current = models.BooleanField(_("đang dùng"), default=True, editable=False)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("kịch bản ứng phó")
        constraints = [
            models.UniqueConstraint(fields=["code", "revision"], name="incidents_playbook_rev"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_current=True), name="incidents_playbook_current"
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="incidents_playbook_code"),
            models.Index(fields=["name", "id"], name="incidents_playbook_name"),
            search_index("incidents_playbook_search"),
        ]

    def __str__(self) -> str:
        return self.name


class Incident(GeoScopedModel):
    """Something happened and somebody deals with it.

    Units:
        ``chainage_m`` metres.
    """

    access = AccessRule("incidents.incident")

    class SourceChoices(models.TextChoices):
        ALARM = choices.Source.ALARM.value, _("Từ cảnh báo")
        CALL = choices.Source.CALL.value, _("Điện thoại")
        REPORT = choices.Source.REPORT.value, _("Phản ánh, báo cáo")
        PATROL = choices.Source.PATROL.value, _("Tuần đường")

    class State(models.TextChoices):
        REPORTED = choices.State.REPORTED.value, _("Mới ghi nhận")
        HANDLING = choices.State.HANDLING.value, _("Đang xử lý")
        CONTAINED = choices.State.CONTAINED.value, _("Đã khống chế")
        CLOSED = choices.State.CLOSED.value, _("Đã kết thúc")
        CANCELLED = choices.State.CANCELLED.value, _("Đã hủy")

    code = models.CharField(_("mã sự cố"), max_length=40, unique=True)
    title = models.CharField(_("nội dung"), max_length=250)
    kind = models.CharField(_("loại sự cố"), max_length=9, choices=KindChoices.choices)
    severity = models.PositiveSmallIntegerField(
        _("mức độ"), choices=SeverityChoices.choices, default=2
    )
    source = models.CharField(
        _("nguồn tin"),
        max_length=6,
        choices=SourceChoices.choices,
        default=choices.Source.CALL.value,
    )
    state = models.CharField(
        _("trạng thái"),
        max_length=9,
        choices=State.choices,
        default=choices.State.REPORTED.value,
    )
    alarm = models.ForeignKey(
        "alarms.Alarm",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("cảnh báo"),
    )
    asset = models.ForeignKey(
        "assets.Asset",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    road = models.ForeignKey(
        "network.Road",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tuyến đường"),
    )
    chainage_m = models.DecimalField(
        _("lý trình"), max_digits=10, decimal_places=1, null=True, blank=True
    )
    affected_assets = models.ManyToManyField(
        "assets.Asset", blank=True, related_name="+", verbose_name=_("công trình bị ảnh hưởng")
    )
    affected_roads = models.ManyToManyField(
        "network.Road", blank=True, related_name="+", verbose_name=_("tuyến bị ảnh hưởng")
    )
    playbook = models.ForeignKey(
        Playbook,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kịch bản"),
    )
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người chỉ huy"),
    )
    description = models.TextField(_("mô tả"), blank=True, default="")
    started_at = models.DateTimeField(_("xảy ra lúc"))
    contained_at = models.DateTimeField(_("khống chế lúc"), null=True, editable=False)
    closed_at = models.DateTimeField(_("kết thúc lúc"), null=True, editable=False)
    cause = models.TextField(_("nguyên nhân"), blank=True, default="")
    damage = models.TextField(_("thiệt hại"), blank=True, default="")
    result = models.TextField(_("kết quả xử lý"), blank=True, default="")
    geom = PointField(_("vị trí"), srid=4326, null=True, blank=True)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "title")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("sự cố")
        constraints = [
            models.UniqueConstraint(
                fields=["alarm"],
                condition=Q(alarm__isnull=False) & ~Q(state=choices.State.CANCELLED.value),
                name="incidents_incident_of_alarm",
            )
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="incidents_incident_code"),
            models.Index(fields=["started_at", "id"], name="incidents_incident_started"),
            models.Index(fields=["state", "id"], name="incidents_incident_state"),
            models.Index(fields=["severity", "id"], name="incidents_incident_severity"),
            models.Index(fields=["asset", "id"], name="incidents_incident_asset"),
            models.Index(fields=["road", "id"], name="incidents_incident_road"),
            search_index("incidents_incident_search"),
        ]

    def __str__(self) -> str:
        return self.title


class IncidentTask(ScopedModel):
    """Something that somebody has to do within a time."""

    access = AccessRule("incidents.task")

    incident = models.ForeignKey(
        Incident, models.CASCADE, related_name="+", verbose_name=_("sự cố")
    )
    number = models.PositiveSmallIntegerField(_("bước"))
    title = models.CharField(_("việc"), max_length=400)
    role = models.CharField(_("bộ phận"), max_length=160, blank=True, default="")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người thực hiện"),
    )
    due_at = models.DateTimeField(_("hạn"), null=True, blank=True)
    done_at = models.DateTimeField(_("xong lúc"), null=True, editable=False)
    done_by = models.CharField(_("người báo xong"), max_length=160, blank=True, default="")
    is_dropped = models.BooleanField(_("không cần làm"), default=False)
    note = models.TextField(_("kết quả"), blank=True, default="")
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("title", "role")

    class Meta(ScopedModel.Meta):
        verbose_name = _("việc xử lý sự cố")
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="incidents_task_once")
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="incidents_task_due"),
            models.Index(fields=["assignee", "due_at"], name="incidents_task_assignee"),
            search_index("incidents_task_search"),
        ]

    def __str__(self) -> str:
        return self.title


class IncidentEntry(models.Model):
    """One line of an incident's log; who sees the incident sees it."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("lúc"), db_default=Now())
    by = models.CharField(_("người ghi"), max_length=160, blank=True, default="")
    text = models.TextField(_("nội dung"))

    class Meta:
        verbose_name = _("nhật ký sự cố")
        indexes = [models.Index(fields=["incident", "at", "id"], name="incidents_entry_of")]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M}"
