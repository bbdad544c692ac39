"""Routes of oversize vehicles: which roads a text means, and what on them does not do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.norms import api as norms
from sen.domains.permits.data import Leg, Obstacle, RouteCheck, Vehicle
from sen.domains.permits.models import Permit
from sen.domains.permits.rules import RouteTextError, failings, read_route
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError, RuleNotInForceError

#: Types of assets over or through which vehicles drive.
STRUCTURES: Final = ("bridge", "tunnel", "culvert", "pontoon")
#: What is posted along a stretch of a road → the attribute of a structure that means the same.
POSTED_ALONG: Final = {
    "load_limit": "load_limit_t",
    "axle_limit": "axle_limit_t",
    "clearance": "road_clearance_m",
    "width_limit": "carriageway_m",
}
MARGIN_NORM: Final = "permit.height-margin"


def vehicle_of(permit: Permit) -> Vehicle:
    """The vehicle of a permit."""
    said = permit.attributes
    return Vehicle(
        gross_t=said.get("gross_t"),
        axle_t=said.get("axle_t"),
        height_m=said.get("height_m"),
        width_m=said.get("width_m"),
        combination=str(said.get("combination", "")),
    )


def legs_from(actor: Actor, text: str, *, field: str = "route") -> list[Leg]:
    """The stretches that a text means.

    Raises:
        InvalidInputError: a stretch is unreadable, or its road is unknown or does not reach.
    """
    try:
        written = read_route(text)
    except RouteTextError as error:
        raise InvalidInputError({field: _(error.template) % error.params}) from error
    found: list[Leg] = []
    faults: list[str] = []
    for part in written:
        roads = network.find_roads(actor, part.road)
        fitting = [road for road in roads if _reaches(road, part.from_m, part.to_m)]
        if not roads:
            faults.append(_("Không có tuyến “%(road)s”.") % {"road": part.road})
        elif not fitting:
            ends = ", ".join(
                f"{network.label(float(road.start_m or 0))}–{network.label(float(road.end_m or 0))}"
                for road in roads[:3]
            )
            faults.append(
                _("%(road)s không có đoạn %(from)s – %(to)s; tuyến đi từ %(ends)s.")
                % {
                    "road": part.road,
                    "from": network.label(part.from_m or 0),
                    "to": network.label(part.to_m or 0),
                    "ends": ends,
                }
            )
        else:
            kept = fitting[:1] if part.from_m is not None else fitting
            found += [Leg(road.pk, road.label, part.from_m, part.to_m) for road in kept]
    if faults:
        raise InvalidInputError({field: faults})
    return found


def _reaches(road: Any, from_m: float | None, to_m: float | None) -> bool:
    if road.start_m is None or road.end_m is None:
        return False
    if from_m is None or to_m is None:
        return True
    low, high = min(from_m, to_m), max(from_m, to_m)
    return float(road.start_m) - 1 <= low and high <= float(road.end_m) + 1


def check_route(*, legs: Sequence[Leg], vehicle: Vehicle, on: date) -> RouteCheck:
    """Compare a vehicle with every structure and every posted stretch on its way.

    All structures count, whoever may see them: a bridge does not bear more because it is secret.
    """
    with as_system("a route is compared with every structure on it") as actor:
        margin = height_margin(on)
        checked, unknown, found = _structures(actor, legs, vehicle, margin)
        stretches = _stretches(actor, legs, vehicle, margin, on)
        lines = network.lines_between(
            stretches=[(leg.road_id, leg.low or -1e6, leg.high or 1e9) for leg in legs]
        )
    length = sum(_metres(leg, line) for leg, line in zip(legs, lines, strict=True))
    return RouteCheck(checked, (*found, *stretches), length, unknown)


def height_margin(on: date) -> float:
    """How much air must stay above a vehicle by the rule of a day."""
    try:
        return float(norms.ruling(MARGIN_NORM, on=on).value)
    except (NotFoundError, RuleNotInForceError):
        return 0.0


def _metres(leg: Leg, line: Any) -> float:
    if leg.low is not None and leg.high is not None:
        return leg.high - leg.low
    return 0.0 if line is None else float(line.transform(5897, clone=True).length)


def _within(leg: Leg, field: str) -> Q:
    where = Q(road_id=leg.road_id)
    if leg.low is not None and leg.high is not None:
        where &= Q(**{f"{field}__gte": leg.low - 1, f"{field}__lte": leg.high + 1})
    return where


def _structures(
    actor: Actor, legs: Sequence[Leg], vehicle: Vehicle, margin: float
) -> tuple[int, int, list[Obstacle]]:
    where = Q(pk=None)
    for leg in legs:
        where |= _within(leg, "chainage_m")
    rows = assets.assets(actor).filter(where, type__in=STRUCTURES).exclude(status="REMOVED")
    order = {leg.road_id: place for place, leg in reversed(list(enumerate(legs)))}
    known = sorted(
        rows.select_related("road").defer("road__geom", "search"),
        key=lambda row: (order[row.road_id or 0], row.chainage_m or 0),
    )
    found: list[Obstacle] = []
    unknown = 0
    for row in known:
        wrong = failings(vehicle, row.attributes, closed=row.status == "CLOSED", margin_m=margin)
        is_silent = not row.attributes.get("load_limit_t") and not row.attributes.get("design_load")
        unknown += row.type == "bridge" and is_silent
        if wrong:
            middle = row.geom.centroid
            place = "" if row.chainage_m is None else network.label(float(row.chainage_m))
            found.append(
                Obstacle(
                    title=row.name or row.code,
                    place=f"{row.road.label if row.road else ''} {place}".strip(),
                    url=f"assets/{row.kind.slug}/{row.pk}/",
                    failings=wrong,
                    lon=round(middle.x, 6),
                    lat=round(middle.y, 6),
                )
            )
    return len(known), unknown, found


def _stretches(
    actor: Actor, legs: Sequence[Leg], vehicle: Vehicle, margin: float, on: date
) -> list[Obstacle]:
    """Limits that are posted along the roads themselves."""
    named = {leg.road_id: leg.road for leg in legs}
    found: list[Obstacle] = []
    rows = network.events_on(actor, kinds=tuple(POSTED_ALONG), on=on, road_ids=tuple(named))
    for row in rows:
        start, end = float(row.from_m), float(row.to_m)
        meets = any(
            leg.road_id == row.road_id
            and (leg.low is None or leg.low < end)
            and (leg.high is None or start < leg.high)
            for leg in legs
        )
        if not meets or row.value_number is None:
            continue
        posted = {POSTED_ALONG[row.kind]: float(row.value_number)}
        if wrong := failings(vehicle, posted, margin_m=margin):
            found.append(
                Obstacle(
                    title=row.get_kind_display(),
                    place=f"{named[row.road_id]} {network.label(start)} – {network.label(end)}",
                    url=f"network/events/{row.pk}/",
                    failings=wrong,
                )
            )
    return found
