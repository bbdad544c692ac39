"""Stations: what they are, and where; every move is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network import api as network
from sen.domains.places import api as places
from sen.domains.telemetry.models import (
    Datastream,
    HistoricalLocation,
    Location,
    Thing,
)
from sen.domains.telemetry.services.streams import remove_streams
from sen.domains.telemetry.services.writing import (
    DESCRIBED,
    KEEPING,
    belong,
    check_code,
    check_name,
    check_object,
    pk_of,
    put_values,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.usecase import check_version, use_case

#: A station farther than this from a road is not taken to stand on it.
NEAR_ROAD_M: Final = 200.0
_THING: Final = (
    "code",
    *DESCRIBED,
    "status",
    "asset",
    "position",
    "side",
    "height_m",
    "installed_at",
    *KEEPING,
)
_PLACE: Final = ("road", "chainage_m", "geom")
_LOCATION: Final = (*DESCRIBED, "encoding_type", "location", "geom", *KEEPING)


@use_case("telemetry.thing.add", act="telemetry.create_thing")
def create_thing(
    *,
    actor: Actor,
    locations: Sequence[Location] | None = None,
    at: datetime | None = None,
    **values: Any,
) -> Thing:
    """Add a station. Its place is a road with a chainage, a point, its work, or ``locations``.

    Raises:
        InvalidInputError: by field.
    """
    row = Thing()
    _fill(row, actor, values)
    row.save()
    if locations:
        _come_to(row, locations, at)
    elif row.geom is not None:
        _come_to(row, [_location_of(row)], at)
    return row


@use_case("telemetry.thing.change", act="telemetry.update_thing")
def update_thing(
    *, actor: Actor, row: Thing, version: int | None, reason: str = "", **values: Any
) -> Thing:
    """Change a station; a new place becomes a location, the former ones stay in its history.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    before = row.geom
    _fill(row, actor, values)
    row.save()
    if row.geom is not None and (before is None or not row.geom.equals_exact(before, 1e-7)):
        _come_to(row, [_location_of(row)], None)
    return row


@use_case("telemetry.thing.delete", act="telemetry.delete_thing")
def delete_thing(
    *,
    actor: Actor,
    row: Thing,
    version: int | None,
    reason: str,
    with_streams: bool = False,
) -> None:
    """Take out a station; with its streams and what they observed only when that is asked for.

    Raises:
        ConflictError: it has streams.
    """
    check_version(row, version)
    with as_system("a station goes with what hangs on it"):
        streams = list(Datastream.objects.filter(thing=row))
    if streams and not with_streams:
        raise ConflictError(
            _("Trạm này có %(n)s kênh đo nên không xóa được.") % {"n": len(streams)},
            hint=_("Hãy chuyển trạm sang “Đã tháo dỡ”: số liệu và lịch sử được giữ lại."),
        )
    remove_streams(streams)
    with as_system("a station goes with its history"):
        HistoricalLocation.objects.filter(thing=row).delete()
    row.delete()


@use_case("telemetry.thing.change", act="telemetry.move_thing")
def set_locations(
    *, actor: Actor, row: Thing, locations: Sequence[Location], at: datetime | None = None
) -> Thing:
    """Say at which locations a station is from a time on (now); its place follows.

    Raises:
        InvalidInputError: it has to be somewhere.
    """
    check = InputCheck()
    check.need(locations, "locations", _("Hãy chọn ít nhất một nơi đặt."))
    check.done()
    _come_to(row, locations, at)
    return row


@use_case("telemetry.thing.change", act="telemetry.correct_whereabouts")
def correct_whereabouts(
    *,
    actor: Actor,
    row: Thing,
    entry: HistoricalLocation,
    at: datetime | None = None,
    locations: Sequence[Location] | None = None,
) -> Thing:
    """Correct since when, or where, a station was; its newest entry decides where it is.

    Raises:
        InvalidInputError: it has to be somewhere.
    """
    check = InputCheck()
    check.need(locations is None or len(locations), "locations", _("Hãy chọn ít nhất một nơi đặt."))
    check.done()
    with as_system("where a station is follows from its history"):
        if at is not None:
            entry.time = at
            entry.save()
        if locations is not None:
            entry.locations.set(locations)
        _stand(row)
    return row


@use_case("telemetry.thing.change", act="telemetry.forget_whereabouts")
def forget_whereabouts(*, actor: Actor, row: Thing, entry: HistoricalLocation) -> Thing:
    """Take out an entry of the history of a station; the newest one left decides where it is."""
    with as_system("where a station is follows from its history"):
        entry.delete()
        _stand(row)
    return row


@use_case("telemetry.location.add", act="telemetry.create_location")
def create_location(*, actor: Actor, **values: Any) -> Location:
    """Add a named place.

    Raises:
        InvalidInputError: by field.
    """
    return _put_location(Location(), actor, values)


