"""What `network` shows along roads: its records by kind, what the register says, the communes."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.domains.network import choices
from sen.domains.network.choices import (
    EVENT_KINDS,
    IRI_NORM,
    SPEED_COLORS,
    SURFACE_COLORS,
    ValueType,
)
from sen.domains.network.models import Road
from sen.domains.network.selectors.segment_marks import commune_marks, event_marks, road_marks
from sen.domains.norms import api as norms
from sen.kernel.errors import NotFoundError, RuleNotInForceError
from sen.kernel.web.tracks import Track, add_track


def iri_limits(day: date) -> tuple[float, ...]:
    """Where the grades of roughness begin by the rule of a day; none without a rule."""
    try:
        rows = norms.table_on(IRI_NORM, day).rows
    except (NotFoundError, RuleNotInForceError):
        return ()
    ranges = [row.when["iri"] for row in rows if isinstance(row.when.get("iri"), dict)]
    return tuple(sorted(float(bounds["min"]) for bounds in ranges if "min" in bounds))


_LIMITS: Final[dict[str, tuple[float, ...]]] = {
    "speed_limit": tuple(float(speed) for speed in SPEED_COLORS),
}
_COLORS: Final[dict[str, dict[str, str]]] = {
    "surface": SURFACE_COLORS,
    "iri": {str(band - 1): color for band, color in choices.IRI_COLORS.items()},
    "speed_limit": {
        str(number): color
        for number, color in enumerate((next(iter(SPEED_COLORS.values())), *SPEED_COLORS.values()))
    },
}
_ORDER: Final = ("surface", "width", "lanes", "iri", "speed_limit")
#: Numbers that are read as a level, not as a class of colours.
_LINES: Final = ("width", "traffic", "operating_speed")

for _kind in EVENT_KINDS.values():
    _code = _kind.code
    _is_number = _kind.value is ValueType.NUMBER
    add_track(
        Track(
            name=f"network.{_code}",
            title=_(_kind.title),
            shape="line" if _is_number and _code in _LINES else "band",
            read=partial(event_marks, kind=_code),
            is_number=_is_number,
            unit=_(_kind.unit) if _kind.unit else "",
            choices={code: _(name) for code, name in _kind.choices.items()},
            colors=_COLORS.get(_code, {}),
            limits=_LIMITS.get(_code, ()),
            limits_on=iri_limits if _code == "iri" else None,
            order=20 + (_ORDER.index(_code) if _code in _ORDER else len(_ORDER)),
            is_layer=True,
            is_quiet=_code not in _ORDER,
        )
    )

add_track(
    Track(
        name="network.communes",
        title=_("Xã, phường đi qua"),
        shape="band",
        read=commune_marks,
        order=10,
        icon="map-pin",
    )
)

for _field, _title, _choices in (
    ("manager_class", _("Cấp quản lý của tuyến"), Road.Manager.choices),
    ("technical_class", _("Cấp kỹ thuật của tuyến"), Road.Technical.choices),
):
    add_track(
        Track(
            name=f"network.road_{_field}",
            title=_title,
            shape="band",
            read=partial(road_marks, field=_field),
            choices=dict(_choices),
            order=40,
            is_layer=True,
            is_quiet=True,
        )
    )
