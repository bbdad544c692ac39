"""What `places` tells other domains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Located:
    """The commune of a point.

    ``distance_m`` is 0 inside its boundary; over water, where no boundary reaches, it is the
    distance to the nearest one (at most 3 km).
    """

    unit_id: int
    area_id: int
    code: str
    name: str
    distance_m: float

    @property
    def is_inside(self) -> bool:
        return self.distance_m == 0
