"""Faults of the topology on the map."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.routing.choices import FaultKind
from sen.domains.routing.models import Fault
from sen.kernel.geo.layers import By, GeometryKind, Layer, Look, Style, add_layer

_COLORS = {
    FaultKind.DANGLING: "#cf3b3b",
    FaultKind.OVERSHOOT: "#e0972f",
    FaultKind.CROSSING: "#3c6fa8",
    FaultKind.DUPLICATE: "#7a5aa6",
    FaultKind.ISOLATED: "#1b2422",
}

add_layer(
    Layer(
        name="routing-faults",
        title=_("Lỗi kết nối mạng lưới"),
        category="network",
        model=Fault,
        geometry_kind=GeometryKind.POINT,
        tile_fields=("kind", "status"),
        fields={
            "title": "title",
            "kind": "kind",
            "road": "road__code",
            "chainage_m": "chainage_m",
            "distance_m": "distance_m",
            "repair": "repair",
            "status": "status",
        },
        style=Style(
            color="#cf3b3b",
            radius=5,
            by=By(
                "kind",
                {
                    kind.value: Look(color, Fault.Kind(kind.value).label)
                    for kind, color in _COLORS.items()
                },
                "#cf3b3b",
            ),
        ),
        minzoom=8,
        order=60,
        visible=False,
        detail_url="/ql/routing/faults/{id}/",
    )
)
