"""Works and their items: what a project builds or repairs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db.models import GeometryField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.network.api import SideOfRoad
from sen.domains.parties.choices import SyncState
from sen.domains.projects import choices
from sen.domains.projects.models.parts import ProjectPart
from sen.domains.projects.models.projects import SyncChoices
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class Work(ProjectPart, GeoScopedModel):
    """A work or (with a parent) an item of one.

    ``asset_type`` is the type of asset that it becomes, empty for what becomes none; ``asset`` the
    one that it repairs from the start, or that was made of it when it was handed over.
    ``attributes`` are those of the type and go over to the asset.
    """

    access = AccessRule("projects.work")
    own_class: ClassVar[DataClass] = DataClass.PUBLIC

    class Action(models.TextChoices):
        NEW = choices.WorkAction.NEW.value, _("Xây mới")
        REPAIR = choices.WorkAction.REPAIR.value, _("Sửa chữa, nâng cấp")

    class Status(models.TextChoices):
        PLANNED = choices.WorkStatus.PLANNED.value, _("Dự kiến")
        BUILDING = choices.WorkStatus.BUILDING.value, _("Đang thi công")
        ACCEPTED = choices.WorkStatus.ACCEPTED.value, _("Đã nghiệm thu")
        HANDED_OVER = choices.WorkStatus.HANDED_OVER.value, _("Đã bàn giao")
        STOPPED = choices.WorkStatus.STOPPED.value, _("Tạm dừng")

    class WorkClass(models.TextChoices):
        SPECIAL = choices.WorkClass.SPECIAL.value, _("Cấp đặc biệt")
        I = choices.WorkClass.I.value, _("Cấp I")  # noqa: E741  the numerals of the law
        II = choices.WorkClass.II.value, _("Cấp II")
        III = choices.WorkClass.III.value, _("Cấp III")
        IV = choices.WorkClass.IV.value, _("Cấp IV")

    class Shape(models.TextChoices):
        NONE = choices.Shape.NONE.value, _("Chưa có vị trí")
        POINT = choices.Shape.POINT.value, _("Điểm")
        LINE = choices.Shape.LINE.value, _("Tuyến")
        AREA = choices.Shape.AREA.value, _("Vùng")

    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("thuộc công trình"),
    )
    code = models.CharField(_("mã công trình"), max_length=50, unique=True)
    name = models.CharField(_("tên công trình, hạng mục"), max_length=250)
    action = models.CharField(
        _("hình thức"), max_length=6, choices=Action.choices, default=Action.NEW.value
    )
    work_class = models.CharField(
        _("cấp công trình"), max_length=7, choices=WorkClass.choices, blank=True, default=""
    )
    asset_type = models.CharField(
        _("trở thành loại tài sản"), max_length=40, blank=True, default=""
    )
    asset = models.ForeignKey(
        "assets.Asset",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tài sản"),
    )
    attributes = models.JSONField(_("thông số"), default=dict, blank=True)
    road = models.ForeignKey(
        "network.Road",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tuyến đường"),
    )
    chainage_m = models.DecimalField(
        _("từ lý trình"), max_digits=10, decimal_places=1, null=True, blank=True
    )
    to_chainage_m = models.DecimalField(
        _("đến lý trình"), max_digits=10, decimal_places=1, null=True, blank=True
    )
    side = models.CharField(
        _("bên đường"), max_length=5, choices=SideOfRoad.choices, blank=True, default=""
    )
    geom = GeometryField(_("vị trí"), srid=4326, null=True, blank=True)
    #: The geometry was given, not computed from the chainage: calibrations leave it alone.
    is_surveyed = models.BooleanField(default=False, editable=False)
    shape = models.CharField(
        _("dạng trên bản đồ"),
        max_length=5,
        choices=Shape.choices,
        default=choices.Shape.NONE.value,
        editable=False,
    )
    status = models.CharField(
        _("tình trạng"),
        max_length=11,
        choices=Status.choices,
        default=choices.WorkStatus.PLANNED.value,
    )
    value_vnd = models.BigIntegerField(_("giá trị"), null=True, blank=True)
    finished_at = models.DateField(_("ngày nghiệm thu hoàn thành"), null=True, editable=False)
    handed_over_at = models.DateField(_("ngày bàn giao"), null=True, editable=False)
    note = models.TextField(_("ghi chú"), blank=True, default="")
    national_id = models.CharField(
        _("mã số quốc gia của công trình"), max_length=60, blank=True, default="", editable=False
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

    class Meta(ProjectPart.Meta):
        verbose_name = _("công trình")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_chainage_m=None) | Q(to_chainage_m__gt=F("chainage_m")),
                name="projects_work_span",
            ),
            models.CheckConstraint(
                condition=Q(chainage_m=None) | Q(road__isnull=False), name="projects_work_on_road"
            ),
            models.UniqueConstraint(
                fields=["national_id"], condition=~Q(national_id=""), name="projects_work_national"
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="projects_work_code_id"),
            models.Index(fields=["name", "id"], name="projects_work_name"),
            models.Index(fields=["project", "code", "id"], name="projects_work_project"),
            models.Index(fields=["road", "chainage_m", "id"], name="projects_work_road"),
            models.Index(fields=["asset", "id"], name="projects_work_asset"),
            search_index("projects_work_search"),
        ]

    def __str__(self) -> str:
        return self.name
