"""What `network` tells other domains and takes from importers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sen.domains.network.choices import (
    ALL_LANES,
    Carriageway,
    ManagerClass,
    PostCondition,
    RoadPart,
    RoadStatus,
    Side,
    TechnicalClass,
)

LonLat = tuple[float, float]

#: The metric grid in which routes are measured: VN-2000, 3° zone, meridian 105°00′.
METRIC_SRID: Final = 5897


@dataclass(frozen=True, slots=True)
class RoadPlace:
    """Where a point lies on a road.

    Units:
        ``chainage_m``: metres of the label, negative before Km0. ``offset_m``: distance from the
        line. ``lon``, ``lat``: the foot of the point on the line.

    ``line_id`` is the road on whose line it was measured: a carriageway with a line of its own,
    else the road itself. Where carriageways have lines, ``side`` says on which of them.
    """

    road_id: int
    chainage_m: float
    offset_m: float
    side: Side
    lon: float
    lat: float
    line_id: int = 0


@dataclass(frozen=True, slots=True)
class Correspondence:
    """The same place under an old and a new chainage; ``new_road_id`` None: no road is there now.

    Units:
        Labels in metres; degrees of WGS 84.
    """

    old_m: float
    lon: float
    lat: float
    new_road_id: int | None
    new_m: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadInput:
    """One road of an import. ``row`` is its line in the file.

    ``owner_org`` and ``area`` are codes. ``line`` is WKB in WGS 84 or positions; None keeps the
    line that is there. Of a road without km-posts ``start_m`` and ``end_m`` are the labels of its
    ends (without ``end_m`` a metre of the label is a metre of the road). A carriageway or a ramp
    names its ``part`` and the code of its ``main`` road.
    """

    code: str
    name: str
    owner_org: str
    area: str
    number: str = ""
    manager_class: str = ManagerClass.PROVINCIAL.value
    technical_class: str = TechnicalClass.OTHER.value
    carriageway: str = Carriageway.SINGLE.value
    lanes: int | None = None
    width_m: float | None = None
    surface: str = ""
    opened_year: int | None = None
    status: str = RoadStatus.OPEN.value
    part: str = RoadPart.MAIN.value
    main: str = ""
    start_m: float = 0.0
    end_m: float | None = None
    data_class: int = 0
    line: bytes | Sequence[LonLat] | None = None
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PostInput:
    """One km-post: its label, its place, and the label that it bore before."""

    road: str
    measure_m: float
    lon: float
    lat: float
    old_measure_m: float | None = None
    condition: str = PostCondition.GOOD.value
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInput:
    """One record along a road. With a ``code`` it is found again by it."""

    road: str
    kind: str
    from_m: float
    to_m: float
    side: str = Side.BOTH.value
    lane: int = ALL_LANES
    number: float | None = None
    text: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    valid_from: date
    valid_to: date | None = None
    code: str = ""
    data_class: int | None = None
    row: int = 0
