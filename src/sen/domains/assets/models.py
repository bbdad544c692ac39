"""Assets of all types, and their inspections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.assets import choices
from sen.domains.assets.attribute_indexes import attribute_index_sql
from sen.domains.assets.catalogue import AssetType, asset_types, masks, type_of
from sen.domains.assets.labels import said, said_value, type_choices
from sen.domains.network.api import SideOfRoad
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class ConditionChoices(models.TextChoices):
    GOOD = choices.Condition.GOOD.value, _("Tốt")
    FAIR = choices.Condition.FAIR.value, _("Trung bình")
    POOR = choices.Condition.POOR.value, _("Kém")
    BAD = choices.Condition.BAD.value, _("Xấu")


class Asset(GeoScopedModel):
    """One asset of the operated infrastructure; its type says which attributes it has.

    ``location_key`` orders assets along the roads in the order of the road numbers; ``keywords``
    are other words by which people look for it. Both follow from the rest.
    """

    access = AccessRule("assets.asset", masks=masks())
    history_skips = ("location_key", "keywords")

    class Status(models.TextChoices):
        UNDER_CONSTRUCTION = choices.Status.UNDER_CONSTRUCTION.value, _("Đang xây dựng")
        IN_USE = choices.Status.IN_USE.value, _("Đang khai thác")
        CLOSED = choices.Status.CLOSED.value, _("Tạm dừng khai thác")
        REMOVED = choices.Status.REMOVED.value, _("Đã dỡ bỏ")

    class LocatedBy(models.TextChoices):
        CHAINAGE = choices.LocatedBy.CHAINAGE.value, _("Theo lý trình")
        SURVEY = choices.LocatedBy.SURVEY.value, _("Theo tọa độ đo")

    type = models.CharField(_("loại tài sản"), max_length=40, choices=type_choices)
    code = models.CharField(_("mã tài sản"), max_length=60, unique=True)
    name = models.CharField(_("tên"), max_length=250)
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
    to_chainage_m = models.DecimalField(
        _("đến lý trình"), max_digits=10, decimal_places=1, null=True, blank=True
    )
    side = models.CharField(
        _("bên đường"), max_length=5, choices=SideOfRoad.choices, blank=True, default=""
    )
    located_by = models.CharField(
        _("cách định vị"),
        max_length=8,
        choices=LocatedBy.choices,
        default=choices.LocatedBy.CHAINAGE.value,
    )
    geom = GeometryField(_("vị trí"), srid=4326)
    status = models.CharField(
        _("trạng thái"),
        max_length=20,
        choices=Status.choices,
        default=choices.Status.IN_USE.value,
    )
    condition = models.CharField(
        _("tình trạng kỹ thuật"),
        max_length=4,
        choices=ConditionChoices.choices,
        blank=True,
        default="",
    )
    condition_at = models.DateField(_("ngày đánh giá"), null=True, blank=True)
    opened_year = models.PositiveSmallIntegerField(
        _("năm đưa vào khai thác"), null=True, blank=True
    )
    note = models.TextField(_("ghi chú"), blank=True, default="")
    attributes = models.JSONField(_("thông số"), default=dict, blank=True)
    location_key = models.CharField(max_length=160, editable=False)
    keywords = models.TextField(editable=False, default="")
    search = search_column("code", "name", "keywords")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("tài sản")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_chainage_m=None) | Q(to_chainage_m__gt=F("chainage_m")),
                name="assets_asset_span",
            ),
            models.CheckConstraint(
                condition=Q(chainage_m=None) | Q(road__isnull=False), name="assets_asset_on_road"
            ),
        ]
        indexes = [
            models.Index(fields=["type", "location_key", "id"], name="assets_asset_type_place"),
            models.Index(fields=["type", "name", "id"], name="assets_asset_type_name"),
            models.Index(fields=["type", "code", "id"], name="assets_asset_type_code"),
            models.Index(fields=["type", "opened_year", "id"], name="assets_asset_type_year"),
            models.Index(fields=["location_key", "id"], name="assets_asset_place"),
            models.Index(fields=["code", "id"], name="assets_asset_code_id"),
            models.Index(fields=["name", "id"], name="assets_asset_name"),
            models.Index(fields=["opened_year", "id"], name="assets_asset_year"),
            models.Index(fields=["road", "chainage_m", "id"], name="assets_asset_road"),
            models.Index(
                fields=["road", "type", "location_key", "id"], name="assets_asset_road_type"
            ),
            models.Index(fields=["road", "location_key", "id"], name="assets_asset_road_place"),
            models.Index(fields=["area", "type"], name="assets_asset_area"),
            models.Index(
                fields=["condition", "type", "location_key", "id"],
                condition=Q(condition__in=[item.value for item in choices.IN_NEED]),
                name="assets_asset_in_need",
            ),
            models.Index(
                fields=["status", "type", "location_key", "id"],
                condition=Q(status__in=[item.value for item in choices.NOT_IN_USE]),
                name="assets_asset_not_in_use",
            ),
            GinIndex(
                fields=["attributes"], opclasses=["jsonb_path_ops"], name="assets_asset_attributes"
            ),
            search_index("assets_asset_search"),
        ]

    def __str__(self) -> str:
        return self.name or self.code

    @property
    def kind(self) -> AssetType:
        """The declaration of its type."""
        return type_of(self.type)

    @classmethod
    def say_key(cls, image: Mapping[str, Any], name: str, key: str, value: Any) -> tuple[str, Any]:
        """An attribute by the label of its type, with its unit."""
        kind = asset_types.get(str(image.get("type")))
        item = kind.by_name.get(key) if kind is not None else None
        if item is None or name != "attributes":
            return key, value
        return said(item.label), said_value(item, value)

    @classmethod
    def sync_sql(cls) -> list[str]:
        """Indexes of the attributes by which lists are sorted and filtered."""
        return attribute_index_sql(cls._meta.db_table)


class Inspection(ScopedModel):
    """An inspection of an asset: who found it in which condition, and what was found."""

    access = AccessRule("assets.inspection", masks={"finding": DataClass.INTERNAL})

    code = models.CharField(_("mã lần kiểm tra"), max_length=80, unique=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", verbose_name=_("tài sản"))
    inspected_at = models.DateField(_("ngày kiểm tra"))
    inspector = models.CharField(_("đơn vị kiểm tra"), max_length=200)
    condition = models.CharField(
        _("tình trạng kỹ thuật"), max_length=4, choices=ConditionChoices.choices
    )
    finding = models.TextField(_("kết quả kiểm tra"), blank=True, default="")
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"),
        choices=DataClassChoices.choices,
        default=DataClass.INTERNAL.value,
    )
    search = search_column("code", "inspector")

    class Meta(ScopedModel.Meta):
        verbose_name = _("lần kiểm tra")
        indexes = [
            models.Index(fields=["inspected_at", "id"], name="assets_inspection_date"),
            models.Index(fields=["code", "id"], name="assets_inspection_code_id"),
            models.Index(fields=["asset", "inspected_at", "id"], name="assets_inspection_asset"),
            search_index("assets_inspection_search"),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.inspected_at:%d/%m/%Y})"
