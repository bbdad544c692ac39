"""Roads that are more than one line: carriageways, ramps of an interchange, shared stretches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Final

from shapely import LineString

from sen.demo.model import Province, Road
from sen.demo.plane import Point, Track, line_to_lonlat, to_lonlat, to_plane
from sen.demo.source import chance
from sen.domains.network import api as network
from sen.domains.network.choices import Carriageway, RoadPart
from sen.domains.network.data import EventInput, PostInput, RoadInput
from sen.kernel.access.scope import Actor

SINCE: Final = date(2025, 7, 1)
#: The road whose carriageways have lines of their own, and how far they lie from its axis.
DIVIDED: Final = "CT.01-MTCT"
ASIDE_M: Final = 5.5
#: The road that the interchange joins to it, and how far from the crossing its ramps begin.
MET: Final = "QL.80"
ALONG_M: Final = 420.0
OFF_M: Final = 260.0
#: A road that runs over another from end to end, under its own chainage.
BEARING: Final = "QL.N2"
BORNE: Final = "HCM-MACL"
BORNE_START_M: Final = 100_000.0
IRI_STEP_M: Final = 2_000.0
_SIDES: Final = (
    (RoadPart.LEFT, "T", "phần đường bên trái", -ASIDE_M),
    (RoadPart.RIGHT, "P", "phần đường bên phải", ASIDE_M),
)


def load_lines(actor: Actor, data: Province) -> int:
    """Carriageways, ramps and a shared stretch; returns how many roads they are."""
    roads = {road.code: road for road in data.roads}
    main, met, bearing = roads[DIVIDED], roads[MET], roads[BEARING]
    track = _track(main)
    rows = [
        *_carriageways(actor, main, track),
        *_ramps(actor, main, track, _track(met), met.number),
        _borne(actor, bearing),
    ]
    posts = [
        PostInput(
            road=f"{DIVIDED}-{tail}",
            measure_m=post.km * 1000.0,
            lon=lon,
            lat=lat,
            condition=post.condition.upper(),
        )
        for _part, tail, _name, aside in _SIDES
        for post in data.km_posts
        if post.road_code == DIVIDED
        for lon, lat in [to_lonlat(track.beside(post.distance_m, aside))]
    ]
    done = network.bulk_put_roads(
        actor=actor, rows=rows, posts=posts, valid_from=SINCE, is_demo=True
    )
    network.bulk_put_events(actor=actor, rows=list(_records(actor)), is_demo=True)
    _share(actor)
    return done.created + done.updated


def _track(road: Road) -> Track:
    return Track.of([to_plane(point) for point in road.line])


def _place_of(actor: Actor, code: str) -> str:
    area: str = network.roads(actor).values_list("area__code", flat=True).get(code=code)
    return area


def _carriageways(actor: Actor, main: Road, track: Track) -> Iterator[RoadInput]:
    for part, tail, name, aside in _SIDES:
        line = [track.beside(distance, aside) for distance in track.distances]
        yield RoadInput(
            code=f"{main.code}-{tail}",
            number=main.number,
            name=f"{main.name}, {name}",
            owner_org=main.manager,
            area=_place_of(actor, main.code),
            manager_class=main.manager_class.upper(),
            technical_class="EXPRESSWAY",
            carriageway=Carriageway.DUAL.value,
            lanes=main.lanes // 2,
            width_m=round(main.width_m / 2, 2),
            surface=main.surface.upper(),
            opened_year=main.opened_year,
            start_m=main.start_m,
            part=part.value,
            main=main.code,
            line=line_to_lonlat(line),
        )


def _ramps(
    actor: Actor, main: Road, track: Track, other: Track, number: str
) -> Iterator[RoadInput]:
    """A diamond: an exit and an entry for each direction of the road, on the right of the way."""
    spot = LineString(track.points).intersection(LineString(other.points))
    here = LineString(track.points).project(spot)
    there = LineString(other.points).project(spot)
    # Does the other road run from the left of this one to its right?
    turn = math.sin(other.heading(there) - track.heading(here))
    right = OFF_M if turn < 0 else -OFF_M
    before, behind = track.at(here - ALONG_M), track.at(here + ALONG_M)
    to_right, to_left = other.at(there + right), other.at(there - right)
    ends = ((before, to_right), (to_right, behind), (behind, to_left), (to_left, before))
    for count, (start, end) in enumerate(ends, 1):
        yield RoadInput(
            code=f"{main.code}-N{count}",
            name=f"Nhánh N{count} nút giao {number} – {main.name}",
            owner_org=main.manager,
            area=_place_of(actor, main.code),
            manager_class=main.manager_class.upper(),
            carriageway=Carriageway.ONE_WAY.value,
            lanes=1,
            width_m=6.5,
            surface=main.surface.upper(),
            opened_year=main.opened_year,
            part=RoadPart.RAMP.value,
            main=main.code,
            line=line_to_lonlat(_bend(start, end, (spot.x, spot.y))),
        )


def _bend(start: Point, end: Point, towards: Point) -> list[Point]:
    """A curve between two points that leans towards a third."""
    middle = [(start[i] + end[i]) / 2 * 0.6 + towards[i] * 0.4 for i in (0, 1)]
    steps = [i / 12 for i in range(13)]
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * middle[0] + t * t * end[0],
            (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * middle[1] + t * t * end[1],
        )
        for t in steps
    ]


def _borne(actor: Actor, bearing: Road) -> RoadInput:
    return RoadInput(
        code=BORNE,
        name="Đường Hồ Chí Minh (Mỹ An – Cao Lãnh)",
        owner_org=bearing.manager,
        area=_place_of(actor, bearing.code),
        manager_class=bearing.manager_class.upper(),
        technical_class=bearing.technical_class,
        lanes=bearing.lanes,
        width_m=bearing.width_m,
        surface=bearing.surface.upper(),
        opened_year=bearing.opened_year or None,
        start_m=BORNE_START_M,
        line=bearing.line,
    )


def _records(actor: Actor) -> Iterator[EventInput]:
    """Each carriageway has its own roughness and count of vehicles."""
    for road in network.roads(actor).filter(code__in=[f"{DIVIDED}-T", f"{DIVIDED}-P"]):
        draw = chance(f"carriageway/{road.code}")
        start, end = float(road.start_m or 0), float(road.end_m or 0)
        count = max(1, round((end - start) / IRI_STEP_M))
        borders = [round(start + (end - start) * i / count, 3) for i in range(count + 1)]
        values = [(low, high, round(draw.uniform(1.4, 3.4), 1)) for low, high in pairwise(borders)]
        yield from (
            EventInput(
                road=road.code, kind="iri", from_m=low, to_m=high, number=iri, valid_from=SINCE
            )
            for low, high, iri in values
        )
        yield EventInput(
            road=road.code,
            kind="traffic",
            from_m=borders[0],
            to_m=borders[-1],
            number=round(draw.uniform(10_000, 15_000), -2),
            valid_from=SINCE,
        )


def _share(actor: Actor) -> None:
    bearing = network.roads(actor).get(code=BEARING)
    borne = network.roads(actor).get(code=BORNE)
    network.declare_concurrency(
        actor=actor,
        bearing=bearing,
        borne=borne,
        from_m=bearing.start_m,
        to_m=bearing.end_m,
        borne_from_m=borne.start_m,
        borne_to_m=borne.end_m,
        valid_from=SINCE,
        note="Đường Hồ Chí Minh đi trùng toàn bộ đoạn Mỹ An – Cao Lãnh",
    )
