"""Many stations at once: other systems, the demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.contrib.gis.geos import Point
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.telemetry.choices import Protocol
from sen.domains.telemetry.data import StationInput
from sen.domains.telemetry.models import (
    Datastream,
    Device,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from sen.domains.telemetry.services.devices import device_account
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.usecase import use_case


@use_case("telemetry.thing.import", act="telemetry.bring_stations")
def bring_stations(
    *, actor: Actor, stations: Sequence[StationInput], is_demo: bool = False
) -> list[Thing]:
    """Make stations with their places, streams and devices in a handful of statements.

    Raises:
        InvalidInputError: a code is taken, or a catalogue does not know a code.
    """
    with as_system("stations are brought as a whole"):
        sensors = _ids(Sensor, {s.sensor for item in stations for s in item.streams})
        quantities = _ids(
            ObservedProperty, {s.observed_property for item in stations for s in item.streams}
        )
        _check(stations, sensors, quantities)
        things = [_thing(item, is_demo) for item in stations]
        Thing.objects.bulk_create(things)
        _place(things)
        Datastream.objects.bulk_create(
            Datastream(
                code=stream.code,
                name=stream.name,
                thing=thing,
                sensor_id=sensors[stream.sensor],
                observed_property_id=quantities[stream.observed_property],
                unit=stream.unit,
                interval_s=stream.interval_s,
                valid_min=stream.valid_min,
                valid_max=stream.valid_max,
                retention=stream.retention,
                data_class=stream.data_class,
                **_owned(thing),
            )
            for thing, item in zip(things, stations, strict=True)
            for stream in item.streams
        )
        _devices(stations, things)
    return things


def _ids(model: type[Sensor | ObservedProperty], codes: set[str]) -> dict[str, int]:
    return dict(model.objects.filter(code__in=codes).values_list("code", "id"))


def _check(
    stations: Sequence[StationInput], sensors: dict[str, int], quantities: dict[str, int]
) -> None:
    check = InputCheck()
    for item in stations:
        for stream in item.streams:
            known = stream.sensor in sensors and stream.observed_property in quantities
            check.need(
                known,
                "streams",
                _("Kênh “%(code)s”: không có thiết bị đo hoặc đại lượng này.")
                % {"code": stream.code},
            )
    codes = [item.code for item in stations]
    taken = list(Thing.objects.filter(code__in=codes).values_list("code", flat=True))
    if taken or len(set(codes)) < len(codes):
        check.add("code", _("Mã trạm bị trùng: %(codes)s.") % {"codes": ", ".join(taken[:5])})
    check.done()


def _thing(item: StationInput, is_demo: bool) -> Thing:
    return Thing(
        code=item.code,
        name=item.name,
        geom=Point(item.lon, item.lat, srid=4326),
        asset_id=item.asset_id,
        road_id=item.road_id,
        chainage_m=None if item.chainage_m is None else Decimal(f"{item.chainage_m:.1f}"),
        position=item.position,
        installed_at=item.installed_at,
        owner_org_id=item.owner_org_id,
        area_id=item.area_id,
        is_demo=is_demo,
    )


def _owned(thing: Thing) -> dict[str, int | bool]:
    return {
        "owner_org_id": thing.owner_org_id,
        "area_id": thing.area_id,
        "is_demo": thing.is_demo,
    }


def _place(things: Sequence[Thing]) -> None:
    locations = Location.objects.bulk_create(
        Location(
            name=thing.position or thing.name,
            geom=thing.geom,
            data_class=thing.data_class,
            **_owned(thing),
        )
        for thing in things
    )
    now = timezone.now()
    history = HistoricalLocation.objects.bulk_create(
        HistoricalLocation(thing=thing, time=now, data_class=thing.data_class, **_owned(thing))
        for thing in things
    )
    _link(Location.things.through, "location", "thing", locations, things)
    _link(
        HistoricalLocation.locations.through, "historicallocation", "location", history, locations
    )


def _devices(stations: Sequence[StationInput], things: Sequence[Thing]) -> None:
    served = [(thing, item) for thing, item in zip(things, stations, strict=True) if item.device]
    devices = Device.objects.bulk_create(
        Device(
            code=item.device,
            name=_("Bộ thu %(name)s") % {"name": item.name},
            protocol=Protocol.MQTT.value,
            account=device_account(
                code=item.device,
                name=item.name,
                owner_org_id=item.owner_org_id,
                is_demo=thing.is_demo,
            ),
            **_owned(thing),
        )
        for thing, item in served
    )
    _link(Device.things.through, "device", "thing", devices, [thing for thing, _item in served])


def _link(
    through: type[Model], left: str, right: str, rows: Sequence[Model], others: Sequence[Model]
) -> None:
    through._default_manager.bulk_create(
        through(**{f"{left}_id": row.pk, f"{right}_id": other.pk})
        for row, other in zip(rows, others, strict=True)
    )
