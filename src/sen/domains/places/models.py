"""The province's communes and wards, and the names that were abolished."""

from __future__ import annotations

from django.contrib.gis.db.models import GeometryField, MultiPolygonField, PointField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.places.choices import AliasKind, BoundarySource, GroundKind, UnitKind
from sen.kernel.access.scope import AccessRule
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class Unit(GeoScopedModel):
    """A commune or ward (đơn vị hành chính cấp xã), with its boundary where one is known."""

    access = AccessRule("places.unit")

    class Kind(models.TextChoices):
        WARD = UnitKind.WARD.value, _("Phường")
        COMMUNE = UnitKind.COMMUNE.value, _("Xã")

    class Source(models.TextChoices):
        APPROXIMATE = BoundarySource.APPROXIMATE.value, _("Gần đúng, do hệ thống dựng")
        REFERENCE = BoundarySource.REFERENCE.value, _("Tham khảo, không có giá trị pháp lý")
        OFFICIAL = BoundarySource.OFFICIAL.value, _("Chính thức")

    code = models.CharField(_("mã đơn vị"), max_length=5, unique=True)
    name = models.CharField(_("tên"), max_length=120)
    kind = models.CharField(_("loại"), max_length=8, choices=Kind.choices)
    published_area_km2 = models.DecimalField(
        _("diện tích công bố"), max_digits=8, decimal_places=3, null=True, blank=True
    )
    population = models.PositiveIntegerField(_("dân số"), null=True, blank=True)
    predecessors = models.TextField(_("sáp nhập từ"), blank=True)
    former_district = models.CharField(_("huyện cũ"), max_length=80, blank=True)
    plate_prefix = models.CharField(_("đầu số xe"), max_length=4, blank=True)
    centre = PointField(_("tâm"), srid=4326, null=True, blank=True)
    geom = MultiPolygonField(_("ranh giới"), srid=4326, null=True, blank=True)
    boundary_source = models.CharField(
        _("nguồn ranh giới"),
        max_length=12,
        choices=Source.choices,
        default=BoundarySource.APPROXIMATE.value,
    )
    search = search_column("code", "name", "predecessors", "former_district")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("đơn vị hành chính")
        indexes = [
            models.Index(fields=["name", "id"], name="places_unit_name"),
            search_index("places_unit_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class Alias(models.Model):
    """A former name (district, commune, province) and the units in which its land lies now."""

    class Kind(models.TextChoices):
        DISTRICT = AliasKind.DISTRICT.value, _("Huyện, thị xã, thành phố cũ")
        COMMUNE = AliasKind.COMMUNE.value, _("Xã, phường, thị trấn cũ")
        PROVINCE = AliasKind.PROVINCE.value, _("Tỉnh cũ")

    name = models.CharField(_("tên cũ"), max_length=120)
    kind = models.CharField(_("loại"), max_length=8, choices=Kind.choices)
    within = models.CharField(_("thuộc"), max_length=120, blank=True)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", verbose_name=_("nay thuộc"))
    is_demo = models.BooleanField(default=False, editable=False)
    search = search_column("name", "within")

    class Meta:
        verbose_name = _("tên cũ")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "kind", "within", "unit"], name="places_alias_once"
            )
        ]
        indexes = [search_index("places_alias_search")]

    def __str__(self) -> str:
        return self.name


class Ground(GeoScopedModel):
    """A feature of the base map: land, water, a town's label. Replaced whole by an import."""

    access = AccessRule("places.ground")

    class Kind(models.TextChoices):
        LAND = GroundKind.LAND.value, _("Đất liền")
        PROVINCE = GroundKind.PROVINCE.value, _("Tỉnh")
        SEA = GroundKind.SEA.value, _("Biển")
        WATER = GroundKind.WATER.value, _("Mặt nước")
        RIVER = GroundKind.RIVER.value, _("Sông, kênh, rạch")
        TOWN = GroundKind.TOWN.value, _("Đô thị")
        NEIGHBOUR = GroundKind.NEIGHBOUR.value, _("Tỉnh lân cận")

    kind = models.CharField(_("loại"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("tên"), max_length=120, blank=True)
    rank = models.SmallIntegerField(_("bậc"), default=5)
    width_m = models.FloatField(_("bề rộng"), null=True, blank=True)
    geom = GeometryField(_("hình"), srid=4326)

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("nền bản đồ")
        indexes = [models.Index(fields=["kind", "rank", "id"], name="places_ground_kind")]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()
