"""Bridges and culverts where roads cross water."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from shapely import LineString, STRtree
from shapely import Point as ShapelyPoint

from sen.demo.model import INTERNAL, PUBLIC, RESTRICTED, Bridge, Culvert, Inspection, Waterway
from sen.demo.plane import line_to_lonlat, line_to_plane, to_lonlat, to_plane
from sen.demo.routes import Route, chainage_text
from sen.demo.source import chance, table
from sen.demo.territory import BARRIER_M, Locator

MAIN_BRIDGES, LOCAL_BRIDGES = 230, 70
CULVERTS = 1_500
_APART_M = 90.0
_END_M = 40.0
_NEAR_M = 4_000.0
_LOCAL = frozenset({"commune", "urban", "district", "specialised"})


@dataclass(frozen=True)
class Crossing:
    """A place where the line of a road meets the line of a water.

    Units: metres from the start of the road.
    """

    route: Route
    water: Waterway
    distance_m: float


def find_crossings(routes: tuple[Route, ...], waterways: tuple[Waterway, ...]) -> list[Crossing]:
    """Every crossing, in the order of the roads and along them, close doubles left out."""
    lines = [LineString(line_to_plane(w.line)) for w in waterways]
    tree = STRtree(lines)
    result: list[Crossing] = []
    for route in routes:
        road = LineString(route.track.points)
        found: list[tuple[float, Waterway]] = []
        for index in sorted(int(i) for i in tree.query(road, predicate="intersects")):
            met = road.intersection(lines[index])
            found += [
                (road.project(ShapelyPoint(part.coords[0])), waterways[index])
                for part in getattr(met, "geoms", [met])
            ]
        found.sort(key=lambda item: (-item[1].width_m, item[0]))
        kept: list[tuple[float, Waterway]] = []
        for distance, water in found:
            apart = [abs(distance - d) - w.width_m / 2 for d, w in kept]
            if min(apart, default=math.inf) > _APART_M + water.width_m / 2:
                kept.append((distance, water))
        kept.sort(key=lambda item: item[0])
        result += [
            Crossing(route, water, distance)
            for distance, water in kept
            if _END_M < distance < route.track.length_m - _END_M or water.width_m >= BARRIER_M
        ]
    return result


def _known(crossing: Crossing) -> dict[str, Any] | None:
    """The facts of a large bridge at a crossing, if it is one."""
    spot = crossing.route.track.at(crossing.distance_m)
    found: dict[str, Any]
    for found in table("bridges")["bridge"]:
        here = (
            found["road"] == crossing.route.road.code and found["crossing"] == crossing.water.name
        )
        if here and math.dist(to_plane(found["near"]), spot) < _NEAR_M:
            return found
    return None


def _spans(topic: str, water_m: float) -> tuple[float, ...]:
    """Equal spans of a usual girder that clear the water."""
    draw = chance(f"spans/{topic}")
    needed = water_m * 1.2 + draw.uniform(4.0, 16.0)
    span = next((s for s in (12.0, 15.0, 18.0, 24.54, 33.0) if needed <= 3.2 * s), 33.0)
    count = max(1, math.ceil(needed / span))
    return (span,) * (count + 1 - count % 2)


def _main_spans(fact: dict[str, Any]) -> tuple[float, ...]:
    """The spans of a large bridge: approaches of 40 m on both sides of the main spans."""
    main = [float(span) for span in fact["main_spans_m"]]
    side = int((fact["length_m"] - sum(main)) // 80.0)
    return (*[40.0] * side, *main, *[40.0] * side)


def _ordinary(crossing: Crossing, number: int) -> dict[str, Any]:
    """Plausible facts of an ordinary bridge."""
    road, water = crossing.route.road, crossing.water
    code = f"CAU-{road.code}-{number:03d}"
    draw = chance(f"bridge/{code}")
    spans = _spans(code, water.width_m)
    year = min(2025, max(road.opened_year + draw.randint(-15, 6), 1989))
    at = chainage_text(crossing.route.chainage_at(crossing.distance_m))
    load = "HL-93" if year >= 2006 else "H30-XB80" if year >= 1996 else "H13-X60"
    navigable = water.technical_class < 6
    return {
        "code": code,
        "name": f"Cầu {water.name} ({at} {road.label})",
        "length_m": round(sum(spans) + 0.1 * (len(spans) + 1), 1),
        "width_m": round(road.width_m + draw.choice((0.5, 1.0, 2.0)), 1),
        "spans": spans,
        "structure": _structure(load, spans[0]),
        "clearance_m": {0: 12.0, 1: 11.0, 2: 9.5, 3: 7.0, 4: 5.0, 5: 3.5}.get(water.technical_class)
        if navigable
        else None,
        "design_load": load,
        "load_limit_t": draw.choice((8.0, 10.0, 13.0, 18.0)) if load == "H13-X60" else None,
        "opened_year": year,
    }


def _structure(load: str, span: float) -> str:
    if load == "H13-X60":
        return "steel_girder"
    return "prestressed_i_girder" if span > 20.0 else "reinforced_slab_girder"


def _bridge(crossing: Crossing, fact: dict[str, Any], locator: Locator) -> Bridge:
    """One bridge from its facts."""
    route, road = crossing.route, crossing.route.road
    draw = chance(f"bridge state/{fact['code']}")
    half = fact["length_m"] / 2
    old = fact["opened_year"] < 2000
    weights = (8, 42, 36, 14) if old else (55, 38, 7, 0)
    spot = route.track.at(crossing.distance_m)
    return Bridge(
        code=fact["code"],
        name=fact["name"],
        road_code=road.code,
        chainage_m=round(route.chainage_at(crossing.distance_m), 1),
        commune_code=locator.commune_at(spot).code,
        manager=road.manager,
        crossing=crossing.water.name,
        crossing_kind=crossing.water.kind,
        length_m=fact["length_m"],
        width_m=fact["width_m"],
        spans_m=fact["spans"] if "spans" in fact else _main_spans(fact),
        structure=fact["structure"],
        design_load=fact["design_load"],
        load_limit_t=fact.get("load_limit_t"),
        clearance_m=fact["clearance_m"],
        opened_year=fact["opened_year"],
        condition=draw.choices(("good", "fair", "poor", "bad"), weights)[0],
        data_class=max(PUBLIC, road.data_class),
        position=to_lonlat(spot),
        line=line_to_lonlat(
            route.track.part(
                max(0.0, crossing.distance_m - half),
                min(route.track.length_m, crossing.distance_m + half),
            )
        ),
    )


def build_bridges(crossings: list[Crossing], locator: Locator) -> tuple[Bridge, ...]:
    """The large bridges, those over named waters, then others until there are enough."""
    usable = [c for c in crossings if c.water.width_m < BARRIER_M or _known(c)]
    ranked = sorted(range(len(usable)), key=lambda i: (-usable[i].water.width_m, i))
    local = {i for i in ranked if usable[i].route.road.manager_class in _LOCAL}
    chosen = [i for i in ranked if i not in local][:MAIN_BRIDGES]
    chosen += [i for i in ranked if i in local][:LOCAL_BRIDGES]
    result: list[Bridge] = []
    numbers: dict[str, int] = {}
    seen: set[str] = set()
    for i in sorted(chosen):
        crossing = usable[i]
        fact = _known(crossing)
        if fact is not None and fact["code"] not in seen:
            seen.add(fact["code"])
        elif crossing.water.width_m < BARRIER_M:
            road = crossing.route.road.code
            numbers[road] = numbers.get(road, 0) + 1
            fact = _ordinary(crossing, numbers[road])
        else:
            continue
        result.append(_bridge(crossing, fact, locator))
    return tuple(result)


def build_inspections(bridges: tuple[Bridge, ...]) -> tuple[Inspection, ...]:
    """Detailed inspections of the bridges that carry the most or are in a bad state."""
    findings = {
        "good": "Kết cấu nhịp và mố trụ ổn định; chưa phát hiện hư hỏng ảnh hưởng khai thác.",
        "fair": "Khe co giãn hư hỏng cục bộ; lan can gỉ sét, cần bảo dưỡng thường xuyên.",
        "poor": "Dầm biên nứt, bong tróc lớp bê tông bảo vệ; đề nghị sửa chữa định kỳ.",
        "bad": "Kết cấu nhịp suy giảm khả năng chịu tải; đề nghị cắm biển hạn chế tải trọng.",
    }
    result: list[Inspection] = []
    for bridge in bridges:
        large = bridge.length_m > 150.0
        if not large and bridge.condition in ("good", "fair") and len(bridge.code) % 3:
            continue
        draw = chance(f"inspection/{bridge.code}")
        result.append(
            Inspection(
                code=f"KT-{bridge.code}-2025",
                bridge_code=bridge.code,
                date=f"2025-{draw.randint(3, 11):02d}-{draw.randint(1, 28):02d}",
                inspector="DN-TVKD",
                condition=bridge.condition,
                finding=findings[bridge.condition],
                data_class=RESTRICTED if bridge.structure == "cable_stayed" else INTERNAL,
            )
        )
    return tuple(result)


def _culvert(route: Route, distance_m: float, number: int, water: str, locator: Locator) -> Culvert:
    """One culvert; over a known small canal a box, elsewhere mostly a pipe."""
    road = route.road
    code = f"CONG-{road.code}-{number:03d}"
    draw = chance(f"culvert/{code}")
    kind = "box" if water or draw.random() < 0.25 else "pipe"
    opening = draw.choice((2.0, 2.5, 3.0)) if kind == "box" else draw.choice((0.75, 1.0, 1.25, 1.5))
    at = chainage_text(route.chainage_at(distance_m))
    spot = route.track.at(distance_m)
    return Culvert(
        code=code,
        name=f"Cống {water + ' ' if water else ''}({at} {road.label})",
        road_code=road.code,
        chainage_m=round(route.chainage_at(distance_m), 1),
        commune_code=locator.commune_at(spot).code,
        manager=road.manager,
        kind=kind,
        opening_m=opening,
        cells=draw.choice((1, 1, 1, 2)),
        length_m=round(road.width_m + draw.choice((2.0, 3.0, 4.0)), 1),
        opened_year=min(2025, road.opened_year + draw.randint(0, 6)),
        condition=draw.choices(("good", "fair", "poor", "bad"), (55, 32, 11, 2))[0],
        data_class=max(PUBLIC, road.data_class),
        position=to_lonlat(spot),
    )


def build_culverts(
    routes: tuple[Route, ...],
    crossings: list[Crossing],
    bridges: tuple[Bridge, ...],
    locator: Locator,
) -> tuple[Culvert, ...]:
    """Culverts at the small crossings that have no bridge, and between them."""
    taken: dict[str, list[float]] = {}
    by_code = {route.road.code: route for route in routes}
    for bridge in bridges:
        at = by_code[bridge.road_code].distance_at(bridge.chainage_m)
        taken.setdefault(bridge.road_code, []).append(at)
    places: dict[str, list[tuple[float, str]]] = {}
    total = 0
    for crossing in crossings:
        code, at = crossing.route.road.code, crossing.distance_m
        free = all(abs(at - other) > 5.0 for other in taken.get(code, []))
        if free and crossing.water.width_m < 30.0:
            taken.setdefault(code, []).append(at)
            places.setdefault(code, []).append((at, crossing.water.name))
            total += 1
    total = min(total, CULVERTS)
    for route, at in _regular_places(routes, taken):
        if total == CULVERTS:
            break
        places.setdefault(route.road.code, []).append((at, ""))
        total += 1
    result: list[Culvert] = []
    for route in routes:
        found = sorted(places.get(route.road.code, []))
        for number, (at, water) in enumerate(found, start=1):
            result.append(_culvert(route, at, number, water, locator))
    return tuple(result[:CULVERTS])


def _regular_places(
    routes: tuple[Route, ...], taken: dict[str, list[float]]
) -> list[tuple[Route, float]]:
    """Free places along the roads, in an order that spreads them evenly."""
    draw = chance("culvert places")
    result: list[tuple[Route, float]] = []
    for route in routes:
        at = draw.uniform(200.0, 500.0)
        while at < route.track.length_m - 60.0:
            if all(abs(at - other) > 120.0 for other in taken.get(route.road.code, [])):
                result.append((route, at))
            at += draw.uniform(450.0, 1_100.0)
    draw.shuffle(result)
    return result
