"""Questions to the routing graph and its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LonLat = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """What a vehicle needs of the structures on its way; None: it asks for nothing.

    ``kind`` is a :class:`VehicleKind`, or empty: rules for one kind alone are not for it.

    Units:
        Total weight in tonnes, height in metres.
    """

    weight_t: float | None = None
    height_m: float | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of one road on the way, in the direction in which it is driven.

    ``turn`` is how one comes onto it: ``start``, ``left``, ``right`` or ``straight``.

    Units:
        Labels and length in metres.
    """

    road_id: int
    road: str
    from_m: float
    to_m: float
    length_m: float
    turn: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A structure that the vehicle may not pass.

    Units:
        Tonnes and metres as posted; None where nothing is posted.
    """

    asset_id: int
    name: str
    url: str
    closed: bool
    limit_t: float | None
    clearance_m: float | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Route:
    """The shortest way that the vehicle may take.

    Units:
        ``length_m``: real metres; ``access_m``: from the two places to the nearest road.
        ``geometry``: GeoJSON in WGS 84.
    """

    length_m: float
    access_m: tuple[float, float]
    legs: tuple[Leg, ...]
    geometry: dict[str, Any]
    avoided: tuple[Obstacle, ...]
