"""Stations and their places, devices and their keys, files of loggers, refused payloads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone

from sen.domains.telemetry import services
from sen.domains.telemetry.choices import DeviceState, Quality
from sen.domains.telemetry.models import DeadLetter, Device, HistoricalLocation
from sen.domains.telemetry.selectors import dead_letters, sees_unknown, unknown_sources
from sen.domains.telemetry.store.reading import latest, observations
from sen.domains.telemetry.tests.ground import LAT, METRE, WEST, Ground, make_ground
from sen.kernel.access.accounts.devices import authenticate_device
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor, ActorKind, Entitlement
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.imports import engine
from sen.kernel.imports.importer import importers
from sen.kernel.imports.plan import Request
from sen.kernel.notices.models import Notice
from sen.kernel.testing.accounts import MakeAccount

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground() -> Ground:
    with as_system("ground of the test") as actor:
        return make_ground(actor)


def official(org: Organisation | None) -> Actor:
    """Somebody with all rights on telemetry, of one organisation or of all."""
    held = Entitlement(
        "editor",
        frozenset({"telemetry.*.*", "assets.*.view", "network.*.view"}),
        2,
        None if org is None else frozenset({org.pk}),
    )
    return Actor(
        ActorKind.OFFICIAL,
        id=None,
        username="can.bo",
        organisation_id=None if org is None else org.pk,
        entitlements=(held,),
    )


def make_thing(actor: Actor, ground: Ground, **values: Any) -> Any:
    with acting_as(actor):
        return services.create_thing(
            actor=actor, **{"name": "Trạm 1", "owner_org": ground.org, **values}
        )


def make_stream(actor: Actor, thing: Any, code: str, **values: Any) -> Any:
    with acting_as(actor):
        quantity = services.create_observed_property(actor=actor, name="Mực nước", unit="m")
        sensor = services.create_sensor(actor=actor, name="Ra đa")
        return services.create_datastream(
            actor=actor,
            **{
                "code": code,
                "name": "Mực nước",
                "thing": thing,
                "sensor": sensor,
                "observed_property": quantity,
                **values,
            },
        )


def test_a_station_stands_where_it_is_said_to_and_its_moves_are_kept(ground: Ground) -> None:
    actor = official(ground.org)
    thing = make_thing(actor, ground, asset=ground.bridge, position="Trụ T4")
    assert (thing.road_id, float(thing.chainage_m)) == (ground.road_id, 5000.0)
    assert thing.area_id == ground.commune.pk
    with acting_as(actor):
        thing = services.update_thing(actor=actor, row=thing, version=None, chainage_m=6000)
        assert thing.geom is not None
        assert thing.geom.x == pytest.approx(WEST + 6000 * METRE, abs=2e-5)
        near = Point(WEST + 8000 * METRE, LAT + 20 * METRE, srid=4326)
        thing = services.update_thing(actor=actor, row=thing, version=None, geom=near)
        assert thing.chainage_m is not None
        assert float(thing.chainage_m) == pytest.approx(8000, abs=1)
        thing = services.update_thing(actor=actor, row=thing, version=None, name="Tên khác")
        place = services.create_location(actor=actor, name="Kho", geom=Point(WEST, LAT, srid=4326))
        thing = services.set_locations(actor=actor, row=thing, locations=[place])
        assert thing.chainage_m is not None
        assert float(thing.chainage_m) == pytest.approx(0, abs=1)
        before = timezone.now() - timedelta(days=9)
        services.set_locations(actor=actor, row=thing, locations=[place], at=before)
        kept = HistoricalLocation.objects.visible_to(actor).filter(thing=thing)
        assert kept.count() == 5
    with as_system("where it is now"):
        assert [item.name for item in thing.locations.all()] == ["Kho"]


def test_a_place_off_the_road_is_refused_by_its_field(ground: Ground) -> None:
    with pytest.raises(InvalidInputError) as error:
        make_thing(official(ground.org), ground, road=ground.road_id, chainage_m=99_000)
    assert "Km99+000" in error.value.fields["chainage_m"][0]


def test_a_station_with_streams_goes_only_with_all_that_it_observed(ground: Ground) -> None:
    actor = official(ground.org)
    thing = make_thing(actor, ground)
    stream = make_stream(actor, thing, "KD-1")
    bring(actor, "time,KD-1\n2026-11-20 08:00,1.5\n")
    with acting_as(actor):
        with pytest.raises(ConflictError, match="1 kênh đo"):
            services.delete_thing(actor=actor, row=thing, version=None, reason="thử")
        services.delete_thing(actor=actor, row=thing, version=None, reason="thử", with_streams=True)
    with as_system("what is left"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM telemetry_observation WHERE datastream_id = %s",
                       [stream.pk])  # fmt: skip
        assert cursor.fetchone() == (0,)


def test_keys_of_a_device_change_without_a_gap_and_end_with_it(ground: Ground) -> None:
    actor = official(ground.org)
    with acting_as(actor):
        row = services.provision_device(
            actor=actor, code="BT-1", name="Bộ thu", owner_org=ground.org
        )
        first = services.give_key(actor=actor, row=row)
        second = services.give_key(actor=actor, row=row)
    found = [authenticate_device(secret=secret) for secret in (first, second)]
    assert [one.id for one in found if one] == [row.account_id, row.account_id]
    assert found[0] is not None
    assert found[0].kind is ActorKind.DEVICE
    with acting_as(actor):
        row = services.quarantine_device(actor=actor, row=row, reason="giá trị lạ")
        with pytest.raises(InvalidInputError):
            services.release_device(actor=actor, row=row, reason=" ")
        row = services.release_device(actor=actor, row=row, reason="đã sửa")
        assert row.state == DeviceState.PROVISIONED
        row = services.retire_device(actor=actor, row=row, reason="hỏng")
        assert (row.state, row.state_reason) == (DeviceState.RETIRED, "hỏng")
        with pytest.raises(ConflictError):
            services.give_key(actor=actor, row=row)
    assert authenticate_device(secret=second) is None


def test_a_silent_device_is_told_once_and_unmarked_when_it_is_heard(
    ground: Ground, make_account: MakeAccount
) -> None:
    watcher = make_account("telemetry.device.change")
    with as_system("a device that fell silent") as house:
        row = services.provision_device(
            actor=house, code="BT-1", name="Bộ thu", owner_org=ground.org, silent_after_s=600
        )
        long_ago = timezone.now() - timedelta(hours=1)
        seen = Device.objects.filter(pk=row.pk)
        seen.update(state=DeviceState.ACTIVE.value, last_seen_at=long_ago)
        assert services.mark_silent(actor=house) == {"silent": 1, "back": 0}
        assert services.mark_silent(actor=house) == {"silent": 0, "back": 0}
        assert seen.get().silent_since == long_ago
        assert Notice.objects.filter(user=watcher, key__startswith="telemetry.silent").count() == 1
        seen.update(last_seen_at=timezone.now())
        assert services.mark_silent(actor=house) == {"silent": 0, "back": 1}
        assert seen.get().silent_since is None


def test_refused_payloads_are_seen_by_who_sees_their_device(ground: Ground) -> None:
    own, other, all_ = official(ground.org), official(ground.other), official(None)
    with acting_as(own):
        row = services.provision_device(actor=own, code="BT-1", name="B", owner_org=ground.org)
    with as_system("what doors write"):
        DeadLetter.objects.create(door="mqtt", device=row, reason="no-number")
        letter = DeadLetter.objects.create(
            door="mqtt", reason="unknown-device", source="sen/v1/LA-9/obs"
        )
    counts = {}
    for name, actor in (("own", own), ("other", other), ("all", all_)):
        with acting_as(actor):
            counts[name] = (dead_letters(actor).count(), sees_unknown(actor))
            sources = unknown_sources(actor)
    assert counts == {"own": (1, False), "other": (0, False), "all": (2, True)}
    assert [item["source"] for item in sources] == ["sen/v1/LA-9/obs"]
    with acting_as(all_):
        made = services.provision_unknown(
            actor=all_, letter_id=letter.pk, code="LA-9", name="Thiết bị lạ", owner_org=ground.org
        )
        assert not unknown_sources(all_)
        assert dead_letters(all_, device_id=made.pk).count() == 1


def bring(actor: Actor, text: str, tmp: Path | None = None, **options: str) -> Any:
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        file.write(text)
    path = Path(file.name)
    try:
        return engine.run(
            importer=importers["telemetry-observations"],
            actor=actor,
            request=Request(file=path, options=options),
        )
    finally:
        path.unlink()


def test_a_file_of_a_logger_is_taken_as_a_whole_and_only_once(ground: Ground) -> None:
    actor = official(ground.org)
    thing = make_thing(actor, ground)
    one = make_stream(actor, thing, "KD-1", valid_max=5.0)
    two = make_stream(actor, thing, "KD-2")
    wide = (
        "Thời gian;KD-1 (mm);kd-2;Pin\n"
        "20/11/2026 08:00;1.500,5;2,25;12\n20/11/2026 09:00;9000;;12\n"
    )
    run = bring(actor, wide)
    assert (run.state, run.created, run.fault_count) == ("DONE", 3, 0), run.faults
    assert "Pin" in run.notes[-1]
    begin = datetime(2026, 11, 19, 17, tzinfo=UTC)
    with acting_as(actor):
        found = observations(actor, one.pk, begin, begin + timedelta(days=1))
        assert [(r.result, r.quality) for r in found] == [
            (pytest.approx(1.5005), Quality.GOOD),
            (9.0, Quality.OUT_OF_RANGE),
        ]
        assert timezone.localtime(found[0].at).hour == 8
        assert latest(actor, [two.pk])[two.pk].result == 2.25
    again = bring(actor, wide)
    assert (again.created, again.unchanged) == (0, 3)
    late = bring(actor, "time,stream,value\n2026-11-19T01:00:00Z,KD-1,1\n2026-11-20T09:30,KD-1,2\n")
    assert late.created == 2
    with as_system("what the rollups will look at"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM telemetry_changed WHERE datastream_id = %s", [one.pk])
        assert cursor.fetchone() == (3,)


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ("time,KD-1\n2026-11-20 08:00,1\n2026-11-20 09:00,abc\n", 3, ""),
        ("time,stream,value\n2026-11-20 08:00,KD-9,1\n", 2, "KD-9"),
        ("time,KD-1 (Cel)\n2026-11-20 08:00,1\n", 2, "Không đổi được"),
        ("time,KD-1\n2999-11-20 08:00,1\n", 2, "tương lai"),
    ],
)
def test_one_wrong_cell_keeps_the_whole_file_out(
    ground: Ground, text: str, row: int, words: str
) -> None:
    actor = official(ground.org)
    stream = make_stream(actor, make_thing(actor, ground), "KD-1")
    run = bring(actor, text)
    assert run.state == "REFUSED"
    assert [fault["row"] for fault in run.faults] == [row]
    assert words in run.faults[0]["message"]
    with acting_as(actor):
        assert latest(actor, [stream.pk]) == {}


def test_others_streams_cannot_be_written_by_a_file(ground: Ground) -> None:
    make_stream(
        official(ground.org), make_thing(official(ground.org), ground), "KD-1", data_class=0
    )
    run = bring(official(ground.other), "time,stream,value\n2026-11-20 08:00,KD-1,1\n")
    assert run.state == "REFUSED"
