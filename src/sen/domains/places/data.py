"""What `places` tells other domains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sen.domains.places.choices import GroundKind


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


@dataclass(frozen=True, slots=True)
class GroundInput:
    """One feature of the base map; ``shape`` is a geometry in WGS 84.

    Units:
        ``width_m``: metres. ``rank``: 1 is drawn from farthest away.
    """

    kind: GroundKind
    name: str
    rank: int
    shape: Any
    width_m: float | None = None
