"""Roads led over other roads: the same place under the chainage of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sen.domains.network.choices import Side
from sen.domains.network.data import RoadPlace
from sen.domains.network.selectors.sql import rows
from sen.kernel.memo import remembered

_SHARED: Final = """
SELECT id, bearing_id, from_m::float8, to_m::float8, borne_id, borne_from_m::float8,
  borne_to_m::float8
FROM network_concurrency
WHERE (bearing_id = ANY(%(roads)s) OR borne_id = ANY(%(roads)s))
  AND CASE WHEN %(on)s::date IS NULL THEN valid_to IS NULL
      ELSE valid_from <= %(on)s::date AND coalesce(valid_to > %(on)s::date, true) END
ORDER BY bearing_id, from_m
"""


@dataclass(frozen=True, slots=True)
class Shared:
    """A stretch that two roads share, with the labels of both.

    Units:
        Labels in metres; ``borne_to`` is below ``borne_from`` where the borne road runs the other
        way.
    """

    id: int
    bearing_id: int
    from_m: float
    to_m: float
    borne_id: int
    borne_from: float
    borne_to: float

    @property
    def turned(self) -> bool:
        return self.borne_to < self.borne_from

    def to_borne(self, measure_m: float) -> float:
        """The label of the borne road at a label of the bearing road."""
        share = (measure_m - self.from_m) / (self.to_m - self.from_m)
        return self.borne_from + share * (self.borne_to - self.borne_from)

    def to_bearing(self, measure_m: float) -> float:
        """The label of the bearing road at a label of the borne road."""
        share = (measure_m - self.borne_from) / (self.borne_to - self.borne_from)
        return self.from_m + share * (self.to_m - self.from_m)

    def bears(self, measure_m: float) -> bool:
        """Whether a label of the borne road lies on the shared stretch."""
        low, high = sorted((self.borne_from, self.borne_to))
        return low <= measure_m <= high

    def side_of(self, side: str) -> str:
        """A side of one road as the other calls it."""
        if not self.turned:
            return side
        return {Side.LEFT.value: Side.RIGHT.value, Side.RIGHT.value: Side.LEFT.value}.get(
            side, side
        )


def shared_stretches(road_ids: Iterable[int], *, on: date | None = None) -> list[Shared]:
    """The stretches on which any of the roads runs with another."""
    return _shared(frozenset(road_ids), on)


@remembered
def _shared(road_ids: frozenset[int], on: date | None) -> list[Shared]:
    return [Shared(*row) for row in rows(_SHARED, {"roads": list(road_ids), "on": on})]


def on_bearing_roads(places: Sequence[RoadPlace], *, on: date | None = None) -> list[RoadPlace]:
    """The same places as the bearing road calls them, where they were found on a borne one."""
    shared = [
        one
        for one in shared_stretches((place.road_id for place in places), on=on)
        if any(place.road_id == one.borne_id for place in places)
    ]
    if not shared:
        return list(places)
    return [_on_bearing(place, shared) for place in places]


def _on_bearing(place: RoadPlace, shared: Sequence[Shared]) -> RoadPlace:
    for one in shared:
        if place.road_id == one.borne_id and one.bears(place.chainage_m):
            return replace(
                place,
                road_id=one.bearing_id,
                line_id=one.bearing_id,
                chainage_m=one.to_bearing(place.chainage_m),
                side=Side(one.side_of(place.side.value)),
            )
    return place
