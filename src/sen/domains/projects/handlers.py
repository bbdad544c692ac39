"""Reactions of projects to what happens to roads."""

from __future__ import annotations

from sen.domains.network.events import RouteRecalibrated
from sen.domains.projects.services import follow_calibration
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on


@on(RouteRecalibrated, name="projects.follow_calibration")
def place_again(event: RouteRecalibrated, origin: Origin) -> None:
    """The same chainage lies elsewhere now."""
    follow_calibration(actor=current_actor(), road_id=event.road_id)
