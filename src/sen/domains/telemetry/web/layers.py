"""Stations on the map."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.telemetry.models import Thing
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

categories.add("telemetry", Category("telemetry", _("Quan trắc")))
_LOOKS: Final[dict[str | int, Look]] = {
    "IN_USE": Look("#0d9488", _("Đang hoạt động")),
    "PAUSED": Look("#d97706", _("Tạm dừng")),
    "PLANNED": Look("#64748b", _("Chưa lắp đặt")),
}

add_layer(
    Layer(
        name="telemetry-things",
        title=_("Trạm quan trắc"),
        category="telemetry",
        model=Thing,
        geometry_kind=GeometryKind.POINT,
        tile_fields=("name", "status"),
        fields={
            "code": "code",
            "name": "name",
            "status": "status",
            "position": "position",
            "asset": "asset__name",
            "road": "road__number",
            "chainage_m": "chainage_m",
            "commune": "area__name",
            "owner": "owner_org__name",
        },
        where=~Q(status="REMOVED"),
        minzoom=7,
        style=Style(
            color="#0d9488",
            radius=6.0,
            label_field="name",
            by=By("status", _LOOKS, "#0d9488"),
        ),
        order=345,
        detail_url="/ql/telemetry/things/{id}/",
        visible=False,
    )
)
