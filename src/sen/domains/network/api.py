"""What other domains may ask of `network`."""

from __future__ import annotations

from sen.domains.network.selectors import (
    NotOnRouteError,
    chainage_of,
    chainages_of,
    find_roads,
    label,
    line_between,
    lines_between,
    new_chainage,
    point_at,
    points_at,
    road_ids_by_code,
    roads,
)
from sen.domains.network.services import (
    RowFaultsError,
    bulk_put_events,
    bulk_put_roads,
    create_event,
    create_kmpost,
    create_road,
    recalibrate,
    set_line,
)

__all__ = [
    "NotOnRouteError",
    "RowFaultsError",
    "bulk_put_events",
    "bulk_put_roads",
    "chainage_of",
    "chainages_of",
    "create_event",
    "create_kmpost",
    "create_road",
    "find_roads",
    "label",
    "line_between",
    "lines_between",
    "new_chainage",
    "point_at",
    "points_at",
    "recalibrate",
    "road_ids_by_code",
    "roads",
    "set_line",
]
