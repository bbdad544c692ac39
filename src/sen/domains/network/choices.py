"""Classes of roads, and the kinds of what holds along a road, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sen.lib.errors import gettext_noop


class ManagerClass(StrEnum):
    """Road classes by who manages them.

    Expressways have a class of their own here because they are drawn and numbered apart, though
    the law counts each as a national or a provincial road. District roads are no longer made
    since the districts were abolished, but stand in old files.

    Source:
        Luật Đường bộ 35/2024/QH15, Điều 8.
    """

    EXPRESSWAY = "EXPRESSWAY"
    NATIONAL = "NATIONAL"
    PROVINCIAL = "PROVINCIAL"
    DISTRICT = "DISTRICT"
    COMMUNE = "COMMUNE"
    VILLAGE = "VILLAGE"
    URBAN = "URBAN"
    SPECIALISED = "SPECIALISED"


class TechnicalClass(StrEnum):
    """Technical classes.

    Source:
        Luật Đường bộ 35/2024/QH15, Điều 10; TCVN 4054:2005; TCVN 10380:2014.
    """

    EXPRESSWAY = "EXPRESSWAY"
    I = "I"  # noqa: E741  the numerals of the standard
    II = "II"
    III = "III"
    IV = "IV"
    V = "V"
    VI = "VI"
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    URBAN = "URBAN"
    OTHER = "OTHER"


class RoadStatus(StrEnum):
    PLANNED = "PLANNED"
    UNDER_CONSTRUCTION = "UNDER_CONSTRUCTION"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    ABOLISHED = "ABOLISHED"


class Carriageway(StrEnum):
    """How traffic runs on a road."""

    SINGLE = "SINGLE"
    DUAL = "DUAL"
    ONE_WAY = "ONE_WAY"


class Surface(StrEnum):
    ASPHALT = "ASPHALT"
    CONCRETE = "CONCRETE"
    SURFACE_DRESSING = "SURFACE_DRESSING"
    MACADAM = "MACADAM"
    GRAVEL = "GRAVEL"
    EARTH = "EARTH"


class PostCondition(StrEnum):
    GOOD = "GOOD"
    FAIR = "FAIR"
    POOR = "POOR"
    MISSING = "MISSING"


class Side(StrEnum):
    """Side of the road in the direction of rising chainage."""

    BOTH = "BOTH"
    LEFT = "LEFT"
    RIGHT = "RIGHT"


#: Lane 0 stands for all lanes; lanes count from the middle outwards.
ALL_LANES: Final = 0
MAX_LANES: Final = 12

SURFACE_NAMES: Final[dict[str, str]] = {
    Surface.ASPHALT.value: gettext_noop("Bê tông nhựa"),
    Surface.CONCRETE.value: gettext_noop("Bê tông xi măng"),
    Surface.SURFACE_DRESSING.value: gettext_noop("Láng nhựa"),
    Surface.MACADAM.value: gettext_noop("Đá dăm"),
    Surface.GRAVEL.value: gettext_noop("Cấp phối"),
    Surface.EARTH.value: gettext_noop("Đất"),
}


#: IRI in m/km below which a stretch is good (1), fair (2), poor (3); above it is bad (4).
IRI_BANDS: Final = ((4, 1), (6, 2), (8, 3))
IRI_BAND_NAMES: Final[dict[int, str]] = {
    1: gettext_noop("Tốt (dưới 4)"),
    2: gettext_noop("Khá (4–6)"),
    3: gettext_noop("Trung bình (6–8)"),
    4: gettext_noop("Kém (trên 8)"),
}
#: Colours by which a value is known on the map and in strips.
SURFACE_COLORS: Final[dict[str, str]] = {
    Surface.ASPHALT.value: "#3f4a54",
    Surface.CONCRETE.value: "#8fa3ad",
    Surface.SURFACE_DRESSING.value: "#7a5c3e",
    Surface.MACADAM.value: "#b98b52",
    Surface.GRAVEL.value: "#d9b26a",
    Surface.EARTH.value: "#c4632d",
}
IRI_COLORS: Final[dict[int, str]] = {1: "#2e9e5b", 2: "#b3c23a", 3: "#e0972f", 4: "#cf3b3b"}
SPEED_COLORS: Final[dict[int, str]] = {
    40: "#b3261e",
    50: "#d9622b",
    60: "#dd9a2c",
    70: "#b3a52f",
    80: "#6aa84f",
    90: "#2e9e8f",
    100: "#2b7cc2",
    120: "#2f4fb0",
}


class ValueType(StrEnum):
    NUMBER = "NUMBER"
    CHOICE = "CHOICE"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True)
class EventKind:
    """What may hold along a stretch of a road, and within which bounds.

    ``may_overlap`` says whether two records may hold at the same place, side, lane and time; the
    database refuses it for all other kinds. Titles are Vietnamese message ids.
    """

    code: str
    title: str
    value: ValueType
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    choices: dict[str, str] = field(default_factory=dict)
    may_overlap: bool = False

    def is_in_bounds(self, number: float) -> bool:
        return (self.lowest is None or number >= self.lowest) and (
            self.highest is None or number <= self.highest
        )


EVENT_KINDS: Final[dict[str, EventKind]] = {
    kind.code: kind
    for kind in (
        EventKind("surface", gettext_noop("Mặt đường"), ValueType.CHOICE, choices=SURFACE_NAMES),
        EventKind(
            "iri", gettext_noop("Độ gồ ghề IRI"), ValueType.NUMBER, "m/km", lowest=0, highest=30
        ),
        EventKind(
            "width", gettext_noop("Bề rộng mặt đường"), ValueType.NUMBER, "m", lowest=1, highest=80
        ),
        EventKind(
            "speed_limit",
            gettext_noop("Tốc độ tối đa cho phép"),
            ValueType.NUMBER,
            "km/h",
            lowest=5,
            highest=120,
        ),
        EventKind(
            "operating_speed",
            gettext_noop("Tốc độ khai thác"),
            ValueType.NUMBER,
            "km/h",
            lowest=0,
            highest=160,
        ),
        EventKind(
            "traffic_change",
            gettext_noop("Tổ chức lại giao thông"),
            ValueType.TEXT,
            may_overlap=True,
        ),
    )
}
"""Every kind of route event by its code. A new kind is one more entry."""
