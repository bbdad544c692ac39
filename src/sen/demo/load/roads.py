"""Roads with their km-posts, and what holds along them."""

from __future__ import annotations

from datetime import date
from typing import Final

from sen.demo.load.foundation import Ground
from sen.demo.load.history import event_at_first
from sen.demo.load.network import RENUMBERED, SHIFT_M
from sen.demo.model import Province, Road
from sen.domains.network import api as network
from sen.domains.network.choices import Carriageway, Side
from sen.domains.network.data import EventInput, PostInput, RoadInput
from sen.kernel.access.scope import Actor

#: Demonstration roads of so many lanes have a median.
DIVIDED_LANES: Final = 4
TECHNICAL: Final = {"cao_toc": "EXPRESSWAY", "do_thi": "URBAN"}


def lay_of(road: Road) -> Carriageway:
    """Expressways and wide roads have a median."""
    is_divided = road.manager_class == "expressway" or road.lanes >= DIVIDED_LANES
    return Carriageway.DUAL if is_divided else Carriageway.SINGLE


def load_roads(actor: Actor, data: Province, ground: Ground) -> int:
    """All roads, calibrated on their posts."""
    rows = [
        RoadInput(
            code=road.code,
            number=road.number,
            name=road.name,
            owner_org=road.manager,
            area=ground.area(road.commune_code).code,
            manager_class=road.manager_class.upper(),
            technical_class=TECHNICAL.get(road.technical_class, road.technical_class),
            carriageway=lay_of(road).value,
            lanes=road.lanes,
            width_m=road.width_m,
            surface=road.surface.upper(),
            opened_year=road.opened_year or None,
            status=road.status.upper(),
            start_m=road.start_m,
            end_m=road.end_m,
            data_class=road.data_class,
            line=road.line,
            row=number,
        )
        for number, road in enumerate(data.roads, 1)
    ]
    posts = [
        PostInput(
            road=post.road_code,
            measure_m=post.km * 1000.0,
            old_measure_m=post.km * 1000.0 + SHIFT_M if post.road_code == RENUMBERED else None,
            lon=post.position[0],
            lat=post.position[1],
            condition=post.condition.upper(),
            row=number,
        )
        for number, post in enumerate(data.km_posts, 1)
    ]
    done = network.bulk_put_roads(
        actor=actor, rows=rows, posts=posts, valid_from=date(2025, 7, 1), is_demo=True
    )
    return done.created + done.updated


def load_road_events(actor: Actor, data: Province) -> int:
    """Speed limits, surfaces, widths, roughness, as they were first entered."""
    rows = [event_at_first(row) for row in road_events(data)]
    done = network.bulk_put_events(actor=actor, rows=rows, is_demo=True)
    return done.created + done.updated


def road_events(data: Province) -> list[EventInput]:
    """What holds along the roads today."""
    return [
        EventInput(
            code=event.code,
            road=event.road_code,
            kind=event.kind,
            from_m=event.from_m,
            to_m=event.to_m,
            side=Side(event.side.upper()).value,
            lane=event.lane,
            number=event.number,
            text=event.text.upper(),
            valid_from=date.fromisoformat(event.valid_from),
            valid_to=date.fromisoformat(event.valid_to) if event.valid_to else None,
            data_class=event.data_class,
            row=number,
        )
        for number, event in enumerate(data.road_events, 1)
    ]
