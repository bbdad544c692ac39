"""The store holds the same whatever the order in which observations come, and how often."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.telemetry import api, wire
from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.store.upkeep import Rollups
from sen.domains.telemetry.store.writing import Dead, Store, TakenError
from sen.domains.telemetry.tests.flowing import connected_to, make_sender, opened
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.errors import NotFoundError
from sen.kernel.sideline import open_sideline
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.processes import database_of_its_own

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A day change of the house (17:00 UTC) lies within the times that are tried.
BASE = int(datetime(2026, 3, 1, 16, 30, tzinfo=UTC).timestamp())

Row = tuple[int, int, float, int]

rows = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 7_200),
        st.floats(-1e6, 1e6, allow_nan=False),
        st.sampled_from([0, 0, 0, 1, 2, 4]),
    ),
    min_size=1,
    max_size=60,
    unique_by=lambda row: row[:2],
)


@pytest.fixture(scope="module")
def streams(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[int]]:
    """Three streams in a database of this file alone, which really commits."""
    with (
        django_db_blocker.unblock(),
        database_of_its_own("store") as variables,
        connected_to(variables),
    ):
        yield [stream.pk for stream in make_sender("STORE").streams]


def fill(
    streams: list[int], arrivals: list[list[Row]], base: int = BASE
) -> tuple[list[Any], list[Any], list[Any]]:
    """Write arrivals as one message each; what is stored, newest and rolled up afterwards."""
    with open_sideline() as line:
        line.execute("SELECT set_config('sen.system', 'on', false)")
        for table in ("observation", "latest", "rollup", "changed", "dirty", "offset"):
            line.execute(f"DELETE FROM telemetry_{table}".encode())
        store = Store(line)
        opened(store)
        for seq, arrival in enumerate(arrivals, 1):
            block = store.write([batch_of(streams, arrival, base)], seq)
            assert block is not None
            store.note([block], seq)
            if seq % 3 == 0:
                Rollups(line).settle()
        Rollups(line).settle()
        found = line.execute("SELECT * FROM telemetry_observation ORDER BY 1, 2").fetchall()
        newest = line.execute("SELECT * FROM telemetry_latest ORDER BY 1").fetchall()
        rollup = line.execute("SELECT * FROM telemetry_rollup ORDER BY 1, 2, 3").fetchall()
    return found, newest, rollup


def batch_of(streams: list[int], arrival: list[Row], base: int) -> wire.Batch:
    return wire.Batch.of(
        device=0,
        received_us=base * 1_000_000,
        streams=[streams[row[0]] for row in arrival],
        times_us=[(base + row[1]) * 1_000_000 for row in arrival],
        values=[row[2] for row in arrival],
        quality=[row[3] for row in arrival],
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=rows, data=st.data())
def test_late_doubled_and_mixed_up_data_give_what_sorted_data_give(
    streams: list[int], rows: list[Row], data: st.DataObject
) -> None:
    expected = fill(streams, [sorted(rows)])
    mixed = data.draw(st.permutations(rows))
    again = data.draw(st.lists(st.sampled_from(rows), max_size=20))
    arrivals: list[list[Row]] = []
    left = [*mixed, *again]
    while left:
        size = data.draw(st.integers(1, len(left)))
        arrivals.append(left[:size])
        left = left[size:]
    assert fill(streams, arrivals) == expected


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=rows)
def test_rollups_are_what_numpy_counts(streams: list[int], rows: list[Row]) -> None:
    _, _, rollup = fill(streams, [rows])
    wanted: dict[tuple[int, int, datetime], list[Row]] = defaultdict(list)
    for row in rows:
        at = datetime.fromtimestamp(BASE + row[1], UTC)
        day = (at + timedelta(hours=7)).replace(hour=0, minute=0, second=0) - timedelta(hours=7)
        for step, begin in (
            (1, at.replace(second=0)),
            (2, at.replace(minute=0, second=0)),
            (3, day),
        ):
            wanted[streams[row[0]], step, begin].append(row)
    assert {row[:3] for row in rollup} == set(wanted)
    for stream, step, begin, n, left_out, low, high, mean, p05, p95, last in rollup:
        own = wanted[stream, step, begin]
        fit = sorted((row[1], row[2]) for row in own if row[3] not in (2, 4))
        assert (n, left_out) == (len(fit), len(own) - len(fit))
        if not fit:
            assert (low, last) == (None, None)
            continue
        values = np.array([value for _, value in fit])
        assert (low, high, last) == (values.min(), values.max(), values[-1])
        assert math.isclose(mean, values.mean(), rel_tol=1e-9, abs_tol=1e-6)
        assert math.isclose(p05, np.percentile(values, 5), rel_tol=1e-9, abs_tol=1e-6)
        assert math.isclose(p95, np.percentile(values, 95), rel_tol=1e-9, abs_tol=1e-6)


def test_the_place_moves_only_with_its_rows(streams: list[int]) -> None:
    fill(streams, [[(0, 0, 1.0, 0)]])
    with open_sideline() as line:
        store = Store(line)
        assert opened(store) == 1
        with open_sideline() as second, pytest.raises(TakenError):
            Store(second).open()
        line.execute("UPDATE telemetry_offset SET seq = 7 WHERE consumer = 'writer'")
        with pytest.raises(TakenError):
            store.write([batch_of(streams, [(0, 60, 2.0, 0)], BASE)], 2)
        assert line.execute("SELECT count(*) FROM telemetry_observation").fetchone() == (1,)


def test_what_died_before_it_was_noted_is_noted_after(streams: list[int]) -> None:
    fill(streams, [[(0, 0, 1.0, 0)]])
    with open_sideline() as line:
        store = Store(line)
        opened(store)
        store.write([batch_of(streams, [(0, 60, 2.0, 0)], BASE)], 2)
    with open_sideline() as line:
        store = Store(line)
        assert (opened(store), store.seq) == (1, 2)


def test_observations_of_any_age_and_kind_are_kept(streams: list[int]) -> None:
    old = int(datetime(1999, 5, 5, tzinfo=UTC).timestamp())
    fill(streams, [[(0, 0, 1.0, 0)]], base=old)
    with open_sideline() as line:
        store = Store(line)
        opened(store)
        batch = wire.Batch.of(
            device=0,
            received_us=0,
            streams=[streams[1], streams[1]],
            times_us=[BASE * 10**6 + 1, BASE * 10**6 + 2],
            values=[math.nan, 4.0],
            extra={0: {"result": "open\0é"}, 1: {"parameters": {"a": [1, None]}}},
        )
        poison = Dead("SEN_OBS/9", "no-batch", "why", b"\0\xff")
        store.write([batch], 2, [poison])
        found = line.execute(
            "SELECT result, extra FROM telemetry_observation WHERE datastream_id = %s ORDER BY at",
            [streams[1]],
        ).fetchall()
        letters = line.execute("SELECT source, payload FROM telemetry_deadletter").fetchall()
    assert found == [(None, {"result": "opené"}), (4.0, {"parameters": {"a": [1, None]}})]
    assert letters == [("SEN_OBS/9", b"\0\xff")]


def test_nobody_reads_observations_past_the_rule_of_their_stream(streams: list[int]) -> None:
    fill(streams, [[(0, 0, 1.0, 0)]])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM telemetry_observation")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM telemetry_latest")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT bool_or(has_table_privilege(inhrelid, 'SELECT')) FROM pg_inherits"
            " WHERE inhparent = 'telemetry_observation'::regclass"
        )
        assert cursor.fetchone() == (False,)
    with as_system("look at the store"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM telemetry_observation")
        assert cursor.fetchone() == (1,)


def test_the_views_without_policy_show_nothing_to_a_session_that_ties_nothing(
    streams: list[int],
) -> None:
    fill(streams, [[(0, 0, 1.0, 0)]])
    with connection.cursor() as cursor:
        for view in ("telemetry_observation_tied", "telemetry_latest_tied"):
            cursor.execute(f"SELECT count(*) FROM {view}")
            assert cursor.fetchone() == (0,)
            cursor.execute(
                "SELECT has_table_privilege(%s, 'INSERT') OR has_table_privilege(%s, 'UPDATE')"
                " OR has_table_privilege(%s, 'DELETE')",
                [view, view, view],
            )
            assert cursor.fetchone() == (False,)


def test_a_moment_of_the_past_knows_nothing_that_came_after_it(
    streams: list[int], make_account: MakeAccount
) -> None:
    fill(streams, [[(0, 0, 1.0, 0), (0, 90, 2.0, 0), (0, 90_000, 9.0, 0)]])
    with as_system("set up a test"), connection.cursor() as cursor:
        stream = Datastream.objects.get(pk=streams[0])
        reader = actor_for(make_account("telemetry.*.view", organisation=stream.owner_org))
        cursor.execute("SELECT min(at) FROM telemetry_observation")
        [first] = cursor.fetchone()

    def known(seconds: float) -> list[float | None]:
        moment = first + timedelta(seconds=seconds)
        with acting_as(reader):
            found = api.latest_at(reader, [streams[0]], moment)
        return [one.result for one in found.values()]

    asked = (-1, 0, 89, 90, 90 + 50 * 3_600)
    told = [known(seconds) for seconds in asked]
    assert told == [[], [1.0], [1.0], [2.0], [9.0]]
    # Long after the observations left the hot store, minutes say the same to the minute.
    with as_system("release a day"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM telemetry_observation")
    assert known(125) == [2.0]
    assert known(90_000 - 61) == [2.0]


def test_who_does_not_see_a_stream_reads_nothing_of_it(
    streams: list[int], make_account: MakeAccount
) -> None:
    """The rows are read by the house, after the stream was found visible."""
    fill(streams, [[(0, 0, 1.0, 0)]])
    with as_system("set up a test"), connection.cursor() as cursor:
        stream = Datastream.objects.get(pk=streams[0])
        reader = actor_for(make_account("telemetry.*.view", organisation=stream.owner_org))
        stranger = actor_for(make_account("assets.*.view", organisation=stream.owner_org))
        cursor.execute("SELECT min(at) FROM telemetry_observation")
        [at] = cursor.fetchone()
    begin, end = at - timedelta(hours=1), at + timedelta(hours=1)
    for actor, found in ((reader, 1), (stranger, 0)):
        with acting_as(actor):
            assert len(api.latest(actor, [streams[0]])) == found
            assert len(api.latest_at(actor, streams, at)) == found
            assert len(api.observations(actor, streams[0], begin, end)) == found
            assert len(api.series(actor, streams[0], begin, end).points) == found
            assert len(api.extremes(actor, [streams[0]], begin, end)) == found
    with acting_as(reader):
        assert len(api.minutes(reader, streams[0], begin, end)[0]) == 1
    with acting_as(stranger), pytest.raises(NotFoundError):
        api.minutes(stranger, streams[0], begin, end)
