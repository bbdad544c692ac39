"""Corridors, red lines and fairways on the map."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.corridors.choices import Along
from sen.domains.corridors.models import Corridor, Fairway, RedLine
from sen.kernel.geo.layers import (
    By,
    Category,
    GeometryKind,
    Layer,
    Look,
    Style,
    add_layer,
    categories,
)

categories.add("corridors", Category("corridors", _("Hành lang an toàn")))

LOOKS: Mapping[str | int, Look] = {
    Along.ROAD.value: Look("#c2410c", _("Đường bộ")),
    Along.BRIDGE.value: Look("#7c3aed", _("Cầu")),
    Along.TUNNEL.value: Look("#475569", _("Hầm")),
    Along.FERRY.value: Look("#0369a1", _("Bến phà, cầu phao")),
    Along.WATERWAY.value: Look("#0e7490", _("Luồng đường thủy")),
}

add_layer(
    Layer(
        name="corridors",
        title=_("Hành lang an toàn"),
        category="corridors",
        model=Corridor,
        geometry_kind=GeometryKind.POLYGON,
        tile_fields=("along", "name"),
        fields={
            "code": "code",
            "name": "name",
            "along": "along",
            "corridor_m": "corridor_m",
            "strip_m": "strip_m",
            "reach_m": "reach_m",
            "legal_ref": "legal_ref",
            "document": "document",
            "verification": "verification",
            "computed_on": "computed_on",
            "remark": "remark",
        },
        where=Q(geom__isnull=False),
        minzoom=12,
        style=Style(color="#c2410c", opacity=0.25, by=By("along", LOOKS, "#c2410c")),
        detail_url="/tra-cuu/corridors/corridors/{id}/",
        visible=False,
    )
)
add_layer(
    Layer(
        name="fairways",
        title=_("Luồng đường thủy"),
        category="corridors",
        model=Fairway,
        geometry_kind=GeometryKind.LINE,
        tile_fields=("name",),
        fields={"code": "code", "name": "name", "grade": "grade", "width_m": "width_m"},
        minzoom=9,
        style=Style(color="#0e7490", width=1.5, label_field="name"),
        detail_url="/tra-cuu/corridors/fairways/{id}/",
        visible=False,
    )
)
add_layer(
    Layer(
        name="red-lines",
        title=_("Chỉ giới đường đỏ"),
        category="corridors",
        model=RedLine,
        geometry_kind=GeometryKind.LINE,
        tile_fields=("decision",),
        fields={
            "road": "road__code",
            "distance_m": "distance_m",
            "decision": "decision",
            "valid_from": "valid_from",
            "valid_to": "valid_to",
        },
        where=Q(geom__isnull=False),
        minzoom=12,
        style=Style(color="#b91c1c", width=1.5),
        detail_url="/tra-cuu/corridors/red-lines/{id}/",
        visible=False,
    )
)
