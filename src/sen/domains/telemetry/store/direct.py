"""Observations that come as a whole from a person: files of loggers, the demonstration.

They are written in the caller's transaction, past the stream: either all are there or none, and
rules do not judge what is long over. Newest values and rollups follow as for those of the writer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from sen.domains.telemetry.store.columns import Block, copy_bytes, days_of, gather
from sen.domains.telemetry.store.writing import COLUMNS, last_of_each
from sen.domains.telemetry.wire import Batch
from sen.kernel.access.context import as_system

_STAGE: Final = (
    "CREATE TEMP TABLE IF NOT EXISTS telemetry_direct (datastream_id integer, at timestamptz,"
    " result float8, quality smallint, received_at timestamptz, extra jsonb)"
)
_UNSTAGE: Final = (
    "INSERT INTO telemetry_observation SELECT * FROM telemetry_direct"
    " ORDER BY datastream_id, at ON CONFLICT DO NOTHING"
)
_LATEST: Final = (
    "INSERT INTO telemetry_latest AS l SELECT * FROM telemetry_direct"
    " ORDER BY datastream_id ON CONFLICT (datastream_id) DO UPDATE SET at = excluded.at,"
    " result = excluded.result, quality = excluded.quality,"
    " received_at = excluded.received_at, extra = excluded.extra WHERE excluded.at > l.at"
)
_CHANGED: Final = (
    "INSERT INTO telemetry_changed (datastream_id, first_at, last_at)"
    " SELECT * FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[])"
)


def put(batch: Batch, *, new_streams: bool = False) -> int:
    """Store a batch; what is there already is absorbed. Returns how many were new.

    ``new_streams`` says that nobody has written to any of its streams yet, which is faster.
    """
    block = gather([batch])
    if not len(block):
        return 0
    with transaction.atomic(), as_system("observations that were brought as a whole"):
        days = days_of(block.times)
        _make_days(int(day) for day in np.unique(days))
        if new_streams:
            for day in np.unique(days):
                _copy(_partition(int(day)), block.where(days == day))
            stored = len(block)
        else:
            stored = _absorb(block)
        _stage(last_of_each([block]))
        _run(_LATEST)
        if stored:
            _run(_CHANGED, _stretches(block, days))
    return stored


def _absorb(block: Block) -> int:
    _stage(block)
    with connection.cursor() as cursor:
        cursor.execute(_UNSTAGE)
        return int(cursor.rowcount)


def _stage(block: Block) -> None:
    _run(_STAGE)
    _run("TRUNCATE telemetry_direct")
    _copy("telemetry_direct", block)


def _run(query: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, values)


def _copy(table: str, block: Block) -> None:
    order = f"COPY {connection.ops.quote_name(table)} {COLUMNS} FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(order) as copy:
        copy.write(copy_bytes(block))


def _make_days(days: Iterable[int]) -> None:
    wanted = [_date(day) for day in days if day >= 0]
    _run("SELECT telemetry_make_day(d) FROM unnest(%s::date[]) AS d", [wanted])


def _stretches(block: Block, days: NDArray[np.int64]) -> list[Any]:
    """First and last time of each day of each stream, for the rollups."""
    begin = np.ones(len(block), bool)
    begin[1:] = (block.streams[1:] != block.streams[:-1]) | (days[1:] != days[:-1])
    first = np.nonzero(begin)[0]
    last = np.append(first[1:], len(block)) - 1
    return [
        block.streams[first].tolist(),
        [_utc(us) for us in block.times[first].tolist()],
        [_utc(us) for us in block.times[last].tolist()],
    ]


def _utc(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


def _date(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _partition(day: int) -> str:
    if day < 0:
        return "telemetry_observation_old"
    return f"telemetry_observation_{_date(day):%Y%m%d}"
