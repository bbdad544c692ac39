"""Catalogues: what can be observed, with which kind of instrument, and of what.

Source:
    OGC 18-088 (SensorThings 1.1), 8.2: the entities and their mandatory properties.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class Described(models.Model):
    """Name, description and free properties, as every entity of SensorThings has them."""

    name = models.CharField(_("tên"), max_length=250)
    description = models.TextField(_("mô tả"), blank=True, default="")
    properties = models.JSONField(_("thuộc tính khác"), default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class ObservedProperty(Described, ScopedModel):
    """A quantity that is observed: deflection, water level, temperature, speed.

    ``unit`` is the UCUM code in which the house keeps it; streams may keep another.
    """

    access = AccessRule("telemetry.observed_property")

    code = models.CharField(_("mã đại lượng"), max_length=60, unique=True)
    definition = models.CharField(_("định nghĩa (URI)"), max_length=400, blank=True, default="")
    unit = models.CharField(_("đơn vị chuẩn (UCUM)"), max_length=40, blank=True, default="")
    search = search_column("code", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("đại lượng quan trắc")
        indexes = [
            models.Index(fields=["code", "id"], name="telemetry_property_code"),
            models.Index(fields=["name", "id"], name="telemetry_property_name"),
            search_index("telemetry_property_search"),
        ]


class Sensor(Described, ScopedModel):
    """A kind of instrument or one instrument, with its maker's description."""

    access = AccessRule("telemetry.sensor")

    code = models.CharField(_("mã thiết bị đo"), max_length=60, unique=True)
    encoding_type = models.CharField(
        _("kiểu mô tả kỹ thuật"), max_length=100, default="text/html", blank=True
    )
    #: Text, an address or an object: SensorThings leaves it to the encoding.
    metadata = models.JSONField(_("mô tả kỹ thuật"), default=str, blank=True)
    maker = models.CharField(_("hãng sản xuất"), max_length=120, blank=True, default="")
    model = models.CharField(_("kiểu máy"), max_length=120, blank=True, default="")
    serial = models.CharField(_("số máy"), max_length=80, blank=True, default="")
    accuracy = models.CharField(_("độ chính xác"), max_length=120, blank=True, default="")
    search = search_column("code", "name", "maker", "model", "serial")

    class Meta(ScopedModel.Meta):
        verbose_name = _("thiết bị đo")
        indexes = [
            models.Index(fields=["code", "id"], name="telemetry_sensor_code"),
            models.Index(fields=["name", "id"], name="telemetry_sensor_name"),
            search_index("telemetry_sensor_search"),
        ]


class FeatureOfInterest(Described, GeoScopedModel):
    """What an observation is about, where that is not simply the place of the thing."""

    access = AccessRule("telemetry.feature_of_interest")

    encoding_type = models.CharField(
        _("kiểu mô tả"), max_length=100, default="application/geo+json"
    )
    #: What was sent, when it is no geometry that the map can hold.
    feature = models.JSONField(_("đối tượng"), null=True, blank=True)

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("đối tượng quan trắc")
        indexes = [models.Index(fields=["name", "id"], name="telemetry_feature_name")]
