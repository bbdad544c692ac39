"""The organisation tree, the accounts, and the hubs that somebody runs."""

from __future__ import annotations

from shapely import Point as ShapelyPoint

from sen.demo.model import (
    PUBLIC,
    Account,
    BusStation,
    Commune,
    Ferry,
    Organisation,
    Port,
    Waterway,
)
from sen.demo.plane import Point, to_lonlat, to_plane, warp
from sen.demo.source import table
from sen.demo.territory import Locator, plane_shape


def build_organisations(communes: tuple[Commune, ...]) -> tuple[Organisation, ...]:
    """The province and its departments, every commune with its economic office, firms."""
    result = [
        Organisation(fact["code"], fact["name"], fact["kind"], fact["parent"], "")
        for fact in table("organisations")["organisation"]
    ]
    for commune in communes:
        body = f"UBND-{commune.code}"
        name = f"{commune.kind} {commune.name}"
        office = "Phòng Kinh tế"
        if commune.kind == "phường":
            office += ", Hạ tầng và Đô thị"
        result += [
            Organisation(body, f"Ủy ban nhân dân {name}", "commune", "UBND-TINH", commune.code),
            Organisation(f"{body}-KT", f"{office} {name}", "division", body, commune.code),
        ]
    return tuple(result)


def build_accounts() -> tuple[Account, ...]:
    """The twelve accounts."""
    return tuple(Account(**fact) for fact in table("accounts")["account"])


def _place(position: list[float], locator: Locator) -> tuple[Point, str]:
    spot = warp(to_plane(position))
    return to_lonlat(spot), locator.commune_at(spot).code


def _landing(
    position: list[float], water: str, locator: Locator, waterways: tuple[Waterway, ...]
) -> tuple[Point, str]:
    """The point of the bank that is nearest to a typed position."""
    spot = ShapelyPoint(warp(to_plane(position)))
    banks = [plane_shape(w.surface).boundary for w in waterways if w.name == water]
    bank = min(banks, key=spot.distance)
    met = bank.interpolate(bank.project(spot))
    return to_lonlat((met.x, met.y)), locator.commune_at((met.x, met.y)).code


def build_ferries(locator: Locator, waterways: tuple[Waterway, ...]) -> tuple[Ferry, ...]:
    """The ferries."""
    result: list[Ferry] = []
    for fact in table("hubs")["ferry"]:
        position, commune = _landing(fact["position"], fact["crossing"], locator, waterways)
        result.append(
            Ferry(
                code=fact["code"],
                name=fact["name"],
                crossing=fact["crossing"],
                far_side=fact["far_side"],
                commune_code=commune,
                manager="DN-PHA",
                capacity_t=float(fact["capacity_t"]),
                boats=fact["boats"],
                width_m=float(fact["width_m"]),
                data_class=PUBLIC,
                position=position,
            )
        )
    return tuple(result)


def build_bus_stations(locator: Locator) -> tuple[BusStation, ...]:
    """The coach stations."""
    result: list[BusStation] = []
    for fact in table("hubs")["bus_station"]:
        position, commune = _place(fact["position"], locator)
        result.append(
            BusStation(
                code=fact["code"],
                name=fact["name"],
                address=fact["address"],
                commune_code=commune,
                manager="DN-XBDT" if fact["position"][0] < 105.95 else "DN-XKMT",
                grade=fact["grade"],
                area_m2=float(fact["area_m2"]),
                departures_per_day=fact["departures_per_day"],
                data_class=PUBLIC,
                position=position,
            )
        )
    return tuple(result)


def build_ports(locator: Locator, waterways: tuple[Waterway, ...]) -> tuple[Port, ...]:
    """Seaports, inland ports and landing stages."""
    result: list[Port] = []
    for fact in table("hubs")["port"]:
        position, commune = _landing(fact["position"], fact["water"], locator, waterways)
        result.append(
            Port(
                code=fact["code"],
                name=fact["name"],
                kind=fact["kind"],
                water=fact["water"],
                commune_code=commune,
                manager="CVHH" if fact["kind"] == "seaport" else "CVDTND",
                berth_length_m=float(fact["berth_length_m"]),
                depth_m=float(fact["depth_m"]),
                max_dwt_t=float(fact["max_dwt_t"]),
                decision=fact["decision"],
                valid_to=fact["valid_to"],
                data_class=PUBLIC,
                position=position,
            )
        )
    return tuple(result)
