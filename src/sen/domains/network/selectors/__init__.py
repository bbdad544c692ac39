"""What may be asked about roads."""

from __future__ import annotations

from sen.domains.network.selectors.lrs import (
    NotOnRouteError,
    chainage_of,
    chainages_of,
    label,
    line_between,
    lines_between,
    new_chainage,
    point_at,
    points_at,
)
from sen.domains.network.selectors.roads import find_roads, road_ids_by_code, roads

__all__ = [
    "NotOnRouteError",
    "chainage_of",
    "chainages_of",
    "find_roads",
    "label",
    "line_between",
    "lines_between",
    "new_chainage",
    "point_at",
    "points_at",
    "road_ids_by_code",
    "roads",
]
