"""Rollups and partitions: beside the writer, on a connection of its own.

Minute buckets follow what the writer notes; hours and days follow at a slower pace, because an
hour that is still filling would be counted anew every few seconds. All are counted from the
observations themselves, so late data make them right again, whatever the order of arrival.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg

from sen.domains.telemetry.choices import RETENTIONS, STEP_S, Step
from sen.kernel.sideline import open_sideline

logger = logging.getLogger(__name__)

PAUSE_S: Final = 2.0
AWAY_S: Final = 2.0
CHUNK: Final = 5_000
#: How long a wider bucket gathers changes before it is counted.
DUE_S: Final = {Step.HOUR: 60, Step.DAY: 600}

# Only whole rows that are committed are taken; the observations behind them are committed too,
# and the next statement sees them.
_TAKE: Final = """
WITH taken AS (
  DELETE FROM telemetry_changed WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM telemetry_changed LIMIT %(chunk)s FOR UPDATE SKIP LOCKED))
  RETURNING datastream_id, first_at, last_at, removed)
SELECT datastream_id, min(telemetry_bucket(1::smallint, first_at)),
  telemetry_bucket(1::smallint, max(last_at)) + interval '1 minute', bool_or(removed)
FROM taken GROUP BY datastream_id, telemetry_bucket(2::smallint, first_at)
ORDER BY 1, 2
"""
# Days and hours of the house begin at whole hours of UTC, so both widths follow from one row.
_MARK: Final = """
INSERT INTO telemetry_dirty (datastream_id, step, at, due_at)
SELECT DISTINCT t.stream, s.step::smallint, b.at, now() + make_interval(secs => s.due)
FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) AS t(stream, lo, hi),
  (VALUES (2, %s, interval '1 hour'), (3, %s, interval '1 day')) AS s(step, due, width),
  LATERAL generate_series(telemetry_bucket(s.step::smallint, t.lo),
    telemetry_bucket(s.step::smallint, t.hi - interval '1 microsecond'), s.width) AS b(at)
ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
"""
_DUE: Final = """
DELETE FROM telemetry_dirty WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM telemetry_dirty WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(chunk)s))
RETURNING datastream_id, step, at
"""
_CLEAR: Final = """
DELETE FROM telemetry_rollup r
USING unnest(%(streams)s::int[], %(lo)s::timestamptz[], %(hi)s::timestamptz[]) AS t(stream, lo, hi)
WHERE r.datastream_id = t.stream AND r.step = %(step)s AND r.at >= t.lo AND r.at < t.hi
"""
#: Values known to be wrong are counted apart and spoil no mean.
_COUNT: Final = """
INSERT INTO telemetry_rollup AS r
SELECT t.stream, %(step)s, b.* FROM
  unnest(%(streams)s::int[], %(lo)s::timestamptz[], %(hi)s::timestamptz[]) AS t(stream, lo, hi),
  LATERAL (
    SELECT telemetry_bucket(%(step)s::smallint, o.at) AS at,
      count(*) FILTER (WHERE fit), count(*) FILTER (WHERE NOT fit),
      min(result) FILTER (WHERE fit), max(result) FILTER (WHERE fit),
      avg(result) FILTER (WHERE fit),
      percentile_cont(0.05) WITHIN GROUP (ORDER BY result) FILTER (WHERE fit),
      percentile_cont(0.95) WITHIN GROUP (ORDER BY result) FILTER (WHERE fit),
      (array_agg(result ORDER BY o.at DESC) FILTER (WHERE fit))[1]
    FROM (SELECT at, result, quality NOT IN (2, 4) AS fit FROM telemetry_observation
      WHERE datastream_id = t.stream AND at >= t.lo AND at < t.hi AND result IS NOT NULL) AS o
    GROUP BY 1) AS b
ON CONFLICT (datastream_id, step, at) DO UPDATE SET n = excluded.n,
  left_out = excluded.left_out, min = excluded.min, max = excluded.max, mean = excluded.mean,
  p05 = excluded.p05, p95 = excluded.p95, last = excluded.last
