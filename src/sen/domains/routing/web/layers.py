"""Faults of the topology and turns that are forbidden on the map."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.routing.choices import FaultKind, TurnKind
from sen.domains.routing.models import Fault, TurnRule
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

add_layer(
    Layer(
        name="turn-rules",
        title=_("Cấm rẽ"),
        category="network",
        model=TurnRule,
        geometry_kind=GeometryKind.LINE,
        tile_fields=("kind", "title"),
        fields={
            "title": "title",
            "kind": "kind",
            "from_road": "from_road__code",
            "at_m": "at_m",
            "heading": "heading",
            "to_road": "to_road__code",
            "to_heading": "to_heading",
            "vehicles": "vehicles",
            "above_t": "above_t",
            "valid_from": "valid_from",
            "valid_to": "valid_to",
            "basis": "basis",
        },
        # Dark on every class of road; national roads are red themselves.
        style=Style(
            color="#1b2422",
            width=3.5,
            by=By(
                "kind",
                {
                    kind.value: Look(
                        "#2b5fa8" if kind.is_order else "#1b2422", TurnRule.Kind(kind.value).label
                    )
                    for kind in TurnKind
                },
                "#1b2422",
            ),
        ),
        minzoom=13,
        order=58,
        visible=False,
        detail_url="/tra-cuu/routing/turns/{id}/",
    )
)