@use_case("telemetry.location.change", act="telemetry.update_location")
def update_location(
    *, actor: Actor, row: Location, version: int | None, reason: str = "", **values: Any
) -> Location:
    """Change a named place; the stations that stand there move with it.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    before = row.geom
    _put_location(row, actor, values)
    if row.geom is not None and (before is None or not row.geom.equals(before)):
        with as_system("stations follow their place"):
            for thing in Thing.objects.filter(locations=row):
                _come_to(thing, list(thing.locations.all()), None)
    return row


@use_case("telemetry.location.delete", act="telemetry.delete_location")
def delete_location(*, actor: Actor, row: Location, version: int | None, reason: str) -> None:
    """Take out a place at which no station stands; history that names it alone goes with it.

    Raises:
        ConflictError: a station stands there.
    """
    check_version(row, version)
    with as_system("a place is in use whoever may see its stations"):
        if row.things.exists():
            raise ConflictError(
                _("Có trạm đang đặt tại nơi này nên không xóa được."),
                hint=_("Hãy chuyển trạm sang nơi khác trước."),
            )
        HistoricalLocation.objects.filter(locations=row).delete()
    row.delete()


def _put_location(row: Location, actor: Actor, values: dict[str, Any]) -> Location:
    check = InputCheck()
    put_values(row, _LOCATION, values)
    check_name(row, check)
    check_object(row, "properties", check)
    check.need(
        row.geom is not None or row.location is not None,
        "geom",
        _("Hãy ghi vị trí."),
    )
    if not row.area_id and row.geom is not None:
        row.area_id = _area_at(row.geom.centroid) or row.area_id
    belong(row=row, actor=actor, check=check)
    check.done()
    row.save()
    return row


def _fill(row: Thing, actor: Actor, values: Mapping[str, Any]) -> None:
    check = InputCheck()
    put_values(row, _THING, {n: v for n, v in values.items() if n not in _PLACE})
    check_name(row, check)
    check_code(row, "TR", check)
    check_object(row, "properties", check)
    _put_place(row, values, check)
    if row.geom is not None and not row.area_id:
        row.area_id = _area_at(row.geom) or row.area_id
    belong(row=row, actor=actor, check=check, parent=row.asset)
    check.need(
        row.status in Thing.Status.values, "status", _("Chọn một trạng thái trong danh sách.")
    )
    check.done()


def _put_place(row: Any, values: Mapping[str, Any], check: InputCheck) -> None:
    """A chainage that is new decides, then a point that is new, then the place of the work."""
    road_id = pk_of(values["road"]) if "road" in values else row.road_id
    chainage = _tenths(values["chainage_m"]) if "chainage_m" in values else row.chainage_m
    point = values.get("geom", row.geom)
    is_chainage_new = (road_id, chainage) != (row.road_id, row.chainage_m)
    is_point_new = point is not None and (
        row.geom is None or not point.equals_exact(row.geom, 1e-7)
    )
    row.road_id, row.chainage_m = road_id, chainage
    if chainage is not None and (is_chainage_new or row.geom is None):
        _by_chainage(row, check)
    elif is_point_new:
        _by_point(row, point)
    elif row.geom is None and row.asset_id is not None:
        _by_asset(row)


def _by_chainage(row: Thing, check: InputCheck) -> None:
    if row.road_id is None:
        check.add("road", _("Lý trình cần có tuyến đường."))
        return
    try:
        row.geom = network.point_at(road=row.road_id, chainage_m=float(row.chainage_m or 0))
    except network.NotOnRouteError as error:
        for texts in error.fields.values():
            check.add("chainage_m", " ".join(texts))


def _by_point(row: Thing, point: Point) -> None:
    row.geom = point
    found = network.chainage_of(lon=point.x, lat=point.y, road=row.road_id, within_m=NEAR_ROAD_M)
    if found is None:
        row.chainage_m = None
    else:
        row.road_id, row.chainage_m = found.road_id, _tenths(found.chainage_m)


def _by_asset(row: Thing) -> None:
    asset = row.asset
    if asset is None or asset.geom is None:
        return
    row.geom = asset.geom.centroid
    row.road_id = row.road_id or asset.road_id
    row.chainage_m = row.chainage_m or asset.chainage_m


def _area_at(point: Point) -> int | None:
    unit = places.unit_at(lon=point.x, lat=point.y)
    return None if unit is None else unit.area_id


def _location_of(row: Thing) -> Location:
    """The place of a station as a location of its own."""
    with as_system("a place follows from its station"):
        return Location.objects.create(
            name=(row.position or row.name)[:250],
            description=row.position,
            geom=row.geom,
            owner_org_id=row.owner_org_id,
            area_id=row.area_id,
            data_class=row.data_class,
            is_demo=row.is_demo,
        )


def _come_to(row: Thing, locations: Sequence[Location], at: datetime | None) -> None:
    """Keep that a station is at ``locations``; the newest of its history decides its place."""
    moment = at or timezone.now()
    with as_system("where a station is follows from its history"):
        kept = HistoricalLocation.objects.create(
            thing=row,
            time=moment,
            owner_org_id=row.owner_org_id,
            area_id=row.area_id,
            data_class=row.data_class,
            is_demo=row.is_demo,
        )
        kept.locations.set(locations)
        _stand(row)


def _stand(row: Thing) -> None:
    """A station is where the newest entry of its history says."""
    newest = HistoricalLocation.objects.filter(thing=row).order_by("-time", "-id").first()
    if newest is None:
        return
    locations = list(newest.locations.all())
    row.locations.set(locations)
    shape = next((item.geom for item in locations if item.geom is not None), None)
    if shape is None:
        return
    point = shape if isinstance(shape, Point) else shape.centroid
    if row.geom is None or not row.geom.equals_exact(point, 1e-7):
        row.road_id = None
        _by_point(row, point)
        row.save()


def _tenths(value: Any) -> Decimal | None:
    return None if value is None else Decimal(f"{float(value):.1f}")
