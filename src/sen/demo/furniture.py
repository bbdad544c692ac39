"""What stands beside the roads: signs, ITS devices, signals; and what holds along them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from shapely import LineString, STRtree

from sen.demo.model import (
    INTERNAL,
    PUBLIC,
    RESTRICTED,
    Bridge,
    Device,
    Junction,
    RoadEvent,
    Sign,
)
from sen.demo.plane import Point, Track, to_lonlat, to_plane
from sen.demo.routes import Route, chainage_text
from sen.demo.source import chance, table
from sen.demo.territory import Locator

SIGNS = 900
JUNCTIONS = 40
_NAME_SIGNS = 150
_SIGNALS_PER_COMMUNE = 4

# Kind, count, label, model, data class.
DEVICES = (
    ("camera", 48, "Camera giám sát", "IPC-4K-PTZ", INTERNAL),
    ("counter", 24, "Trạm đếm xe", "RADAR-TC2", PUBLIC),
    ("water_level", 16, "Cảm biến mực nước", "ULS-80", PUBLIC),
    ("vms", 14, "Biển báo thông tin điện tử (VMS)", "VMS-P10", PUBLIC),
    ("weather", 6, "Trạm khí tượng đường bộ", "RWS-200", PUBLIC),
    ("speed_camera", 6, "Camera đo tốc độ", "SPD-2L", RESTRICTED),
    ("wim", 6, "Trạm cân tải trọng xe tự động (WIM)", "WIM-HS4", RESTRICTED),
)


def _side_point(route: Route, distance_m: float, side: str, gap_m: float) -> Point:
    offset = route.road.width_m / 2 + gap_m
    return to_lonlat(route.track.beside(distance_m, offset if side == "right" else -offset))


def _sign(
    route: Route, distance_m: float, number: int, kind: tuple[str, str, str], locator: Locator
) -> Sign:
    road = route.road
    code = f"BB-{road.code}-{number:03d}"
    draw = chance(f"sign/{code}")
    side = draw.choice(("right", "left"))
    return Sign(
        code=code,
        sign_code=kind[0],
        name=kind[1],
        text=kind[2],
        road_code=road.code,
        chainage_m=round(route.chainage_at(distance_m), 1),
        side=side,
        commune_code=locator.commune_at(route.track.at(distance_m)).code,
        manager=road.manager,
        installed_year=max(road.opened_year, draw.randint(2016, 2025)),
        condition=draw.choices(("good", "fair", "poor"), (70, 23, 7))[0],
        data_class=max(PUBLIC, road.data_class),
        position=_side_point(route, distance_m, side, 1.2),
    )


def _sign_text(code: str, route: Route, pick: float) -> str:
    if code == "P.127":
        return f"{int(50 + 10 * (pick > 0.5))} km/h"
    if code == "P.115":
        return f"{(13, 18, 24, 30)[int(pick * 4)]} t"
    if code == "I.414a":
        return route.road.label
    return ""


def build_signs(
    routes: tuple[Route, ...], bridges: tuple[Bridge, ...], locator: Locator
) -> tuple[Sign, ...]:
    """Signs of bridges first, then others spread over the roads by their length."""
    kinds = table("names")["sign"]
    places: dict[str, list[tuple[float, tuple[str, str, str]]]] = {}
    by_code = {route.road.code: route for route in routes}
    count = 0
    for bridge in bridges:
        route = by_code.get(bridge.road_code)
        if route is None or count >= _NAME_SIGNS:
            continue
        at = max(0.0, route.distance_at(bridge.chainage_m) - bridge.length_m / 2 - 20.0)
        name = bridge.name.split(" (")[0]
        places.setdefault(route.road.code, []).append((at, ("I.439", "Tên cầu", name)))
        count += 1
        if bridge.load_limit_t is not None:
            limit = ("P.115", "Hạn chế trọng tải toàn bộ xe", f"{bridge.load_limit_t:.0f} t")
            places[route.road.code].append((max(0.0, at - 30.0), limit))
            count += 1
    draw = chance("signs")
    weights = [kind["share"] for kind in kinds]
    lengths = [route.track.length_m for route in routes]
    while count < SIGNS:
        route = draw.choices(routes, lengths)[0]
        kind = draw.choices(kinds, weights)[0]
        text = _sign_text(kind["code"], route, draw.random())
        at = draw.uniform(0.0, route.track.length_m)
        places.setdefault(route.road.code, []).append((at, (kind["code"], kind["name"], text)))
        count += 1
    return tuple(
        _sign(route, at, number, what, locator)
        for route in routes
        for number, (at, what) in enumerate(sorted(places.get(route.road.code, [])), start=1)
    )


def build_devices(
    routes: tuple[Route, ...], bridges: tuple[Bridge, ...], locator: Locator
) -> tuple[Device, ...]:
    """ITS devices on the busiest roads; water gauges at bridges."""
    busy = [r for r in routes if r.road.manager_class in ("expressway", "national")]
    lengths = [r.track.length_m for r in busy]
    by_code = {route.road.code: route for route in routes}
    gauges = sorted(bridges, key=lambda b: (-b.length_m, b.code))
    result: list[Device] = []
    for kind, count, label, model, data_class in DEVICES:
        draw = chance(f"devices/{kind}")
        for number in range(1, count + 1):
            if kind == "water_level":
                bridge = gauges[number - 1]
                route = by_code[bridge.road_code]
                at = route.distance_at(bridge.chainage_m)
            else:
                route = draw.choices(busy, lengths)[0]
                at = draw.uniform(150.0, route.track.length_m - 150.0)
            chainage = route.chainage_at(at)
            serial = len(result) + 1
            result.append(
                Device(
                    code=f"TB-{kind.upper().replace('_', '-')}-{number:03d}",
                    name=f"{label} {chainage_text(chainage)} {route.road.label}",
                    kind=kind,
                    road_code=route.road.code,
                    chainage_m=round(chainage, 1),
                    commune_code=locator.commune_at(route.track.at(at)).code,
                    manager="TT-QLHT" if route.road.manager == "SXD" else route.road.manager,
                    model=model,
                    installed_year=draw.randint(max(2015, route.road.opened_year), 2025)
                    if route.road.opened_year < 2025
                    else 2025,
                    status=draw.choices(("active", "maintenance", "broken"), (90, 6, 4))[0],
                    network_address=f"10.82.{serial // 200}.{serial % 200 + 10}",
                    data_class=data_class,
                    position=_side_point(route, at, draw.choice(("right", "left")), 2.5),
                )
            )
    return tuple(result)


def build_junctions(routes: tuple[Route, ...], locator: Locator) -> tuple[Junction, ...]:
    """Signals where main or urban roads cross, the most urban crossings first."""
    usable = [r for r in routes if r.road.manager_class in ("national", "provincial", "urban")]
    lines = [LineString(r.track.points) for r in usable]
    tree = STRtree(lines)
    wards = [to_plane(c.centre) for c in locator.communes if c.kind == "phường"]
    found: list[tuple[int, float, Point, tuple[str, ...]]] = []
    for i, line in enumerate(lines):
        for j in sorted(int(k) for k in tree.query(line, predicate="intersects")):
            if j <= i:
                continue
            met = line.intersection(lines[j])
            spot = met.representative_point().coords[0]
            far = min(math.dist(ward, spot) for ward in wards)
            codes = (usable[i].road.code, usable[j].road.code)
            streets = [usable[k].road.manager_class for k in (i, j)].count("urban")
            # Main roads that meet in the open country have no signals.
            rank = 2 if far > 4_000.0 else 1 if streets == 2 else 0
            found.append((rank, far, (spot[0], spot[1]), codes))
    found.sort()
    result: list[Junction] = []
    spots: list[Point] = []
    busy: Counter[str] = Counter()
    names = {r.road.code: _junction_name(r) for r in usable}
    for _, _, spot, pair in found:
        if len(result) == JUNCTIONS:
            break
        commune = locator.commune_at(spot)
        near = any(math.dist(spot, other) < 350.0 for other in spots)
        if near or busy[commune.code] == _SIGNALS_PER_COMMUNE:
            continue
        spots.append(spot)
        busy[commune.code] += 1
        draw = chance(f"junction/{'/'.join(pair)}")
        result.append(
            Junction(
                code=f"NG-{len(result) + 1:03d}",
                name=f"Nút giao {names[pair[0]]} – {names[pair[1]]}",
                road_codes=pair,
                commune_code=commune.code,
                manager="TT-QLHT",
                phases=draw.choice((2, 2, 3, 4)),
                cycle_s=draw.choice((60, 75, 90, 100)),
                status=draw.choices(("active", "flashing", "off"), (88, 8, 4))[0],
                data_class=PUBLIC,
                position=to_lonlat(spot),
            )
        )
    return tuple(result)


def _junction_name(route: Route) -> str:
    road = route.road
    return road.name.removeprefix("Đường ") if road.manager_class == "urban" else road.label


def _steps(track: Track, step: tuple[float, float], topic: str) -> Iterator[tuple[float, float]]:
    """Cut a road into pieces of changing length; the last one takes a short rest."""
    draw = chance(topic)
    at = 0.0
    while at < track.length_m:
        end = at + draw.uniform(*step)
        if track.length_m - end < step[0] / 2:
            end = track.length_m
        yield at, end
        at = end


def _event(route: Route, kind: str, number: int, span: tuple[float, float]) -> dict[str, object]:
    return {
        "code": f"{route.road.code}/{kind}/{number:03d}",
        "road_code": route.road.code,
        "kind": kind,
        "from_m": round(route.chainage_at(span[0]), 1),
        "to_m": round(route.chainage_at(span[1]), 1),
        "data_class": max(PUBLIC, route.road.data_class),
    }


def build_road_events(routes: tuple[Route, ...]) -> tuple[RoadEvent, ...]:
    """Speed limits, roughness by campaign and lane, surface and width of the main roads."""
    result: list[RoadEvent] = []
    speeds = {fact["code"]: fact["speed_kmh"] for fact in table("roads")["road"]}
    for route in routes:
        result += _speed_limits(route, speeds[route.road.code])
        result += _roughness(route)
        result += _surfaces(route)
    return tuple(result)


def _record(
    base: dict[str, object], side: str, lane: int, number: float | None, text: str, dates: str
) -> RoadEvent:
    valid_from, _, valid_to = dates.partition("/")
    return RoadEvent(
        code=str(base["code"]),
        road_code=str(base["road_code"]),
        kind=str(base["kind"]),
        from_m=float(str(base["from_m"])),
        to_m=float(str(base["to_m"])),
        side=side,
        lane=lane,
        number=number,
        text=text,
        valid_from=valid_from,
        valid_to=valid_to,
        data_class=int(str(base["data_class"])),
    )


def _speed_limits(route: Route, speed: int) -> list[RoadEvent]:
    express = route.road.manager_class == "expressway"
    draw = chance(f"speed/{route.road.code}")
    result: list[RoadEvent] = []
    for number, span in enumerate(_steps(route.track, (1_800.0, 5_500.0), f"s/{route.road.code}")):
        town = not express and number % 2 == 1
        limit = draw.choice((50, 60)) if town else speed
        base = _event(route, "speed_limit", number + 1, span)
        result.append(_record(base, "both", 0, float(min(limit, speed)), "", "2024-01-01"))
    return result


def _roughness(route: Route) -> list[RoadEvent]:
    """Two campaigns in metres per kilometre; the older one is no longer valid."""
    draw = chance(f"iri/{route.road.code}")
    age = max(0, 2025 - route.road.opened_year)
    level = 1.8 + 0.09 * age + (0.8 if route.road.manager_class == "provincial" else 0.0)
    result: list[RoadEvent] = []
    number = 0
    for span in _steps(route.track, (900.0, 1_100.0), f"i/{route.road.code}"):
        here = max(1.2, level + draw.gauss(0.0, 0.7))
        for dates, share in (("2023-06-01/2025-06-01", 0.9), ("2025-06-01", 1.0)):
            for side in ("right", "left"):
                number += 1
                value = round(here * share + draw.uniform(-0.2, 0.2), 2)
                base = _event(route, "iri", number, span)
                result.append(_record(base, side, 1, max(1.0, value), "", dates))
    return result


def _surfaces(route: Route) -> list[RoadEvent]:
    draw = chance(f"surface/{route.road.code}")
    usual = route.road.surface
    result: list[RoadEvent] = []
    for number, span in enumerate(_steps(route.track, (2_500.0, 9_000.0), f"m/{route.road.code}")):
        other = route.road.manager_class == "provincial" and draw.random() < 0.2
        text = draw.choice(("surface_dressing", "concrete")) if other else usual
        year = min(2025, max(route.road.opened_year, draw.randint(2009, 2025)))
        dates = f"{year}-12-31"
        base = _event(route, "surface", number + 1, span)
        result.append(_record(base, "both", 0, None, text, dates))
        base = _event(route, "width", number + 1, span)
        width = route.road.width_m - (0.5 if other else 0.0)
        result.append(_record(base, "both", 0, width, "", dates))
    return result
