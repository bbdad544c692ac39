"""Builds the whole demonstration province, the same on every run."""

from __future__ import annotations

import hashlib
from functools import cache

from sen.demo.furniture import build_devices, build_junctions, build_road_events, build_signs
from sen.demo.local_roads import build_local_routes
from sen.demo.model import Province
from sen.demo.people import (
    build_accounts,
    build_bus_stations,
    build_ferries,
    build_organisations,
    build_ports,
)
from sen.demo.routes import build_km_posts, build_main_routes
from sen.demo.structures import (
    build_bridges,
    build_culverts,
    build_inspections,
    find_crossings,
)
from sen.demo.territory import (
    Locator,
    barrier,
    build_areas,
    build_communes,
    build_towns,
    build_waterways,
)


def build_province() -> Province:
    """Generate everything from the typed facts."""
    communes = build_communes()
    locator = Locator(communes)
    waterways = build_waterways(locator)
    main = build_main_routes()
    routes = (*main, *build_local_routes(locator, barrier(waterways)))
    in_use = tuple(route for route in routes if route.road.status == "open")
    built_main = tuple(route for route in main if route.road.status == "open")
    crossings = find_crossings(in_use, waterways)
    bridges = build_bridges(crossings, locator)
    return Province(
        code="82",
        name="Đồng Tháp",
        seat="Mỹ Tho",
        communes=communes,
        organisations=build_organisations(communes),
        accounts=build_accounts(),
        areas=build_areas(locator),
        towns=build_towns(communes),
        waterways=waterways,
        roads=tuple(route.road for route in routes),
        km_posts=build_km_posts(built_main),
        road_events=build_road_events(built_main),
        bridges=bridges,
        inspections=build_inspections(bridges),
        culverts=build_culverts(in_use, crossings, bridges, locator),
        signs=build_signs(built_main, bridges, locator),
        devices=build_devices(in_use, bridges, locator),
        junctions=build_junctions(in_use, locator),
        ferries=build_ferries(locator, waterways),
        bus_stations=build_bus_stations(locator),
        ports=build_ports(locator, waterways),
    )


@cache
def province() -> Province:
    """The province, built once per process."""
    return build_province()


def fingerprint(built: Province) -> str:
    """A hash that changes when anything of the province changes."""
    return hashlib.sha256(repr(built).encode()).hexdigest()
