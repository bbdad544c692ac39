"""Stations and mounted instruments, and where they are and were."""

from __future__ import annotations

from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.domains.network.api import SideOfRoad
from sen.domains.telemetry import choices
from sen.domains.telemetry.models.catalogue import Described
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class Thing(Described, GeoScopedModel):
    """A station, or a place of a work at which instruments are mounted.

    ``asset`` is the work it watches, ``position`` the part of it in the words of the drawings
    (``Nhịp 3, dầm biên thượng lưu``). ``geom`` is where it is now; :class:`Location` says where
    it was.

    Units:
        ``chainage_m`` metres; ``height_m`` metres above the deck, below it negative.
    """

    access = AccessRule("telemetry.thing")

    class Status(models.TextChoices):
        PLANNED = choices.ThingStatus.PLANNED.value, _("Chưa lắp đặt")
        IN_USE = choices.ThingStatus.IN_USE.value, _("Đang hoạt động")
        PAUSED = choices.ThingStatus.PAUSED.value, _("Tạm dừng")
        REMOVED = choices.ThingStatus.REMOVED.value, _("Đã tháo dỡ")

    code = models.CharField(_("mã trạm"), max_length=60, unique=True)
    status = models.CharField(
        _("trạng thái"),
        max_length=8,
        choices=Status.choices,
        default=choices.ThingStatus.IN_USE.value,
    )
    asset = models.ForeignKey(
        "assets.Asset",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    position = models.CharField(_("vị trí trên công trình"), max_length=120, blank=True, default="")
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
    side = models.CharField(
        _("bên đường"), max_length=5, choices=SideOfRoad.choices, blank=True, default=""
    )
    height_m = models.FloatField(_("cao độ lắp so với mặt cầu"), null=True, blank=True)
    geom = PointField(_("vị trí"), srid=4326, null=True, blank=True)
    installed_at = models.DateField(_("ngày lắp đặt"), null=True, blank=True)
    search = search_column("code", "name", "position")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("trạm quan trắc")
        constraints = [
            models.CheckConstraint(
                condition=Q(chainage_m=None) | Q(road__isnull=False), name="telemetry_thing_on_road"
            )
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="telemetry_thing_code"),
            models.Index(fields=["name", "id"], name="telemetry_thing_name"),
            models.Index(fields=["asset", "id"], name="telemetry_thing_asset"),
            models.Index(fields=["road", "chainage_m", "id"], name="telemetry_thing_road"),
            search_index("telemetry_thing_search"),
        ]


class Location(Described, GeoScopedModel):
    """A named place of one or more things, as SensorThings keeps it."""

    access = AccessRule("telemetry.location")

    encoding_type = models.CharField(
        _("kiểu mô tả"), max_length=100, default="application/geo+json"
    )
    #: What was sent, when it is no geometry that the map can hold.
    location = models.JSONField(_("vị trí theo mô tả"), null=True, blank=True)
    things = models.ManyToManyField(Thing, related_name="locations", verbose_name=_("trạm"))

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("nơi đặt trạm")
        indexes = [models.Index(fields=["name", "id"], name="telemetry_location_name")]


class HistoricalLocation(ScopedModel):
    """Where a thing was from a time on; written whenever it comes to another location."""

    access = AccessRule("telemetry.historical_location")

    thing = models.ForeignKey(Thing, models.CASCADE, related_name="+", verbose_name=_("trạm"))
    time = models.DateTimeField(_("từ lúc"), db_default=Now())
    locations = models.ManyToManyField(Location, related_name="+", verbose_name=_("nơi đặt"))

    class Meta(ScopedModel.Meta):
        verbose_name = _("lịch sử vị trí")
        indexes = [models.Index(fields=["thing", "time", "id"], name="telemetry_history_thing")]

    def __str__(self) -> str:
        return f"{self.thing} {self.time:%d/%m/%Y %H:%M}"
