"""What `corridors` publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CorridorsComputed(Event):
    """Corridors were drawn anew: how many changed, and how many are gone."""

    type = "vn.dongthap.sen.corridors.corridor.computed.v1"
    on: date
    changed: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class RedLineChanged(Event):
    """The red line of an urban road was entered or corrected."""

    type = "vn.dongthap.sen.corridors.redline.changed.v1"
    road_id: int


@dataclass(frozen=True, kw_only=True)
class FairwayChanged(Event):
    """A fairway was entered or changed."""

    type = "vn.dongthap.sen.corridors.fairway.changed.v1"
    fairway_id: int
