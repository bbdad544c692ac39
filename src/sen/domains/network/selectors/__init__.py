"""What may be asked about roads."""

from __future__ import annotations

from sen.domains.network.selectors.concurrency import Shared, shared_stretches
from sen.domains.network.selectors.coverage import Reach, gaps_and_overlaps
from sen.domains.network.selectors.history import (
    calibration_days,
    correspondence,
    new_chainage,
    old_chainage,
    old_names,
    old_place,
)
from sen.domains.network.selectors.lrs import (
    NotOnRouteError,
    chainage_of,
    chainages_of,
    label,
    line_between,
    lines_between,
    point_at,
    points_at,
)
from sen.domains.network.selectors.roads import events_on, find_roads, road_ids_by_code, roads

__all__ = [
    "NotOnRouteError",
    "Reach",
    "Shared",
    "calibration_days",
    "chainage_of",
    "chainages_of",
    "correspondence",
    "events_on",
    "find_roads",
    "gaps_and_overlaps",
    "label",
    "line_between",
    "lines_between",
    "new_chainage",
    "old_chainage",
    "old_names",
    "old_place",
    "point_at",
    "points_at",
    "road_ids_by_code",
    "roads",
    "shared_stretches",
]
