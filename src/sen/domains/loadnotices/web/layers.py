"""Published limits on the map."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.loadnotices.models import LimitItem
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

categories.add("limits", Category("limits", _("Tải trọng, khổ giới hạn")))
_FIELDS = {
    "code": "code",
    "name": "name",
    "subject": "subject",
    "road": "road",
    "from_m": "from_m",
    "to_m": "to_m",
    "load_limit_t": "load_limit_t",
    "axle_limit_t": "axle_limit_t",
    "clearance_m": "clearance_m",
    "width_m": "width_m",
    "notice": "notice__number",
    "published_at": "notice__published_at",
}

add_layer(
    Layer(
        name="load-limits",
        title=_("Cầu, hầm, phà có hạn chế"),
        category="limits",
        model=LimitItem,
        geometry_kind=GeometryKind.POINT,
        tile_fields=("name", "load_limit_t", "clearance_m", "subject"),
        fields=_FIELDS,
        where=Q(is_current=True, is_limited=True) & ~Q(subject="ROAD"),
        minzoom=6,
        style=Style(
            color="#dc2626",
            radius=6.0,
            label_field="load_limit_t",
            by=By(
                "subject",
                {
                    "BRIDGE": Look("#dc2626", _("Cầu")),
                    "TUNNEL": Look("#475569", _("Hầm")),
                    "FERRY": Look("#0369a1", _("Bến phà")),
                    "PONTOON": Look("#0284c7", _("Cầu phao")),
                },
                "#dc2626",
            ),
        ),
        order=330,
        detail_url="/tra-cuu/loadnotices/limits/{id}/",
        visible=False,
    )
)
add_layer(
    Layer(
        name="load-limits-roads",
        title=_("Đoạn đường có hạn chế"),
        category="limits",
        model=LimitItem,
        geometry_kind=GeometryKind.LINE,
        tile_fields=("name", "load_limit_t", "clearance_m"),
        fields=_FIELDS,
        where=Q(is_current=True, is_limited=True, subject="ROAD"),
        minzoom=6,
        style=Style(color="#dc2626", width=5.0, opacity=0.7),
        order=331,
        detail_url="/tra-cuu/loadnotices/limits/{id}/",
        visible=False,
    )
)
