"""Roads as series of printed sheets, named by chainage."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from sen.domains.network.selectors import chainages_of, label, roads
from sen.kernel.access.scope import Actor
from sen.kernel.printing.series import Course, LonLat, courses


def road_course(actor: Actor, road_id: int) -> Course | None:
    """The line of a road that the actor may see."""
    road = roads(actor).filter(pk=road_id, geom__isnull=False).first()
    if road is None or road.geom is None:
        return None

    def labels(places: Sequence[LonLat]) -> list[str]:
        found = chainages_of(points=places, road_ids=[road_id] * len(places), within_m=50)
        return ["" if place is None else label(round(place.chainage_m)) for place in found]

    return Course(str(road), shapely.from_wkb(bytes(road.geom.wkb)), labels)


courses.add("roads", road_course)
