"""``Thing`` has all that an access rule can say; ``Sealed`` has no public side and no subject."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import Q

from sen.kernel.access.models import ScopedModel, User
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class Thing(GeoScopedModel):
    access = AccessRule(
        "guarded.thing",
        subject_field="subject_id",
        masks={"phone": DataClass.RESTRICTED, "price_vnd": DataClass.INTERNAL},
    )

    code = models.CharField("mã", max_length=40, unique=True)
    name = models.CharField("tên", max_length=200)
    geom = PointField("vị trí", srid=4326, null=True)
    length_m = models.DecimalField("chiều dài", max_digits=10, decimal_places=2, null=True)
    opened_on = models.DateField("ngày đưa vào sử dụng", null=True)
    attributes = models.JSONField("thuộc tính", default=dict)
    phone = models.CharField("điện thoại", max_length=20, blank=True)
    price_vnd = models.BigIntegerField("giá trị", null=True)
    subject = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name="người liên quan"
    )
    search = search_column("code", "name")

    class Meta(GeoScopedModel.Meta):
        verbose_name = "vật"
        indexes: ClassVar = [search_index("guarded_thing_search")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(length_m__gte=0), name="guarded_thing_length")
        ]

    def __str__(self) -> str:
        return self.code


class Sealed(ScopedModel):
    access = AccessRule("guarded.sealed", public=False)

    code = models.CharField("mã", max_length=40)

    class Meta(ScopedModel.Meta):
        verbose_name = "vật kín"

    def __str__(self) -> str:
        return self.code
