"""Where a permit lies: a stretch, a place, or a route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiLineString, Point
from django.utils.translation import gettext as _

from sen.domains.network import api as network
from sen.domains.permits.data import Leg
from sen.domains.permits.kinds import Place
from sen.domains.permits.models import Permit, PermitLeg
from sen.domains.permits.selectors import legs_from
from sen.domains.places import api as places
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError

#: A place farther than this from a road is not taken to lie on it.
NEAR_ROAD_M = 200.0


def put_place(
    *, actor: Actor, row: Permit, values: Mapping[str, Any], check: InputCheck
) -> list[Leg] | None:
    """Find the place of a permit by its kind; what is wrong goes to ``check``.

    Returns:
        The stretches of a route, for :func:`keep_route` after the row is written.
    """
    legs = None
    if row.type.place is Place.ROUTE:
        legs = _put_route(actor, row, values, check)
    else:
        _put_road(row, values, check)
    _put_area(row, check)
    return legs


def _put_route(
    actor: Actor, row: Permit, values: Mapping[str, Any], check: InputCheck
) -> list[Leg] | None:
    text = str(values.get("route") or "").strip()
    if not text:
        check.add("route", _("Hãy ghi lộ trình, mỗi dòng một đoạn, như QL.30 Km0+000 - Km20+500."))
        return None
    try:
        legs = legs_from(actor, text)
    except InvalidInputError as error:
        for found in error.fields.values():
            for message in found:
                check.add("route", message)
        return None
    row.geom = route_shape(legs)
    row.is_line = row.geom is not None
    row.road_id = legs[0].road_id if legs else None
    row.from_m = row.to_m = None
    return legs


def route_shape(legs: Sequence[Leg]) -> GEOSGeometry | None:
    """The lines of a route, one after the other."""
    found = network.lines_between(
        stretches=[(leg.road_id, leg.low or -1e6, leg.high or 1e9) for leg in legs]
    )
    parts = [part for line in found if line is not None for part in line]
    return MultiLineString(parts, srid=4326) if parts else None


def keep_route(row: Permit, legs: Sequence[Leg] | None) -> None:
    """Write the stretches of a route; None leaves those that are there."""
    if legs is None:
        return
    PermitLeg.objects.filter(permit=row).delete()
    PermitLeg.objects.bulk_create(
        [
            PermitLeg(
                permit=row,
                place=place,
                road_id=leg.road_id,
                from_m=_tenths(leg.from_m),
                to_m=_tenths(leg.to_m),
                is_demo=row.is_demo,
            )
            for place, leg in enumerate(legs, 1)
        ]
    )


def _put_road(row: Permit, values: Mapping[str, Any], check: InputCheck) -> None:
    if "road" in values:
        road = values["road"]
        row.road_id = road if road is None or isinstance(road, int) else int(road.pk)
    for name in ("from_m", "to_m"):
        if name in values:
            setattr(row, name, _tenths(values[name]))
    point = values.get("geom")
    if row.from_m is not None:
        _by_chainage(row, check)
    elif isinstance(point, Point):
        _by_point(row, point)
    elif row.geom is None:
        check.add("from_m", _("Hãy ghi lý trình hoặc chọn vị trí trên bản đồ."))


def _by_chainage(row: Permit, check: InputCheck) -> None:
    if row.road_id is None:
        check.add("road", _("Lý trình cần có tuyến đường."))
        return
    start = float(row.from_m or 0)
    if row.to_m is not None and float(row.to_m) <= start:
        check.add("to_m", _("Lý trình cuối phải lớn hơn lý trình đầu."))
        return
    try:
        if row.to_m is None:
            row.geom, row.is_line = network.point_at(road=row.road_id, chainage_m=start), False
        else:
            end = float(row.to_m)
            network.point_at(road=row.road_id, chainage_m=start)
            network.point_at(road=row.road_id, chainage_m=end)
            row.geom = network.line_between(road=row.road_id, from_m=start, to_m=end)
            row.is_line = True
    except network.NotOnRouteError as error:
        for texts in error.fields.values():
            check.add("from_m", " ".join(texts))


def _by_point(row: Permit, point: Point) -> None:
    row.geom, row.is_line = point, False
    found = network.chainage_of(lon=point.x, lat=point.y, road=row.road_id, within_m=NEAR_ROAD_M)
    if found is not None:
        row.road_id, row.from_m = found.road_id, _tenths(found.chainage_m)


def _put_area(row: Permit, check: InputCheck) -> None:
    """The commune in which it lies; a route belongs where it is said to."""
    if row.geom is not None and row.type.place is not Place.ROUTE:
        middle = row.geom.centroid
        unit = places.unit_at(lon=middle.x, lat=middle.y)
        if unit is not None:
            row.area_id = unit.area_id
    if not row.area_id:
        check.add("area", _("Hãy chọn địa bàn."))


def _tenths(value: Any) -> Decimal | None:
    return None if value is None else Decimal(f"{float(value):.1f}")
