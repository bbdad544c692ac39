"""Bridges, culverts, signs, devices, ferries, stations, ports: the works on and beside roads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sen.demo.load.foundation import Ground
from sen.demo.load.history import at_first
from sen.demo.model import (
    Bridge,
    BusStation,
    Culvert,
    Device,
    Ferry,
    Junction,
    Port,
    Province,
    Sign,
)
from sen.domains.assets import api as assets
from sen.domains.assets.data import AssetInput
from sen.kernel.access.scope import Actor


def load_assets(actor: Actor, data: Province, ground: Ground) -> int:
    """Every work as it was first entered, through the bulk service that imports use."""
    rows = [
        at_first(AssetInput(**values, row=number))
        for number, values in enumerate(_all(data, ground), 1)
    ]
    done = assets.bulk_put_assets(actor=actor, rows=rows, is_demo=True)
    return done.created + done.updated


def _all(data: Province, ground: Ground) -> Iterator[dict[str, Any]]:
    groups: tuple[tuple[Sequence[Any], Callable[[Any], dict[str, Any]]], ...] = (
        (data.bridges, _bridge),
        (data.culverts, _culvert),
        (data.signs, _sign),
        (data.devices, _device),
        (data.junctions, _junction),
        (data.ferries, _ferry),
        (data.bus_stations, _station),
        (data.ports, _port),
    )
    for items, make in groups:
        for item in items:
            common = {
                "code": item.code,
                "name": item.name,
                "owner_org": item.manager,
                "area": ground.area(item.commune_code).code,
                "data_class": item.data_class,
                "position": item.position,
            }
            yield common | make(item)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _on_road(item: Bridge | Culvert | Sign | Device) -> dict[str, Any]:
    if not item.road_code or item.chainage_m is None:
        return {}
    return {"road": item.road_code, "chainage_m": item.chainage_m}


def _bridge(item: Bridge) -> dict[str, Any]:
    return _on_road(item) | {
        "type": "bridge",
        "condition": item.condition.upper(),
        "opened_year": item.opened_year,
        "attributes": _known(
            {
                "length_m": item.length_m,
                "width_m": item.width_m,
                "spans_m": list(item.spans_m),
                "structure": item.structure,
                "design_load": item.design_load,
                "load_limit_t": item.load_limit_t,
                "clearance_m": item.clearance_m,
                "crossing": item.crossing,
                "crossing_kind": item.crossing_kind,
            }
        ),
    }


def _culvert(item: Culvert) -> dict[str, Any]:
    return _on_road(item) | {
        "type": "culvert",
        "condition": item.condition.upper(),
        "opened_year": item.opened_year,
        "attributes": _known(
            {
                "kind": item.kind,
                "opening_m": item.opening_m,
                "cells": item.cells,
                "length_m": item.length_m,
            }
        ),
    }


def _sign(item: Sign) -> dict[str, Any]:
    return _on_road(item) | {
        "type": "sign",
        "side": item.side.upper(),
        "condition": item.condition.upper(),
        "opened_year": item.installed_year,
        "attributes": _known({"sign_code": item.sign_code, "text": item.text}),
    }


def _device(item: Device) -> dict[str, Any]:
    return _on_road(item) | {
        "type": "its_device",
        "opened_year": item.installed_year,
        "attributes": _known(
            {
                "kind": item.kind,
                "state": item.status,
                "model": item.model,
                "network_address": item.network_address,
            }
        ),
    }


def _junction(item: Junction) -> dict[str, Any]:
    return {
        "type": "signalised_junction",
        "attributes": _known(
            {
                "roads": ", ".join(item.road_codes),
                "mode": item.status,
                "phases": item.phases,
                "cycle_s": item.cycle_s,
            }
        ),
    }


def _ferry(item: Ferry) -> dict[str, Any]:
    return {
        "type": "ferry",
        "attributes": _known(
            {
                "crossing": item.crossing,
                "far_side": item.far_side,
                "capacity_t": item.capacity_t,
                "boats": item.boats,
                "width_m": item.width_m,
            }
        ),
    }


def _station(item: BusStation) -> dict[str, Any]:
    return {
        "type": "bus_station",
        "attributes": _known(
            {
                "grade": item.grade,
                "address": item.address,
                "area_m2": item.area_m2,
                "departures_per_day": item.departures_per_day,
            }
        ),
    }


def _port(item: Port) -> dict[str, Any]:
    return {
        "type": "inland_port",
        "attributes": _known(
            {
                "kind": item.kind,
                "water": item.water,
                "berth_length_m": item.berth_length_m,
                "depth_m": item.depth_m,
                "max_dwt_t": item.max_dwt_t,
                "decision": item.decision,
                "valid_to": item.valid_to,
            }
        ),
    }
