"""What things on roads have in common, whatever domain they belong to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.network.choices import Side


class SideOfRoad(models.TextChoices):
    BOTH = Side.BOTH.value, _("Cả hai bên")
    LEFT = Side.LEFT.value, _("Bên trái")
    RIGHT = Side.RIGHT.value, _("Bên phải")


class AlongRoad(models.Model):
    """Something that lies along a road, or at one place of it, or on none.

    Units:
        Labels in metres.
    """

    road = models.ForeignKey(
        "network.Road",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tuyến đường"),
    )
    from_m = models.DecimalField(
        _("từ lý trình"), max_digits=10, decimal_places=1, null=True, blank=True
    )
    to_m = models.DecimalField(
        _("đến lý trình"), max_digits=10, decimal_places=1, null=True, blank=True
    )

    class Meta:
        abstract = True
