"""Reactions of assets to what happens to roads."""

from __future__ import annotations

from sen.domains.assets.services import follow_calibration, follow_road
from sen.domains.assets.services.reshaping import AssetFollower
from sen.domains.network.events import RoadChanged, RouteRecalibrated
from sen.domains.network.ports import road_followers
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on

#: What is done to a road as a whole is followed at once, in the same transaction.
road_followers.add("assets.asset", AssetFollower())


@on(RouteRecalibrated, name="assets.follow_calibration")
def place_again(event: RouteRecalibrated, origin: Origin) -> None:
    """The same chainage lies elsewhere now."""
    follow_calibration(actor=current_actor(), road_id=event.road_id)


@on(RoadChanged, name="assets.follow_road")
def name_again(event: RoadChanged, origin: Origin) -> None:
    """The number of a road is part of how its assets are found and ordered."""
    if not event.created:
        follow_road(actor=current_actor(), road_id=event.road_id)