"""
_IN_THE_LAKE: Final = """
SELECT f.day, array_agg(DISTINCT t.stream) FROM telemetry_lakefile f
JOIN unnest(%(streams)s::int[], %(lo)s::timestamptz[], %(hi)s::timestamptz[])
  AS t(stream, lo, hi) ON t.stream = ANY (f.removed)
  AND f.day BETWEEN (t.lo AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
    AND ((t.hi - interval '1 microsecond') AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
WHERE f.day >= (SELECT min(x) FROM unnest(%(lo)s::timestamptz[]) x)::date - 1
GROUP BY f.day
"""
_LOCK: Final = "SELECT pg_try_advisory_lock(597003, hashtext('upkeep'))"


class Rollups:
    """Counts what is due, over one connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        connection.execute("SELECT set_config('sen.system', 'on', false)")

    def turn(self, now: datetime | None = None) -> int:
        """Count one portion of what is due at ``now``; returns how many buckets or stretches."""
        return self._minutes() + self._wider(now or datetime.now(UTC))

    def settle(self) -> None:
        """Count everything that is marked, due or not."""
        far = datetime.now(UTC) + timedelta(days=1)
        while self.turn(far):
            pass

    def _minutes(self) -> int:
        with self.connection.transaction():
            rows = self.connection.execute(_TAKE, {"chunk": CHUNK}).fetchall()
            if not rows:
                return 0
            streams, los, his, removed = (list(part) for part in zip(*rows, strict=True))
            if any(removed):
                cleared = [row for row in rows if row[3]]
                self._count(Step.MINUTE, cleared, clear=True)
            self._count(Step.MINUTE, rows)
            self.connection.execute(_MARK, [streams, los, his, DUE_S[Step.HOUR], DUE_S[Step.DAY]])
        return len(rows)

    def _wider(self, now: datetime) -> int:
        with self.connection.transaction():
            given = {"now": now, "chunk": CHUNK}
            rows = self.connection.execute(_DUE, given).fetchall()
            for step in (Step.HOUR, Step.DAY):
                width = timedelta(seconds=STEP_S[step])
                chosen = [(pk, at, at + width) for pk, kind, at in rows if kind == step]
                if chosen:
                    self._count(step, chosen, clear=True)
        return len(rows)

    def _count(self, step: Step, rows: list[Any], *, clear: bool = False) -> None:
        streams, los, his = (list(part) for part in list(zip(*rows, strict=True))[:3])
        given = {"step": int(step), "streams": streams, "lo": los, "hi": his}
        self._bring_back(given)
        if clear:
            self.connection.execute(_CLEAR, given)
        self.connection.execute(_COUNT, given)

    def _bring_back(self, given: dict[str, Any]) -> None:
        """Days that only the lake holds come back before their buckets are counted anew."""
        gone = self.connection.execute(_IN_THE_LAKE, given).fetchall()
        if gone:  # rare: the writer does without the libraries of the lake
            from sen.domains.telemetry.lake.keeping import restore_day
        for day, streams in gone:
            restore_day(day, streams=streams)


def forget_minutes(connection: psycopg.Connection[Any], *, today: date) -> None:
    """Take out minute buckets that their class keeps no longer; hours and days stay for ever.

    Observations leave by the lake, which looks first whether it has them.
    """
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    for item in RETENTIONS.values():
        connection.execute(
            "DELETE FROM telemetry_rollup r USING telemetry_datastream d"
            " WHERE d.id = r.datastream_id AND d.retention = %s AND r.step = 1 AND r.at < %s",
            [item.code, midnight - timedelta(days=item.minute_days)],
        )


class Upkeep:
    """The thread in which all this happens while the writer writes."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with open_sideline() as connection:
                    [leads] = connection.execute(_LOCK).fetchone() or (False,)
                    if leads:
                        self._lead(connection)
            except psycopg.Error as error:
                logger.warning("telemetry: upkeep: %r", error)
            self._stop.wait(AWAY_S)

    def _lead(self, connection: psycopg.Connection[Any]) -> None:
        rollups = Rollups(connection)
        looked: date | None = None
        while not self._stop.is_set():
            today = (datetime.now(UTC) + timedelta(hours=7)).date()
            if today != looked:
                make_days_ahead(connection, today)
                forget_minutes(connection, today=today)
                looked = today
            if rollups.turn() < CHUNK:
                self._stop.wait(PAUSE_S)


def make_days_ahead(connection: psycopg.Connection[Any], today: date, days: int = 3) -> None:
    """Partitions for the next days, before anybody waits for them."""
    for ahead in range(days + 1):
        connection.execute("SELECT telemetry_make_day(%s)", [today + timedelta(days=ahead)])
