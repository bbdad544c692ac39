"""Two layers of the size of a province: 200,000 road segments and 50,000 planning zones."""

from __future__ import annotations

from django.db import models

from sen.kernel.access.scope import AccessRule
from sen.kernel.geo.models import GeoScopedModel


class Road(GeoScopedModel):
    access = AccessRule("bench.road")

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    road_class = models.SmallIntegerField()
    surface = models.CharField(max_length=20)
    lanes = models.SmallIntegerField()
    width_m = models.FloatField()
    commune = models.IntegerField()
    status = models.CharField(max_length=20)
    km_from = models.FloatField()
    km_to = models.FloatField()

    class Meta(GeoScopedModel.Meta):
        app_label = "tiles_app"
        db_table = "bench_road"


class Zone(GeoScopedModel):
    access = AccessRule("bench.zone")

    plan_code = models.CharField(max_length=20)
    land_use = models.CharField(max_length=10)
    far = models.FloatField()
    max_floors = models.SmallIntegerField()
    density = models.FloatField()
    commune = models.IntegerField()
    status = models.CharField(max_length=20)
    decision = models.CharField(max_length=40)

    class Meta(GeoScopedModel.Meta):
        app_label = "tiles_app"
        db_table = "bench_zone"
