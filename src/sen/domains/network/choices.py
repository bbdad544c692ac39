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


class RoadPart(StrEnum):
    """What a line is of the road that bears the number.

    The carriageways of a divided road may have lines and posts of their own, and so have ramps;
    each of them hangs on its main road.
    """

    MAIN = "MAIN"
    LEFT = "LEFT"
    RIGHT = "RIGHT"
    RAMP = "RAMP"


class PostNature(StrEnum):
    """A post that stands there, or a point whose label was agreed when the road was changed."""

    POST = "POST"
    REFERENCE = "REFERENCE"


class OperationKind(StrEnum):
    """What may be done to a road as a whole."""

    REALIGN = "REALIGN"
    EXTEND = "EXTEND"
    SPLIT = "SPLIT"
    JOIN = "JOIN"
    RENUMBER = "RENUMBER"
    REVERSE = "REVERSE"
    CLOSE = "CLOSE"


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


#: The rule of `norms` that says how good a roughness is, and the band of each of its answers.
IRI_NORM: Final = "condition.iri"
IRI_GRADES: Final[dict[str, int]] = {"GOOD": 1, "FAIR": 2, "POOR": 3, "BAD": 4}
IRI_BAND_NAMES: Final[dict[int, str]] = {
    1: gettext_noop("Tốt"),
    2: gettext_noop("Khá"),
    3: gettext_noop("Trung bình"),
    4: gettext_noop("Kém"),
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


class Overlap(StrEnum):
    """Whether two records of a kind may hold at the same place and day."""

    EXCLUSIVE = "EXCLUSIVE"
    FREE = "FREE"


class Coverage(StrEnum):
    """Whether the records of a kind must reach over the whole road without a gap.

    ``EXPECTED`` gaps are reported; ``REQUIRED`` ones are refused by the database as soon as a road
    has a record of the kind.
    """

    NONE = "NONE"
    EXPECTED = "EXPECTED"
    REQUIRED = "REQUIRED"


@dataclass(frozen=True, slots=True)
class EventKind:
    """What may hold along a stretch of a road, within which bounds and by which rule of overlap.

    ``by_side`` and ``by_lane`` say whether a record may speak of one side or one lane; then two
    records exclude each other only where their sides and lanes meet. Titles are Vietnamese
    message ids.

    Units:
        ``precision_m``: a gap below it is none.
    """

    code: str
    title: str
    value: ValueType
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    choices: dict[str, str] = field(default_factory=dict)
    overlap: Overlap = Overlap.EXCLUSIVE
    by_side: bool = True
    by_lane: bool = True
    coverage: Coverage = Coverage.NONE
    precision_m: float = 1.0

    @property
    def may_overlap(self) -> bool:
        return self.overlap is Overlap.FREE

    @property
    def must_cover(self) -> bool:
        return self.coverage is Coverage.REQUIRED

    def is_in_bounds(self, number: float) -> bool:
        return (self.lowest is None or number >= self.lowest) and (
            self.highest is None or number <= self.highest
        )


TECHNICAL_CLASS_NAMES: Final[dict[str, str]] = {
    TechnicalClass.EXPRESSWAY.value: gettext_noop("Cao tốc"),
    TechnicalClass.I.value: gettext_noop("Cấp I"),
    TechnicalClass.II.value: gettext_noop("Cấp II"),
    TechnicalClass.III.value: gettext_noop("Cấp III"),
    TechnicalClass.IV.value: gettext_noop("Cấp IV"),
    TechnicalClass.V.value: gettext_noop("Cấp V"),
    TechnicalClass.VI.value: gettext_noop("Cấp VI"),
    TechnicalClass.A.value: gettext_noop("Cấp A"),
    TechnicalClass.B.value: gettext_noop("Cấp B"),
    TechnicalClass.C.value: gettext_noop("Cấp C"),
    TechnicalClass.D.value: gettext_noop("Cấp D"),
    TechnicalClass.URBAN.value: gettext_noop("Đường đô thị"),
    TechnicalClass.OTHER.value: gettext_noop("Chưa vào cấp"),
}

EVENT_KINDS: Final[dict[str, EventKind]] = {
    kind.code: kind
    for kind in (
        EventKind(
            "surface",
            gettext_noop("Mặt đường"),
            ValueType.CHOICE,
            choices=SURFACE_NAMES,
            coverage=Coverage.EXPECTED,
        ),
        EventKind(
            "iri",
            gettext_noop("Độ gồ ghề IRI"),
            ValueType.NUMBER,
            "m/km",
            lowest=0,
            highest=30,
            coverage=Coverage.EXPECTED,
            precision_m=0.1,
        ),
        EventKind(
            "width",
            gettext_noop("Bề rộng mặt đường"),
            ValueType.NUMBER,
            "m",
            lowest=1,
            highest=80,
            by_lane=False,
            coverage=Coverage.EXPECTED,
        ),
        EventKind(
            "technical_class",
            gettext_noop("Cấp kỹ thuật của đoạn"),
            ValueType.CHOICE,
            choices=TECHNICAL_CLASS_NAMES,
            by_side=False,
            by_lane=False,
            coverage=Coverage.REQUIRED,
        ),
        EventKind(
            "lanes",
            gettext_noop("Số làn xe"),
            ValueType.NUMBER,
            gettext_noop("làn"),
            lowest=1,
            highest=16,
            by_lane=False,
        ),
        EventKind(
            "traffic",
            gettext_noop("Lưu lượng xe"),
            ValueType.NUMBER,
            gettext_noop("xe/ngày đêm"),
            lowest=0,
            highest=500_000,
            by_lane=False,
        ),
        EventKind(
            "speed_limit",
            gettext_noop("Tốc độ tối đa cho phép"),
            ValueType.NUMBER,
            "km/h",
            lowest=5,
            highest=120,
            coverage=Coverage.EXPECTED,
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
            "load_limit",
            gettext_noop("Hạn chế tải trọng của đường"),
            ValueType.NUMBER,
            "t",
            lowest=0.5,
            highest=100,
            by_lane=False,
        ),
        EventKind(
            "axle_limit",
            gettext_noop("Hạn chế tải trọng trục của đường"),
            ValueType.NUMBER,
            "t",
            lowest=0.5,
            highest=30,
            by_lane=False,
        ),
        EventKind(
            "clearance",
            gettext_noop("Tĩnh không, chiều cao hạn chế"),
            ValueType.NUMBER,
            "m",
            lowest=1.5,
            highest=20,
            by_lane=False,
        ),
        EventKind(
            "width_limit",
            gettext_noop("Chiều rộng hạn chế"),
            ValueType.NUMBER,
            "m",
            lowest=1,
            highest=30,
            by_lane=False,
        ),
        EventKind(
            "maintainer",
            gettext_noop("Đơn vị bảo dưỡng thường xuyên"),
            ValueType.TEXT,
            by_lane=False,
        ),
        EventKind(
            "roadworks", gettext_noop("Thi công, sửa chữa"), ValueType.TEXT, overlap=Overlap.FREE
        ),
        EventKind(
            "traffic_change",
            gettext_noop("Tổ chức lại giao thông"),
            ValueType.TEXT,
            overlap=Overlap.FREE,
        ),
    )
}
"""Every kind of route event by its code. A new kind is one more entry."""
