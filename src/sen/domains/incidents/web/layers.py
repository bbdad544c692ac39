"""Incidents on the map."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.incidents.choices import OPEN
from sen.domains.incidents.models import Incident
from sen.kernel.geo.layers import By, GeometryKind, Layer, Look, Style, add_layer

add_layer(
    Layer(
        name="incidents",
        title=_("Sự cố đang xử lý"),
        category="events",
        model=Incident,
        geometry_kind=GeometryKind.POINT,
        tile_fields=("title", "severity", "state"),
        fields={
            "code": "code",
            "title": "title",
            "kind": "kind",
            "severity": "severity",
            "state": "state",
            "started_at": "started_at",
        },
        where=Q(state__in=[state.value for state in OPEN]),
        minzoom=5,
        style=Style(
            color="#b91c1c",
            radius=9.0,
            by=By(
                "state",
                {
                    "REPORTED": Look("#b91c1c", _("Mới ghi nhận")),
                    "HANDLING": Look("#d97706", _("Đang xử lý")),
                    "CONTAINED": Look("#0f766e", _("Đã khống chế")),
                },
                "#b91c1c",
            ),
        ),
        order=405,
        detail_url="/ql/incidents/incidents/{id}/",
        visible=False,
    )
)
