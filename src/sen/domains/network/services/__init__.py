"""Use cases on roads, km-posts and what holds along roads."""

from __future__ import annotations

from sen.domains.network.services.bulk_events import bulk_put_events
from sen.domains.network.services.bulk_roads import bulk_put_roads
from sen.domains.network.services.checks import RowFaultsError
from sen.domains.network.services.posts import (
    create_kmpost,
    delete_kmpost,
    recalibrate,
    set_line,
    update_kmpost,
)
from sen.domains.network.services.roads import create_road, delete_road, update_road
from sen.domains.network.services.route_events import (
    create_event,
    delete_event,
    end_event,
    update_event,
)

__all__ = [
    "RowFaultsError",
    "bulk_put_events",
    "bulk_put_roads",
    "create_event",
    "create_kmpost",
    "create_road",
    "delete_event",
    "delete_kmpost",
    "delete_road",
    "end_event",
    "recalibrate",
    "set_line",
    "update_event",
    "update_kmpost",
    "update_road",
]
