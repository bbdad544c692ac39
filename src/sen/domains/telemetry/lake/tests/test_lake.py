"""Days go to the lake, are read together with the hot store, leave it, and come back whole."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from sen.domains.telemetry.lake import door, keeping, places
from sen.domains.telemetry.lake.analyses import ANALYSES
from sen.domains.telemetry.lake.keeping import Finding
from sen.domains.telemetry.models import (
    Datastream,
    LakeErasure,
    LakeFile,
    ObservedProperty,
    Sensor,
    Thing,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import DataClass
from sen.kernel.errors import InvalidInputError
from sen.kernel.testing.house import House, build_house, official

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
BEGIN = datetime(2026, 3, 2, tzinfo=door.HOUSE)
END = BEGIN + timedelta(days=1)


@pytest.fixture(autouse=True)
def _lake(settings: Any, tmp_path: Path) -> None:
    settings.SEN_LAKE = str(tmp_path / "lake")
    settings.SEN_LAKE_WORK = tmp_path / "work"


@pytest.fixture
def house() -> House:
    return build_house()


@pytest.fixture
def streams(house: House) -> list[Datastream]:
    """Three streams: one dense (14 days hot), two that stay for 90 days."""
    place = {"owner_org": house.roads, "area": house.east}
    with as_system("set up a test"):
        thing = Thing.objects.create(code="CAU", name="Cầu", **place)
        sensor = Sensor.objects.create(code="S", name="Võng kế", **place)
        kind = ObservedProperty.objects.create(code="vong", name="Độ võng", unit="mm", **place)
        return [
            Datastream.objects.create(
                code=f"K{number}",
                name=f"Kênh {number}",
                thing=thing,
                sensor=sensor,
                observed_property=kind,
                retention=retention,
                **place,
            )
            for number, retention in enumerate(("DENSE", "STANDARD", "STANDARD"))
        ]


def observe(rows: list[tuple[int, datetime, float | None, int, str | None]]) -> None:
    with as_system("set up a test"), connection.cursor() as cursor:
        for day in {at.astimezone(door.HOUSE).date() for _s, at, *_rest in rows}:
            cursor.execute("SELECT telemetry_make_day(%s)", [day])
        cursor.executemany(
            "INSERT INTO telemetry_observation (datastream_id, at, result, quality, extra,"
            " received_at) VALUES (%s, %s, %s, %s, %s, %s::timestamptz + interval '1.25 s')",
            [(s, at, value, quality, extra, at) for s, at, value, quality, extra in rows],
        )


def day_of(
    streams: list[Datastream], *, step_s: int = 600
) -> list[tuple[int, datetime, float | None, int, str | None]]:
    rng = random.Random(7)
    rows: list[tuple[int, datetime, float | None, int, str | None]] = []
    for stream in streams:
        for number in range(86_400 // step_s):
            if number == 40 + stream.pk % 7:
                continue
            at = BEGIN + timedelta(seconds=number * step_s, microseconds=rng.randrange(1000))
            extra = '{"result": "ngập \\"sâu\\", 2,5 m"}' if number == 3 else None
            value = None if number == 3 else round(rng.gauss(12, 3), 2)
            rows.append((stream.pk, at, value, 2 if number == 5 else 0, extra))
    return rows


def hot(day: date = DAY) -> list[Any]:
    with as_system("look"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT datastream_id, at, result, quality, date_trunc('milliseconds', received_at),"
            " extra FROM telemetry_observation WHERE at >= %s AND at < %s ORDER BY 1, 2",
            [BEGIN, END],
        )
        return list(cursor.fetchall())


def test_a_day_goes_to_the_lake_leaves_the_hot_store_and_comes_back_whole(
    streams: list[Datastream],
) -> None:
    observe(day_of(streams))
    before = hot()

    entry = keeping.compact_day(DAY)

    assert entry is not None
    assert (entry.rows, entry.streams) == (len(before), 3)
    file = Path(places.place().name) / entry.path
    assert file.parent.name == "day=2026-03-02"
    assert keeping.release_day(DAY, DAY + timedelta(days=20)) == len(before) // 3
    assert len(hot()) == len(before) // 3 * 2
    assert keeping.release_day(DAY, DAY + timedelta(days=95)) == len(before) // 3 * 2
    assert hot() == []
    assert DAY not in keeping.hot_days()
    assert keeping.restore_day(DAY) == len(before)
    assert hot() == before


def test_nothing_leaves_that_is_not_in_the_file(streams: list[Datastream]) -> None:
    rows = day_of(streams)
    observe(rows[:-1])
    keeping.compact_day(DAY)
    observe(rows[-1:])  # late, after the file was written

    assert keeping.release_day(DAY, DAY + timedelta(days=400)) == 0
    assert len(hot()) == len(rows)

    keeping.compact_day(DAY)
    assert keeping.release_day(DAY, DAY + timedelta(days=400)) == len(rows)


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_damaged_file_is_named_and_keeps_the_hot_copy(
    streams: list[Datastream], harm: str
) -> None:
    observe(day_of(streams))
    entry = keeping.compact_day(DAY)
    assert entry is not None
    file = Path(places.place().name) / entry.path
    if harm == "gone":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)

    [finding] = keeping.verify()

    assert isinstance(finding, Finding)
    assert finding.day == DAY
    assert keeping.release_day(DAY, DAY + timedelta(days=400)) == 0
    assert len(hot()) == len(day_of(streams))


def test_late_data_of_a_released_day_are_merged(streams: list[Datastream]) -> None:
    rows = day_of(streams)
    observe(rows[1:])
    keeping.compact_day(DAY)
    keeping.release_day(DAY, DAY + timedelta(days=400))
    observe([rows[0], (rows[1][0], rows[1][1], 99.0, 0, None)])

    entry = keeping.compact_day(DAY)

    assert entry is not None
    assert entry.rows == len(rows)
    keeping.release_day(DAY, DAY + timedelta(days=400))
    keeping.restore_day(DAY)
    assert len(hot()) == len(rows)
    assert hot()[1][2] == 99.0  # what came last is what the hot store said last
    assert [path.name for path in Path(places.place().name).rglob("*.parquet")] == [
        Path(LakeFile.objects.get(day=DAY).path).name
    ]


def test_what_was_taken_out_of_the_hot_store_does_not_come_back_from_the_file(
    streams: list[Datastream],
) -> None:
    observe(day_of(streams))
    keeping.compact_day(DAY)
    keeping.release_day(DAY, DAY + timedelta(days=20))  # the dense stream is gone from the hot
    with as_system("an observation is corrected away"), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM telemetry_observation WHERE datastream_id = %s", [streams[1].pk]
        )

    entry = keeping.compact_day(DAY)

    assert entry is not None
    assert entry.streams == 2
    rows = analysed(official("telemetry.*.*"), "hourly", [s.code for s in streams])
    assert {row["stream"] for row in rows} == {"K0", "K2"}


def analysed(actor: Any, code: str, codes: list[str], **parameters: float) -> list[dict[str, Any]]:
    return door.analyse(
        actor=actor, code=code, streams=codes, begin=BEGIN, end=END, parameters=parameters
    )


def parameters_of(code: str, streams: list[Datastream]) -> dict[str, float]:
    given = {"limit": 13.0, "cause": float(streams[0].pk), "effect": float(streams[1].pk)}
    names = {item.name for item in ANALYSES[code].parameters if item.default is None}
    return {name: value for name, value in given.items() if name in names}


@pytest.mark.parametrize("code", sorted(ANALYSES))
def test_every_analysis_says_the_same_wherever_the_observations_lie(
    streams: list[Datastream], code: str
) -> None:
    observe(day_of(streams))
    actor = official("telemetry.*.*")
    codes = [stream.code for stream in streams]
    from_hot = analysed(actor, code, codes, **parameters_of(code, streams))
    keeping.compact_day(DAY)
    keeping.release_day(DAY, DAY + timedelta(days=20))
    from_both = analysed(actor, code, codes, **parameters_of(code, streams))
    keeping.release_day(DAY, DAY + timedelta(days=400))
    from_cold = analysed(actor, code, codes, **parameters_of(code, streams))

    assert from_hot
    assert str(from_both) == str(from_hot)
    assert str(from_cold) == str(from_hot)


def test_hourly_counts_what_python_counts(streams: list[Datastream]) -> None:
    rows = day_of(streams[:1])
    observe(rows)
    found = analysed(official("telemetry.*.*"), "hourly", ["K0"])
    by_hour: dict[datetime, list[float]] = {}
    for _stream, at, value, quality, _extra in rows:
        if value is not None and quality != 2:
            hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
            by_hour.setdefault(hour, []).append(value)
    expected = [(h, len(v), min(v), max(v)) for h, v in sorted(by_hour.items())]
    assert [(r["hour"], r["n"], r["least"], r["greatest"]) for r in found] == expected


def test_streams_that_one_may_not_see_are_no_streams(streams: list[Datastream]) -> None:
    observe(day_of(streams))
    nobody = official("telemetry.datastream.view", clearance=DataClass.PUBLIC)
    with pytest.raises(InvalidInputError):
        analysed(nobody, "hourly", ["K0"])


def test_an_unknown_parameter_is_named(streams: list[Datastream]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        analysed(official("telemetry.*.*"), "hourly", ["K0"], limit=3.0)
    assert "limit" in caught.value.fields["parameters"][0]


def test_the_law_erases_from_both_stores(streams: list[Datastream]) -> None:
    observe(day_of(streams))
    keeping.compact_day(DAY)
    keeping.release_day(DAY, DAY + timedelta(days=20))
    each = len(day_of(streams[:1]))

    gone = keeping.erase_by_code(
        codes=["K0", "K1"], begin=DAY, end=DAY, reason="Yêu cầu số 12", by="kiem", say=print
    )

    assert gone == 2 * each
    assert {row[0] for row in hot()} == {streams[2].pk}
    rows = analysed(official("telemetry.*.*"), "hourly", ["K0", "K1", "K2"])
    assert {row["stream"] for row in rows} == {"K2"}
    assert LakeErasure.objects.get().streams == ["K0", "K1"]
    with pytest.raises(InvalidInputError):
        keeping.erase_by_code(codes=["K2"], begin=DAY, end=DAY, reason=" ", by="x", say=print)


@pytest.fixture
def bucket() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_bucket_holds_the_lake_as_well(
    streams: list[Datastream], bucket: str, settings: Any
) -> None:
    import boto3

    settings.SEN_S3 = {
        "endpoint": bucket,
        "region": "us-east-1",
        "key_id": "k",
        "secret": "s",
    }
    settings.SEN_LAKE = "s3://kho/lanh"
    boto3.client(
        "s3",
        endpoint_url=bucket,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
    ).create_bucket(Bucket="kho")
    observe(day_of(streams))
    before = hot()
    keeping.compact_day(DAY)
    assert not isinstance(next(iter(keeping.verify())), Finding)
    keeping.release_day(DAY, DAY + timedelta(days=400))
    assert keeping.restore_day(DAY) == len(before)
    assert hot() == before


def test_the_night_keeps_the_lake(streams: list[Datastream]) -> None:
    observe(day_of(streams))
    told: list[tuple[int, int, str]] = []
    done = keeping.keep_lake(DAY + timedelta(days=20), say=lambda *said: told.append(said))
    assert done == {"days": 1, "released": len(day_of(streams[:1]))}
    assert told == [(0, 1, "02/03/2026")]
    again = keeping.keep_lake(DAY + timedelta(days=20), say=lambda *said: told.append(said))
    assert again == {"days": 0, "released": 0}
