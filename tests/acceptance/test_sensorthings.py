"""SensorThings over the running doors, with the client that others use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import frost_sta_client as fsc
import pytest
import requests
from django.utils import timezone

from sen.domains.telemetry.tests.flowing import Flow, running_flow
from sen.kernel.access.accounts.tokens import create_api_token
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.access.services import grant_role, put_role
from sen.kernel.testing.house import build_house
from sen.kernel.testing.processes import database_of_its_own

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


@dataclass(frozen=True, slots=True)
class Running:
    """The service with a key that may do everything in telemetry."""

    flow: Flow
    key: str

    @property
    def url(self) -> str:
        return f"{self.flow.base}/sta/v1.1"

    @property
    def client(self) -> fsc.SensorThingsService:
        auth = fsc.AuthHandler("may-khach", self.key)
        return fsc.SensorThingsService(self.url, auth_handler=auth)


@pytest.fixture
def running(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[Running]:
    with (
        django_db_blocker.unblock(),
        database_of_its_own("sta") as variables,
        running_flow(tmp_path, variables) as flow,
    ):
        yield Running(flow, _key())


def _key() -> str:
    with as_system("set up a test"):
        house = build_house()
        user = User.objects.create_user("tram", kind="OFFICIAL", organisation=house.roads)
        role = put_role(
            code="sta",
            name_vi="Quan trắc",
            name_en="Telemetry",
            permissions=["telemetry.*.*"],
            clearance=2,
        )
        grant_role(user=user, role=role)
        _row, key = create_api_token(
            actor=actor_for(user),
            user=user,
            name="frost",
            scopes=["telemetry.*.*"],
            expires_at=timezone.now() + timedelta(days=1),
        )
    return key


@pytest.mark.acceptance
@pytest.mark.slow
def test_the_client_of_frost_works_unmodified(running: Running) -> None:
    service = running.client
    thing, stream = _station(service)
    for hour in range(6):
        service.create(
            fsc.Observation(
                phenomenon_time=f"2026-03-01T0{hour}:00:00Z",
                result=float(hour),
                datastream=stream,
            )
        )
    arrays = fsc.model.ext.data_array_value.DataArrayValue()
    arrays.datastream = stream
    arrays.components = {arrays.Property.PHENOMENON_TIME, arrays.Property.RESULT}
    for hour in range(10, 16):
        arrays.add_observation(
            fsc.Observation(
                phenomenon_time=f"2026-03-01T{hour}:00:00Z", result=float(hour), datastream=stream
            )
        )
    document = fsc.model.ext.data_array_document.DataArrayDocument()
    document.add_data_array_value(arrays)
    assert len(service.observations().create(document)) == 6
    _reads(service, thing.id, stream.id)
    _changes(service, thing.id, stream.id)


def _station(service: fsc.SensorThingsService) -> tuple[fsc.Thing, fsc.Datastream]:
    point = {"type": "Point", "coordinates": [105.9, 10.28]}
    location = fsc.Location(
        name="Giữa nhịp", description="", location=point, encoding_type="application/geo+json"
    )
    thing = fsc.Thing(name="Cầu", description="Cầu thử", properties={"cấp": 2})
    thing.locations = [location]
    service.create(thing)
    unit = fsc.UnitOfMeasurement(name="Milimét", symbol="mm", definition="http://example.org/mm")
    stream = fsc.Datastream(
        name="Độ võng",
        description="Giữa nhịp",
        observation_type=MEASUREMENT,
        unit_of_measurement=unit,
        observed_property=fsc.ObservedProperty(
            name="Độ võng", definition="http://example.org/deflection", description=""
        ),
        sensor=fsc.Sensor(
            name="Máy", description="", encoding_type="text/html", metadata="http://example.org"
        ),
        thing=thing,
    )
    service.create(stream)
    return thing, stream


def _reads(service: fsc.SensorThingsService, thing: int, stream: int) -> None:
    found = service.things().find(thing)
    assert (found.name, found.properties["cấp"]) == ("Cầu", 2)
    query = service.observations().query()
    listed = query.filter("result gt 3 and phenomenonTime lt 2026-03-01T14:00:00Z")
    rows = listed.orderby("phenomenonTime", "asc").top(2).count().list()
    # Read to the end: the client follows the links from page to page.
    assert [row.result for row in rows] == [4, 5, 10, 11, 12, 13]
    assert rows.count == 6
    streams = found.get_datastreams().query().expand("Observations($top=1),Sensor").list()
    [only] = list(streams)
    assert (only.id, only.sensor.name) == (stream, "Máy")
    assert [row.result for row in only.observations] == [15]
    near = "st_within(Locations/location,geography'POLYGON((105 10,106 10,106 11,105 11,105 10))')"
    assert [row.id for row in service.things().query().filter(near).list()] == [thing]


def _changes(service: fsc.SensorThingsService, thing: int, stream: int) -> None:
    found = service.things().find(thing)
    found.description = "Đã sửa"
    service.update(found)
    service.patch(found, [{"op": "replace", "path": "/name", "value": "Cầu Mới"}])
    again = service.things().find(thing)
    assert (again.name, again.description) == ("Cầu Mới", "Đã sửa")
    newest = next(iter(service.observations().query().top(1).list()))
    service.delete(newest)
    with pytest.raises(requests.HTTPError) as gone:
        service.observations().find(newest.id)
    assert "404" in str(gone.value)
    service.delete(service.datastreams().find(stream))
    service.delete(again)
    assert list(service.things().query().list()) == []
