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


@dataclass(frozen=True, kw_only=True)
class RoadReshaped(Event):
    """A road was changed as a whole: what lay on its old chainage is called otherwise now.

    ``pieces`` are (from, to, road now, from now, to now, settled); a piece that is not settled
    lies elsewhere. Things of other domains followed in the same transaction where they are
    registered as followers; this is for everybody else.
    """

    type = "vn.dongthap.sen.network.road.reshaped.v1"
    operation_id: int
    operation: str
    road_id: int
    valid_from: date
    pieces: tuple[tuple[float, float, int, float, float, bool], ...]
