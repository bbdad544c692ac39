"""What `permits` tells other domains and takes from importers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What a structure must bear and let pass.

    Units:
        As named: tonnes and metres. ``combination``: rigid, semi, trailer, tracked.
    """

    gross_t: float | None = None
    axle_t: float | None = None
    height_m: float | None = None
    width_m: float | None = None
    combination: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of a route; without ends the whole road.

    Units:
        Labels in metres.
    """

    road_id: int
    road: str
    from_m: float | None = None
    to_m: float | None = None

    @property
    def low(self) -> float | None:
        ends = [end for end in (self.from_m, self.to_m) if end is not None]
        return min(ends) if len(ends) == 2 else self.from_m

    @property
    def high(self) -> float | None:
        ends = [end for end in (self.from_m, self.to_m) if end is not None]
        return max(ends) if len(ends) == 2 else self.to_m


@dataclass(frozen=True, slots=True)
class Failing:
    """One limit that a vehicle exceeds.

    Units:
        ``limit`` and ``needs`` in ``unit``; both None where something is closed.
    """

    what: str
    limit: float | None
    needs: float | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A structure or a stretch on the way that the vehicle may not pass as it is posted."""

    title: str
    place: str
    url: str
    failings: tuple[Failing, ...]
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class RouteCheck:
    """The answer on a route: how many structures were compared, and which do not do."""

    checked: int
    obstacles: tuple[Obstacle, ...]
    length_m: float
    unknown: int = 0

    @property
    def is_clear(self) -> bool:
        return not self.obstacles


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitInput:
    """One permit of an import or of another system; found again by its ``code``.

    ``holder`` is the code of a party, ``owner_org`` and ``area`` are codes, ``road`` the code or
    number of a road, ``route`` a text as people write it.
    """

    kind: str
    code: str
    name: str = ""
    holder: str = ""
    owner_org: str = ""
    area: str = ""
    number: str = ""
    road: str = ""
    from_m: float | None = None
    to_m: float | None = None
    side: str = ""
    position: tuple[float, float] | None = None
    route: str = ""
    received_at: date | None = None
    issued_at: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    status: str = ""
    conditions: str = ""
    fee_vnd: int | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    row: int = 0
