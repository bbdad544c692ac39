"""Observations into the store: one transaction holds the rows and how far the stream was read.

Whoever dies in between has written nothing, and reads on from where the last transaction ended:
every batch is stored exactly once without a look at what is there. Rows that are newer than all
their stream has go in by COPY; late ones and repetitions by a detour that leaves out what exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from sen.domains.telemetry.store.columns import (
    Block,
    copy_bytes,
    days_of,
    gather,
    join,
)
from sen.domains.telemetry.wire import Batch, BatchError, Ints

COLUMNS: Final = "(datastream_id, at, result, quality, received_at, extra)"
NEVER: Final = np.iinfo(np.int64).min
HOUR_US: Final = 3_600_000_000
#: 1900 and 2200.
EARLIEST_US: Final = -2_208_988_800_000_000
LATEST_US: Final = 7_258_118_400_000_000

_TAKE: Final = "SELECT pg_try_advisory_lock(597003, hashtext(%s))"
_STAGE: Final = (
    "CREATE TEMP TABLE IF NOT EXISTS telemetry_staged (datastream_id integer, at timestamptz,"
    " result float8, quality smallint, received_at timestamptz, extra jsonb)"
)
_UNSTAGE: Final = (
    "INSERT INTO telemetry_observation SELECT * FROM telemetry_staged"
    " ORDER BY datastream_id, at ON CONFLICT DO NOTHING"
)
_LATEST: Final = (
    "INSERT INTO telemetry_latest AS l SELECT * FROM telemetry_newest"
    " ORDER BY datastream_id ON CONFLICT (datastream_id) DO UPDATE SET at = excluded.at,"
    " result = excluded.result, quality = excluded.quality,"
    " received_at = excluded.received_at, extra = excluded.extra WHERE excluded.at > l.at"
)
_CHANGED: Final = "COPY telemetry_changed (datastream_id, first_at, last_at) FROM STDIN"
_NOTED: Final = (
    "INSERT INTO telemetry_offset AS o VALUES (%s, %s) ON CONFLICT (consumer)"
    " DO UPDATE SET seq = excluded.seq, moved_at = now()"
)
_DEAD: Final = (
    "INSERT INTO telemetry_deadletter (door, source, reason, detail, count, payload)"
    " VALUES ('writer', %s, %s, %s, 1, %s)"
)
_SEEN: Final = (
    "UPDATE telemetry_device d SET last_seen_at = t.at,"
    " state = CASE d.state WHEN 'PROVISIONED' THEN 'ACTIVE' ELSE d.state END"
    " FROM (SELECT id, to_timestamp(us / 1000000.0) AS at"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS x(id, us)) AS t WHERE d.id = t.id"
    " AND (d.last_seen_at IS NULL OR d.last_seen_at < t.at - interval '15 seconds')"
)
_MOVE: Final = (
    "INSERT INTO telemetry_offset AS o VALUES (%s, %s) ON CONFLICT (consumer)"
    " DO UPDATE SET seq = excluded.seq, moved_at = now() WHERE o.seq = %s RETURNING seq"
)


@dataclass(frozen=True, slots=True)
class Dead:
    """A message that is no batch, with the reason."""

    source: str
    reason: str
    detail: str
    payload: bytes


class TakenError(RuntimeError):
    """Another writer works, or has moved the offset meanwhile."""


class Store:
    """The writing side, over one connection of its own."""

    def __init__(self, connection: psycopg.Connection[Any], *, consumer: str = "writer") -> None:
        self.connection = connection
        self.consumer = consumer
        self.noted_name = f"{consumer}.noted"
        self.seq = 0
        self.noted = 0
        self._highest = 0
        self._newest = np.full(1024, NEVER, np.int64)
        self._days: set[int] = set()

    # --- beginning -----------------------------------------------------------------------------

    def open(self) -> int:
        """Become the only writer; returns the number of the last message that is done with.

        Messages after it and up to ``seq`` are stored, but newest values and rollups do not know
        them: the process before died in between. They are read again to be noted.

        Raises:
            TakenError: another process writes.
        """
        run = self.connection.execute
        run("SELECT set_config('sen.system', 'on', false)")
        [taken] = run(_TAKE, [self.consumer]).fetchone() or (False,)
        if not taken:
            raise TakenError("another writer is at work")
        run(_STAGE)
        run(_STAGE.replace("telemetry_staged", "telemetry_newest"))
        found = run("SELECT consumer, seq FROM telemetry_offset")
        offsets: dict[str, int] = dict(found.fetchall())
        self.seq = offsets.get(self.consumer, 0)
        self.noted = min(self.seq, offsets.get(self.noted_name, 0))
        for stream, at in run("SELECT datastream_id, at FROM telemetry_latest"):
            self._remember(np.array([stream]), np.array([_us(at)]))
        self._days = {_day_number(day) for (day,) in run("SELECT telemetry_days()")}
        return self.noted

    # --- writing -------------------------------------------------------------------------------

    def write(self, batches: Sequence[Batch], seq: int, dead: Sequence[Dead] = ()) -> Block | None:
        """Store batches and move the offset to ``seq``; returns them as one block.

        ``dead`` are messages before ``seq`` that could not be read: they are put aside.

        Raises:
            TakenError: the offset is not where this writer left it.
        """
        block = gather(batches) if batches else None
        careful = False
        while True:
            try:
                with self.connection.transaction():
                    if block is not None:
                        self._rows(block, careful=careful)
                    for item in dead:
                        self._run(_DEAD, [item.source, item.reason, item.detail, item.payload])
                    self._move(seq)
            except psycopg.errors.UniqueViolation:
                # Somebody else wrote an observation newer than we know of.
                if careful:
                    raise
                careful = True
            except psycopg.errors.UndefinedTable:
                # A day that we knew was dropped meanwhile.
                known = {_day_number(d) for (d,) in self._run("SELECT telemetry_days()")}
                if known == self._days:
                    raise
                self._days = known
            else:
                break
        self.seq = seq
        if block is not None:
            self._remember(block.streams, block.times)
        return block

    def note(
        self, blocks: Sequence[Block], seq: int, devices: Mapping[int, int] | None = None
    ) -> None:
        """Keep newest values and what the rollups must look at, for all messages up to ``seq``.

        ``devices`` says when which of them was last heard of (microseconds).
        """
        newest = last_of_each(blocks)
        with self.connection.transaction():
            self._run("TRUNCATE telemetry_newest")
            self._copy("telemetry_newest", newest)
            self._run(_LATEST)
            with self.connection.cursor().copy(_CHANGED) as copy:
                copy.write(b"".join(_changed_bytes(block) for block in blocks))
            if devices:
                self._run(_SEEN, [list(devices), list(devices.values())])
            self._run(_NOTED, [self.noted_name, seq])
        self.noted = seq

    def check(self, batch: Batch) -> None:
        """Refuse what no door of the house sends.

        Raises:
            BatchError: a stream that does not exist, or a time out of all bounds.
        """
        streams, times = batch.stream_ids(), batch.times()
        if not len(streams):
            return
        if int(streams.min()) < 1 or int(streams.max()) > self._highest_stream(int(streams.max())):
            raise BatchError("a stream that does not exist")
        if int(times.min()) < EARLIEST_US or int(times.max()) > LATEST_US:
            raise BatchError("a time before 1900 or after 2200")

    def restart(self) -> None:
        """Begin at the first message again: the stream was made anew on an empty disk."""
        with self.connection.transaction():
            self._run("DELETE FROM telemetry_offset WHERE consumer = %s", [self.consumer])
            self._run("DELETE FROM telemetry_offset WHERE consumer = %s", [self.noted_name])
        self.seq = self.noted = 0

    def read_by_all(self) -> int:
        """The number up to which every reader of the stream is done."""
        found = self._run(
            "SELECT min(seq) FROM telemetry_offset"
            " WHERE moved_at > now() - interval '3 days' AND consumer NOT LIKE 'door.%'"
        ).fetchone()
        return min(int((found and found[0]) or 0), self.noted)

    def _highest_stream(self, wanted: int) -> int:
        if wanted > self._highest:
            found = self._run("SELECT max(id) FROM telemetry_datastream").fetchone()
            self._highest = int((found and found[0]) or 0)
        return self._highest

    def _run(self, query: str, values: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        return self.connection.execute(query.encode(), values or None)

    def _rows(self, block: Block, *, careful: bool) -> None:
        days = days_of(block.times)
        self._make_days(int(day) for day in np.unique(days))
        fresh = np.zeros(len(block), bool)
        if not careful:
            self._reserve(int(block.streams.max(initial=0)))
            fresh = block.times > self._newest[block.streams]
        for day in np.unique(days[fresh]):
            self._copy(_partition(int(day)), block.where(fresh & (days == day)))
        if not fresh.all():
            self._run("TRUNCATE telemetry_staged")
            self._copy("telemetry_staged", block.where(~fresh))
            self._run(_UNSTAGE)

    def _copy(self, table: str, block: Block) -> None:
        order = sql.SQL("COPY {} {} FROM STDIN (FORMAT binary)").format(
            sql.Identifier(table), sql.SQL(COLUMNS)
        )
        with self.connection.cursor().copy(order) as copy:
            copy.write(copy_bytes(block))

    def _move(self, seq: int) -> None:
        if not self._run(_MOVE, [self.consumer, seq, self.seq]).fetchone():
            raise TakenError(f"the offset of {self.consumer} is not {self.seq} any more")

    def _make_days(self, days: Any) -> None:
        for number in days:
            if number >= 0 and number not in self._days:
                self._run("SELECT telemetry_make_day(%s)", [_date(number)])
                self._days.add(number)

    def _reserve(self, highest: int) -> None:
        if highest >= len(self._newest):
            grown = np.full(max(highest + 1, 2 * len(self._newest)), NEVER, np.int64)
            grown[: len(self._newest)] = self._newest
            self._newest = grown

    def _remember(self, streams: Any, times: Any) -> None:
        self._reserve(int(np.max(streams, initial=0)))
        np.maximum.at(self._newest, streams, times)


def last_of_each(blocks: Sequence[Block]) -> Block:
    """The newest observation of each stream."""
    tails = [block.where(_is_last(block.streams)) for block in blocks]
    if len(tails) == 1:
        return tails[0]
    joined = join(tails)
    return joined.where(_is_last(joined.streams))


def _is_last(streams: Ints) -> NDArray[np.bool_]:
    last = np.ones(len(streams), bool)
    last[:-1] = streams[1:] != streams[:-1]
    return last


def _changed_bytes(block: Block) -> bytes:
    """Text of COPY: stream, first and last time of each hour in which something is new."""
    hours = block.times // HOUR_US
    begin = np.ones(len(block), bool)
    begin[1:] = (block.streams[1:] != block.streams[:-1]) | (hours[1:] != hours[:-1])
    first = np.nonzero(begin)[0]
    last = np.append(first[1:], len(block)) - 1
    text = np.datetime_as_string(
        np.stack((block.times[first], block.times[last])).astype("datetime64[us]"), timezone="UTC"
    )
    lines = zip(block.streams[first].tolist(), *text.tolist(), strict=True)
    return "".join(f"{stream}\t{a}\t{b}\n" for stream, a, b in lines).encode()


def _partition(day: int) -> str:
    if day < 0:
        return "telemetry_observation_old"
    return f"telemetry_observation_{_date(day):%Y%m%d}"


def _date(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _us(at: datetime) -> int:
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
