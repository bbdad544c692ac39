"""Late data of a day that only the lake holds: the buckets are counted over all of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sen.domains.telemetry import wire
from sen.domains.telemetry.lake import keeping
from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.store.upkeep import Rollups
from sen.domains.telemetry.store.writing import Store
from sen.domains.telemetry.tests.flowing import connected_to, make_sender, opened
from sen.kernel.access.context import as_system
from sen.kernel.sideline import open_sideline
from sen.kernel.testing.processes import database_of_its_own

DAY = date(2026, 3, 2)
NOON_US = int(datetime(2026, 3, 2, 5, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.fixture
def stream(
    django_db_setup: None, django_db_blocker: Any, settings: Any, tmp_path: Path
) -> Iterator[int]:
    """A dense stream in a database that really commits."""
    settings.SEN_LAKE = str(tmp_path / "lake")
    settings.SEN_LAKE_WORK = tmp_path / "work"
    with (
        django_db_blocker.unblock(),
        database_of_its_own("lake") as variables,
        connected_to(variables),
    ):
        row = make_sender("LATE").streams[0]
        with as_system("set up a test"):
            Datastream.objects.filter(pk=row.pk).update(retention="DENSE")
        yield row.pk


def sent(stream: int, minutes: list[int]) -> wire.Batch:
    return wire.Batch.of(
        device=0,
        received_us=NOON_US,
        streams=[stream] * len(minutes),
        times_us=[NOON_US + minute * 60_000_000 for minute in minutes],
        values=[float(minute) for minute in minutes],
    )


def test_a_late_value_brings_its_day_back_before_it_is_counted(stream: int) -> None:
    with open_sideline() as line:
        store = Store(line)
        opened(store)
        for seq, minutes in enumerate(([*range(30)], [30, 59]), 1):
            block = store.write([sent(stream, minutes)], seq)
            assert block is not None
            store.note([block], seq)
            Rollups(line).settle()
            if seq == 1:
                assert keeping.compact_day(DAY) is not None
                assert keeping.release_day(DAY, DAY + timedelta(days=20)) == 30
        [hour] = line.execute(
            "SELECT n, min, max, mean FROM telemetry_rollup WHERE datastream_id = %s AND step = 2",
            [stream],
        ).fetchall()
    values = [*range(31), 59]
    assert hour == (32, 0.0, 59.0, pytest.approx(sum(values) / 32))
