"""The graph follows the roads: what changed is computed anew by a job, many changes by one run."""

from __future__ import annotations

from sen.domains.assets import api as assets
from sen.domains.assets.events import AssetChanged, AssetCreated, AssetDeleted, AssetMoved
from sen.domains.network.events import (
    RoadChanged,
    RoadDeleted,
    RouteEventsChanged,
    RouteRecalibrated,
)
from sen.domains.network.ports import road_followers
from sen.domains.routing.services import TurnFollower, follow_calibration, mark_changed
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on
from sen.kernel.jobs.definition import jobs
from sen.kernel.jobs.services import enqueue

#: Of these assets a crossing may turn out to be none.
_STRUCTURES = ("bridge", "tunnel")
_REBUILD = "routing.rebuild_graph"

#: What is done to a road as a whole is followed at once, in the same transaction.
road_followers.add("routing.turn", TurnFollower())


def _later(road_id: int) -> None:
    mark_changed([road_id])
    enqueue(jobs[_REBUILD], actor=current_actor(), once_key=_REBUILD)


@on(RoadChanged, name="routing.follow_road")
def road_changed(event: RoadChanged, origin: Origin) -> None:
    _later(event.road_id)


@on(RouteRecalibrated, name="routing.follow_calibration")
def road_recalibrated(event: RouteRecalibrated, origin: Origin) -> None:
    follow_calibration(road_id=event.road_id)
    _later(event.road_id)


@on(RouteEventsChanged, name="routing.follow_shared_stretch")
def shared_stretch_changed(event: RouteEventsChanged, origin: Origin) -> None:
    """Records do not change the way; a change without kinds is one of shared stretches."""
    if not event.kinds:
        _later(event.road_id)


@on(RoadDeleted, name="routing.follow_deletion")
def road_deleted(event: RoadDeleted, origin: Origin) -> None:
    _later(event.road_id)


@on(AssetMoved, name="routing.follow_structure")
def structure_moved(event: AssetMoved, origin: Origin) -> None:
    if event.asset_type in _STRUCTURES and event.road_id is not None:
        _later(event.road_id)


@on(AssetCreated, name="routing.follow_new_structure")
def structure_created(event: AssetCreated, origin: Origin) -> None:
    _structure(event.asset_id, event.asset_type)


@on(AssetChanged, name="routing.follow_changed_structure")
def structure_changed(event: AssetChanged, origin: Origin) -> None:
    _structure(event.asset_id, event.asset_type)


@on(AssetDeleted, name="routing.follow_removed_structure")
def structure_deleted(event: AssetDeleted, origin: Origin) -> None:
    _structure(event.asset_id, event.asset_type)


def _structure(asset_id: int, asset_type: str) -> None:
    if asset_type not in _STRUCTURES:
        return
    row = assets.assets(current_actor(), type=asset_type).filter(pk=asset_id).first()
    if row is not None and row.road_id is not None:
        _later(row.road_id)
