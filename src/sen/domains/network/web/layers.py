"""Roads, km-posts and what holds along roads on the map; ``Km12+500 QL.30`` in its search."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.network.choices import (
    EVENT_KINDS,
    IRI_BAND_NAMES,
    IRI_COLORS,
    SPEED_COLORS,
    SURFACE_COLORS,
    SURFACE_NAMES,
    ManagerClass,
)
from sen.domains.network.models import KmPost, Road, RouteEvent
from sen.domains.network.web import courses, former  # noqa: F401  series of sheets, old labels
from sen.domains.network.web.chainage import chainage_places, chainage_suggestions
from sen.kernel.geo.goto import goto_resolvers
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
from sen.kernel.web.palette.suggest import sources

categories.add("network", Category("network", _("Mạng lưới đường")))

_TRUNK: Final = (ManagerClass.EXPRESSWAY.value, ManagerClass.NATIONAL.value)
_ROAD_LOOKS: Final = {
    ManagerClass.EXPRESSWAY: Look("#0b6e4f", _("Đường cao tốc"), 4.5),
    ManagerClass.NATIONAL: Look("#b3402e", _("Quốc lộ"), 3.6),
    ManagerClass.PROVINCIAL: Look("#c98a1b", _("Đường tỉnh"), 2.6),
    ManagerClass.DISTRICT: Look("#6d7f8b", _("Đường huyện (cũ)"), 1.8),
    ManagerClass.COMMUNE: Look("#87939b", _("Đường xã"), 1.4),
    ManagerClass.VILLAGE: Look("#a5adb3", _("Đường thôn, ấp"), 1.0),
    ManagerClass.URBAN: Look("#6a5f9e", _("Đường đô thị"), 1.6),
    ManagerClass.SPECIALISED: Look("#7b6b4d", _("Đường chuyên dùng"), 1.6),
}

add_layer(
    Layer(
        name="roads",
        snaps=True,
        title=_("Đường bộ"),
        category="network",
        model=Road,
        geometry_kind=GeometryKind.LINE,
        tile_fields=("map_label", "name", "manager_class", "status"),
        fields={
            "code": "code",
            "number": "number",
            "name": "name",
            "manager_class": "manager_class",
            "technical_class": "technical_class",
            "status": "status",
            "lanes": "lanes",
            "width_m": "width_m",
            "surface": "surface",
            "opened_year": "opened_year",
            "start_m": "start_m",
            "end_m": "end_m",
            "length_m": "length_m",
            "owner_org": "owner_org__name",
        },
        zoom_rule={
            8: Q(manager_class__in=_TRUNK),
            11: Q(manager_class__in=[*_TRUNK, ManagerClass.PROVINCIAL.value]),
        },
        style=Style(
            color="#87939b",
            width=1.4,
            label_field="map_label",
            by=By(
                "manager_class",
                {kind.value: look for kind, look in _ROAD_LOOKS.items()},
                "#87939b",
            ),
        ),
        minzoom=6,
        order=30,
        detail_url="/tra-cuu/network/roads/{id}/",
        description=_("Tim đường theo cấp quản lý"),
    )
)

add_layer(
    Layer(
        name="km-posts",
        title=_("Cọc Km"),
        category="network",
        model=KmPost,
        geometry_kind=GeometryKind.POINT,
        tile_fields=("label", "condition"),
        fields={
            "title": "title",
            "road": "road__code",
            "measure_m": "measure_m",
            "old_measure_m": "old_measure_m",
            "condition": "condition",
        },
        style=Style(color="#b3402e", radius=3, label_field="label"),
        minzoom=13,
        order=45,
        detail_url="/tra-cuu/network/km-posts/{id}/",
    )
)

_BANDS: Final = {
    "surface": By(
        "value_text",
        {code: Look(color, _(SURFACE_NAMES[code]), 4) for code, color in SURFACE_COLORS.items()},
        "#999999",
    ),
    "iri": By(
        "band",
        {band: Look(color, _(IRI_BAND_NAMES[band]), 4) for band, color in IRI_COLORS.items()},
        "#999999",
    ),
    "speed_limit": By(
        "band",
        {speed: Look(color, f"{speed} km/h", 4) for speed, color in SPEED_COLORS.items()},
        "#999999",
    ),
}

for _code, _by in _BANDS.items():
    _kind = EVENT_KINDS[_code]
    add_layer(
        Layer(
            name=_code.replace("_", "-"),
            title=_(_kind.title),
            category="network",
            model=RouteEvent,
            where=Q(kind=_code, valid_to=None),
            geometry_kind=GeometryKind.LINE,
            tile_fields=(_by.field,),
            fields={
                "title": "title",
                "road": "road__code",
                "from_m": "from_m",
                "to_m": "to_m",
                "side": "side",
                "lane": "lane",
                "value": "value_number" if _by.field == "band" else "value_text",
                "valid_from": "valid_from",
            },
            zoom_rule={10: Q(road__manager_class__in=_TRUNK)},
            style=Style(color="#999999", width=4, by=_by),
            minzoom=8,
            order=35,
            visible=False,
            time_fields=("valid_from", "valid_to"),
            detail_url=f"/tra-cuu/network/{_code.replace('_', '-')}/{{id}}/",
        )
    )

goto_resolvers.add("network.chainage", chainage_places)
sources.add("network.chainage", chainage_suggestions)
