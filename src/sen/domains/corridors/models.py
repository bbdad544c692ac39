"""Corridors as they are drawn, red lines of urban roads, and fairways."""

from __future__ import annotations

from django.contrib.gis.db.models import GeometryField, LineStringField, MultiPolygonField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.corridors.choices import Along, FairwayClass
from sen.kernel.access.scope import AccessRule
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class AlongChoices(models.TextChoices):
    ROAD = Along.ROAD.value, _("Đường bộ")
    BRIDGE = Along.BRIDGE.value, _("Cầu")
    TUNNEL = Along.TUNNEL.value, _("Hầm")
    FERRY = Along.FERRY.value, _("Bến phà, cầu phao")
    WATERWAY = Along.WATERWAY.value, _("Luồng đường thủy")


class Corridor(GeoScopedModel):
    """The land of a work and its safety corridor, drawn by the law of a day.

    Units:
        ``edge_m``: from the axis to the edge of the work. ``strip_m``: protection strip beside it.
        ``corridor_m``: width of the corridor. ``reach_m``: their sum; empty where the law names a
        line that is not known.
    """

    access = AccessRule("corridors.corridor")
    history_skips = ("axis",)

    code = models.CharField(_("mã"), max_length=90, unique=True)
    along = models.CharField(_("của"), max_length=8, choices=AlongChoices.choices)
    name = models.CharField(_("tên"), max_length=260)
    road = models.ForeignKey(
        "network.Road",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tuyến đường"),
    )
    asset = models.ForeignKey(
        "assets.Asset",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tài sản"),
    )
    fairway = models.ForeignKey(
        "Fairway",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("luồng"),
    )
    norm = models.CharField(_("quy định"), max_length=80)
    norm_case = models.JSONField(_("trường hợp"), default=dict)
    edge_m = models.FloatField(_("từ tim đến mép công trình"), default=0)
    strip_m = models.FloatField(_("đất bảo vệ, bảo trì"), default=0)
    corridor_m = models.FloatField(_("bề rộng hành lang"), null=True, blank=True)
    reach_m = models.FloatField(_("từ tim đến mép hành lang"), null=True, blank=True)
    legal_ref = models.CharField(_("điều khoản"), max_length=160, blank=True)
    document = models.CharField(_("văn bản"), max_length=80, blank=True)
    verification = models.CharField(_("xác minh"), max_length=10, blank=True)
    computed_on = models.DateField(_("theo quy định ngày"))
    remark = models.CharField(_("lưu ý"), max_length=300, blank=True)
    axis = GeometryField(_("tim"), srid=4326)
    geom = MultiPolygonField(_("phạm vi"), srid=4326, null=True, blank=True)
    search = search_column("code", "name")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("hành lang an toàn")
        indexes = [
            models.Index(fields=["name", "id"], name="corridors_corridor_name"),
            models.Index(fields=["along", "id"], name="corridors_corridor_along"),
            models.Index(fields=["corridor_m", "id"], name="corridors_corridor_width"),
            models.Index(fields=["norm"], name="corridors_corridor_norm"),
            search_index("corridors_corridor_search"),
        ]

    def __str__(self) -> str:
        return self.name


class RedLine(GeoScopedModel):
    """The red line (chỉ giới đường đỏ) of an urban road, by its distance from the middle."""

    access = AccessRule("corridors.redline")

    road = models.ForeignKey(
        "network.Road", models.CASCADE, related_name="+", verbose_name=_("tuyến đường")
    )
    distance_m = models.DecimalField(_("từ tim đường đến chỉ giới"), max_digits=6, decimal_places=2)
    decision = models.CharField(_("quyết định phê duyệt"), max_length=200)
    valid_from = models.DateField(_("áp dụng từ"))
    valid_to = models.DateField(_("áp dụng đến trước ngày"), null=True, blank=True)

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("chỉ giới đường đỏ")
        indexes = [models.Index(fields=["valid_from", "id"], name="corridors_redline_from")]
        constraints = [
            models.UniqueConstraint(fields=["road", "valid_from"], name="corridors_redline_once"),
            models.CheckConstraint(
                condition=models.Q(distance_m__gt=0), name="corridors_redline_distance"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.road}: {self.distance_m} m"


class Fairway(GeoScopedModel):
    """The fairway (luồng) of an inland waterway by its middle line and width."""

    access = AccessRule("corridors.fairway")

    class Grade(models.TextChoices):
        SPECIAL = FairwayClass.SPECIAL.value, _("Đặc biệt")
        LAKE = FairwayClass.LAKE.value, _("Trên hồ")
        ESTUARY = FairwayClass.ESTUARY.value, _("Cửa sông, ven biển")
        I = FairwayClass.I.value, _("Cấp I")  # noqa: E741
        II = FairwayClass.II.value, _("Cấp II")
        III = FairwayClass.III.value, _("Cấp III")
        IV = FairwayClass.IV.value, _("Cấp IV")
        V = FairwayClass.V.value, _("Cấp V")
        VI = FairwayClass.VI.value, _("Cấp VI")

    code = models.CharField(_("mã luồng"), max_length=60, unique=True)
    name = models.CharField(_("tên luồng"), max_length=200)
    grade = models.CharField(_("cấp kỹ thuật"), max_length=8, choices=Grade.choices)
    width_m = models.DecimalField(_("bề rộng luồng"), max_digits=7, decimal_places=1)
    geom = LineStringField(_("tim luồng"), srid=4326)
    search = search_column("code", "name")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("luồng đường thủy")
        indexes = [
            models.Index(fields=["name", "id"], name="corridors_fairway_name"),
            search_index("corridors_fairway_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(width_m__gt=0), name="corridors_fairway_width"
            )
        ]

    def __str__(self) -> str:
        return self.name
