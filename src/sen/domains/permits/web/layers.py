"""Permits on the map: places, and stretches with routes."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.permits.kinds import permit_kinds
from sen.domains.permits.models import Permit
from sen.kernel.attributes.labels import label
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

categories.add("permits", Category("permits", _("Giấy phép")))
_LOOKS: Final[dict[str | int, Look]] = {
    kind.code: Look(kind.color, label(kind.short)) for kind in permit_kinds
}
_LIVING: Final = Q(status__in=["RECEIVED", "ISSUED"])

for name, title, is_line in (
    ("permits", _("Vị trí được cấp phép"), False),
    ("permits-lines", _("Đoạn, lộ trình được cấp phép"), True),
):
    add_layer(
        Layer(
            name=name,
            title=title,
            category="permits",
            model=Permit,
            geometry_kind=GeometryKind.LINE if is_line else GeometryKind.POINT,
            tile_fields=("name", "kind", "status"),
            fields={
                "code": "code",
                "number": "number",
                "name": "name",
                "kind": "kind",
                "status": "status",
                "road": "road__number",
                "from_m": "from_m",
                "to_m": "to_m",
                "valid_from": "valid_from",
                "valid_to": "valid_to",
                "commune": "area__name",
                "authority": "owner_org__name",
            },
            where=Q(is_line=is_line) & _LIVING,
            minzoom=7,
            style=Style(
                color="#d97706",
                width=5.0 if is_line else 1.5,
                radius=6.0,
                opacity=0.7 if is_line else None,
                label_field="" if is_line else "name",
                by=By("kind", _LOOKS, "#d97706"),
            ),
            order=340,
            detail_url="/ql/permits/all/{id}/",
            time_fields=("valid_from", "valid_to"),
            visible=False,
        )
    )
