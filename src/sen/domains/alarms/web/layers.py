"""Alarms on the map."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms.choices import ACTIVE
from sen.domains.alarms.models import Alarm
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

categories.add("events", Category("events", _("Cảnh báo, sự cố")))

add_layer(
    Layer(
        name="alarms",
        title=_("Cảnh báo đang có"),
        category="events",
        model=Alarm,
        geometry_kind=GeometryKind.POINT,
        tile_fields=("title", "severity", "state"),
        fields={
            "code": "code",
            "title": "title",
            "severity": "severity",
            "state": "state",
            "suspect": "suspect",
            "first_at": "first_at",
            "value": "value",
            "unit": "unit",
        },
        where=Q(state__in=[state.value for state in ACTIVE]),
        minzoom=5,
        style=Style(
            color="#dc2626",
            radius=8.0,
            by=By(
                "severity",
                {
                    1: Look("#0369a1", _("Chú ý")),
                    2: Look("#d97706", _("Cảnh báo")),
                    3: Look("#dc2626", _("Nguy hiểm")),
                    4: Look("#7f1d1d", _("Khẩn cấp")),
                },
                "#dc2626",
            ),
        ),
        order=400,
        detail_url="/ql/alarms/alarms/{id}/",
        visible=False,
    )
)
