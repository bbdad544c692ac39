"""What happens to roads, told to other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class RoadChanged(Event):
    """A road was made or its description changed."""

    type = "vn.dongthap.sen.network.road.changed.v1"
    road_id: int
    code: str
    created: bool


@dataclass(frozen=True, kw_only=True)
class RoadDeleted(Event):
    """A road was taken out of the register."""

    type = "vn.dongthap.sen.network.road.deleted.v1"
    road_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class RouteRecalibrated(Event):
    """The same chainage lies elsewhere now: whoever placed things by chainage places them anew."""

    type = "vn.dongthap.sen.network.road.recalibrated.v1"
    road_id: int
    valid_from: date
    start_m: float
    end_m: float


@dataclass(frozen=True, kw_only=True)
class RouteEventsChanged(Event):
    """Records along a road were added, changed or ended."""

    type = "vn.dongthap.sen.network.road.events_changed.v1"
    road_id: int
    kinds: tuple[str, ...]
