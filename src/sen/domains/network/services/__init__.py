"""Use cases on roads, km-posts and what holds along roads."""

from __future__ import annotations

from sen.domains.network.services.bands import refresh_bands
from sen.domains.network.services.bulk_events import bulk_put_events
from sen.domains.network.services.bulk_roads import bulk_put_roads
from sen.domains.network.services.checks import RowFaultsError
from sen.domains.network.services.concurrency import (
    declare_concurrency,
    delete_concurrency,
    update_concurrency,
)
from sen.domains.network.services.operations import (
    OPERATIONS,
    close_road,
    decide,
    extend_road,
    join_roads,
    preview,
    realign_road,
    renumber_road,
    reverse_road,
    split_road,
)
from sen.domains.network.services.posts import (
    create_kmpost,
    delete_kmpost,
    keep_old_calibration,
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
    "OPERATIONS",
    "RowFaultsError",
    "bulk_put_events",
    "bulk_put_roads",
    "close_road",
    "create_event",
    "create_kmpost",
    "create_road",
    "decide",
    "declare_concurrency",
    "delete_concurrency",
    "delete_event",
    "delete_kmpost",
    "delete_road",
    "end_event",
    "extend_road",
    "join_roads",
    "keep_old_calibration",
    "preview",
    "realign_road",
    "recalibrate",
    "refresh_bands",
    "renumber_road",
    "reverse_road",
    "set_line",
    "split_road",
    "update_concurrency",
    "update_event",
    "update_kmpost",
    "update_road",
]
