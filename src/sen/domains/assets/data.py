"""What `assets` tells other domains and takes from importers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sen.domains.assets.choices import Status

LonLat = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetInput:
    """One asset of an import. ``row`` is its line in the file.

    ``owner_org`` and ``area`` are codes, ``road`` is the code of a road. The place is a road with
    a chainage, a position, a line, or several of them, which must then agree. Of an asset that
    exists, None and "" keep what is there and ``attributes`` replaces the attributes that it
    names (None takes one out). Without a ``code`` an asset is found by its type and its place on
    the road.
    """

    type: str
    code: str = ""
    name: str = ""
    owner_org: str = ""
    area: str = ""
    road: str = ""
    chainage_m: float | None = None
    to_chainage_m: float | None = None
    side: str = ""
    position: LonLat | None = None
    line: Sequence[LonLat] | None = None
    status: str = Status.IN_USE.value
    condition: str = ""
    condition_at: date | None = None
    opened_year: int | None = None
    data_class: int | None = None
    note: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionInput:
    """One inspection of an import; found again by its ``code``."""

    code: str
    asset: str
    date: date
    inspector: str
    condition: str
    finding: str = ""
    data_class: int | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a point on the map suggests: the nearest road with its chainage, and the commune."""

    road_id: int | None = None
    road: str = ""
    chainage_m: float | None = None
    offset_m: float | None = None
    side: str = ""
    area_id: int | None = None
    area: str = ""


@dataclass(frozen=True, slots=True)
class AssetSummary:
    """One asset as other domains name it."""

    id: int
    type: str
    code: str
    name: str
    road_id: int | None
    chainage_m: float | None
