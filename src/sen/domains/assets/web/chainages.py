"""What the place of an asset is called: now, before, and on other roads that run there."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from sen.domains.assets.models import Asset
from sen.domains.assets.selectors import assets_along, roads_by_id
from sen.domains.network import api as network
from sen.kernel.access.scope import Actor


def chainage_lines(actor: Actor, row: Asset, *, was_renamed: bool = True) -> list[tuple[str, str]]:
    """Name and label of the place over time and on other roads; empty where it has but one."""
    if row.road_id is None or row.chainage_m is None:
        return []
    lines = [*(_before(row) if was_renamed else ()), *_elsewhere(actor, row)]
    now = (_("Lý trình hiện nay"), network.label(float(row.chainage_m)))
    return [now, *lines] if lines else []


def seen_from_borne(actor: Actor, road_id: int) -> list[tuple[Asset, float]]:
    """Assets of roads over which a road is led, with its own chainage."""
    return [
        (row, one.to_borne(float(row.chainage_m)))
        for one in network.shared_stretches([road_id])
        if one.borne_id == road_id
        for row in assets_along(actor, road_id=one.bearing_id, from_m=one.from_m, to_m=one.to_m)
        if row.chainage_m is not None
    ]


def _before(row: Asset) -> list[tuple[str, str]]:
    """Labels of past calibrations, and those that old posts bear."""
    measure = float(row.chainage_m or 0)
    road_id = row.road_id or 0
    past = [until for _since, until in network.calibration_days(road_id) if until is not None]
    found: list[tuple[str, str]] = []
    if past:
        spot = network.points_at(places=[(road_id, measure)])[0]
        if spot is None:
            return []
        for until in past:
            place = network.chainage_of(
                lon=spot[0], lat=spot[1], road=road_id, on=until - timedelta(days=1)
            )
            if place is not None:
                words = _("Lý trình đến ngày %(day)s") % {"day": until.strftime("%d/%m/%Y")}
                found.append((words, network.label(round(place.chainage_m))))
        return found
    try:
        old = network.old_chainage(road=road_id, measure_m=measure)
    except network.NotOnRouteError:
        return []
    return [(_("Lý trình ghi trên cọc cũ"), network.label(round(old)))]


def _elsewhere(actor: Actor, row: Asset) -> list[tuple[str, str]]:
    """What other roads that run over this one call the place."""
    measure = float(row.chainage_m or 0)
    shared = [
        one
        for one in network.shared_stretches([row.road_id or 0])
        if one.bearing_id == row.road_id and one.from_m <= measure <= one.to_m
    ]
    roads = roads_by_id(actor, [one.borne_id for one in shared])
    return [
        (
            _("Trên tuyến đi trùng %(road)s") % {"road": roads[one.borne_id].label},
            network.label(round(one.to_borne(measure), 1)),
        )
        for one in shared
        if one.borne_id in roads
    ]
