"""Communes and the ground under everything else."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.gis.db.models import Extent
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sen.domains.places.choices import BoundarySource, GroundKind
from sen.domains.places.models import Ground, Unit
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.geo.config import Home, homes, notices
from sen.kernel.geo.layers import (
    Category,
    GeometryKind,
    Label,
    Layer,
    Style,
    add_layer,
    categories,
)

categories.add("places", Category("places", _("Địa bàn")))

add_layer(
    Layer(
        name="communes",
        title=pgettext_lazy("title", "Xã, phường"),
        category="places",
        model=Unit,
        geometry_kind=GeometryKind.POLYGON,
        tile_fields=("name", "kind"),
        fields={
            "code": "code",
            "name": "name",
            "kind": "kind",
            "published_area_km2": "published_area_km2",
            "former_district": "former_district",
            "predecessors": "predecessors",
            "boundary_source": "boundary_source",
        },
        style=Style(color="#8a7f70", width=0.8, opacity=0.04, label_field="name"),
        minzoom=7,
        maxzoom=14,
        order=10,
        detail_url="/tra-cuu/places/units/{id}/",
        description=_("102 xã, phường sau ngày 01/7/2025"),
    )
)

_GROUND = (
    ("basemap_sea", GroundKind.SEA, GeometryKind.POLYGON, 5),
    ("basemap_land", GroundKind.LAND, GeometryKind.POLYGON, 5),
    ("basemap_province", GroundKind.PROVINCE, GeometryKind.POLYGON, 5),
    ("basemap_water", GroundKind.WATER, GeometryKind.POLYGON, 6),
    ("basemap_waterways", GroundKind.RIVER, GeometryKind.LINE, 8),
    ("basemap_towns", GroundKind.TOWN, GeometryKind.POINT, 6),
    ("basemap_neighbours", GroundKind.NEIGHBOUR, GeometryKind.POINT, 5),
)
for name, kind, shape, minzoom in _GROUND:
    add_layer(
        Layer(
            name=name,
            title=Ground.Kind(kind.value).label,
            category="places",
            model=Ground,
            where=Q(kind=kind.value),
            geometry_kind=shape,
            tile_fields=("name", "rank", "width_m"),
            fields={"name": "name", "rank": "rank", "width_m": "width_m"},
            zoom_rule={9: Q(rank__lte=2), 11: Q(rank__lte=4)} if kind is GroundKind.RIVER else {},
            style=Style(color="#9fc4d6", label_field="name"),
            minzoom=minzoom,
            maxzoom=14,
            order=1,
            basemap=True,
        )
    )


def province_home() -> Home | None:
    """The map opens on the province, as far as boundaries are known."""
    known = Unit.objects.visible_to(ANONYMOUS).exclude(geom=None)
    box = known.aggregate(box=Extent("geom"))["box"]
    return Home(tuple(box)) if box else None


def boundary_notice(actor: Actor) -> Sequence[Label]:
    """Says so when boundaries were not drawn by an authority."""
    units = Unit.objects.visible_to(actor).exclude(geom=None)
    if units.filter(boundary_source=BoundarySource.APPROXIMATE.value).exists():
        return [_("Ranh giới xã, phường là gần đúng, do hệ thống dựng để minh họa.")]
    if units.filter(boundary_source=BoundarySource.REFERENCE.value).exists():
        return [_("Ranh giới xã, phường để tham khảo, không có giá trị pháp lý.")]
    return []


homes.add("places", province_home)
notices.add("places", boundary_notice)
