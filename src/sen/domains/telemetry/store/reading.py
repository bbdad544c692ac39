"""Reading observations: only of streams that the actor sees.

What the actor sees is asked of the datastreams, whose rows are few. The rows of the store are then
read by the house: their own policy would look at every datastream again for each statement.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL
from psycopg.pq import Format

from sen.domains.telemetry.choices import STEP_S, Quality, Step
from sen.domains.telemetry.data import Bucket, Reading, Series
from sen.domains.telemetry.models import Datastream
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor

#: A drawing holds no more points than this; a wider step is taken before.
POINTS: Final = 2_000
MOST: Final = 100_000
_QUALITY: Final = {int(each): each for each in Quality}

_FIELDS: Final = "datastream_id, at, result, quality, received_at, extra"
#: Joined, not compared: to guess how many rows ten thousand numbers find takes longer than reading.
_LATEST: Final = (
    "SELECT l.datastream_id, l.at, l.result, l.quality, l.received_at, l.extra"
    " FROM unnest(%s::int[]) AS s (id) JOIN telemetry_datastream d ON d.id = s.id"
    " JOIN telemetry_latest_tied l ON l.datastream_id = s.id WHERE "
)
_TIE: Final = "SELECT set_config('sen.tied', %s, true)"
_RAW: Final = (
    f"SELECT {_FIELDS} FROM telemetry_observation WHERE datastream_id = %s"  # noqa: S608
    " AND at >= %s AND at < %s ORDER BY at {order} LIMIT %s"
)
_BUCKETS: Final = (
    "SELECT at, n, min, max, mean, p05, p95, last FROM telemetry_rollup"
    " WHERE datastream_id = %s AND step = %s AND at >= telemetry_bucket(%s::smallint, %s)"
    " AND at < %s ORDER BY at LIMIT %s"
)

#: The newest of what is known of each stream at a moment: its last value where that is older, the
#: observations of the hot store, and whole minutes, hours and days before it.
_AT_MOMENT: Final = f"""
SELECT {_FIELDS} FROM unnest(%(streams)s::int[]) AS asked(id) CROSS JOIN LATERAL (
  SELECT {_FIELDS}, at AS began FROM telemetry_latest
  WHERE datastream_id = asked.id AND at <= %(moment)s
  UNION ALL
  (SELECT {_FIELDS}, at FROM telemetry_observation
   WHERE datastream_id = asked.id AND at > %(since)s AND at <= %(moment)s
   ORDER BY at DESC LIMIT 1)
  UNION ALL
  (SELECT datastream_id, at, last, 0::smallint, at, NULL::jsonb, at FROM telemetry_rollup
   WHERE datastream_id = asked.id AND step = 1 AND at <= %(moment)s - interval '1 minute'
   ORDER BY at DESC LIMIT 1)
  UNION ALL
  (SELECT datastream_id, at + interval '1 hour', last, 0::smallint, at, NULL::jsonb, at
   FROM telemetry_rollup WHERE datastream_id = asked.id AND step = 2
   AND at <= %(moment)s - interval '1 hour' ORDER BY at DESC LIMIT 1)
  UNION ALL
  (SELECT datastream_id, at + interval '1 day', last, 0::smallint, at, NULL::jsonb, at
   FROM telemetry_rollup WHERE datastream_id = asked.id AND step = 3
   AND at <= %(moment)s - interval '1 day' ORDER BY at DESC LIMIT 1)
  ORDER BY began DESC LIMIT 1
) AS found
"""  # noqa: S608
#: Single observations are looked for so far back; older ones are told by their rollups.
_REACH: Final = timedelta(days=2)

#: The newest observation as a column of the statement that reads the streams.
_NEWEST: Final = (
    "(SELECT to_jsonb(l) FROM telemetry_latest l WHERE l.datastream_id = telemetry_datastream.id)"
)


def with_newest(streams: QuerySet[Datastream]) -> QuerySet[Datastream]:
    """Streams that bear their newest observation, for :func:`newest_of`; no further statement."""
    newest = RawSQL(_NEWEST, (), output_field=JSONField())  # noqa: S611  a constant
    return streams.annotate(newest=newest)


def newest_of(row: Datastream) -> Reading | None:
    """The newest observation of a stream that was read :func:`with_newest`."""
    found: dict[str, Any] | None = getattr(row, "newest", None)
    if found is None:
        return None
    at, received_at = (datetime.fromisoformat(found[name]) for name in ("at", "received_at"))
    return Reading(
        row.pk, at, found["result"], Quality(found["quality"]), received_at, found["extra"]
    )


def visible_ids(actor: Actor, stream_ids: Collection[int]) -> list[int]:
    """Those of the streams that the actor sees."""
    rows = Datastream.objects.visible_to(actor).filter(pk__in_array=list(stream_ids))
    return list(rows.values_list("pk", flat=True))


def latest(actor: Actor, stream_ids: Collection[int]) -> dict[int, Reading]:
    """The newest observation of each of the streams that the actor sees and that has one."""
    if not stream_ids:
        return {}
    condition, values = actor.scope(Datastream.access).sql("d")
    # What is tied to streams that are found in the same statement needs no policy of its own.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_TIE, ["on"])
        rows = _fetched(cursor, _LATEST + condition, [list(stream_ids), *values])
        cursor.execute(_TIE, [""])
    return {row[0]: _reading(row) for row in rows}


def latest_at(actor: Actor, stream_ids: Collection[int], moment: datetime) -> dict[int, Reading]:
    """What :func:`latest` would have said at a moment, of the streams that the actor sees today.

    Where the single observation is no longer in the hot store, the last value of the newest
    minute, hour or day that had ended.
    """
    seen = visible_ids(actor, stream_ids)
    if not seen:
        return {}
    given = {"streams": seen, "moment": moment, "since": moment - _REACH}
    return {row[0]: _reading(row) for row in _rows(_AT_MOMENT, given)}


def observations(
    actor: Actor,
    stream_id: int,
    begin: datetime,
    end: datetime,
    *,
    limit: int = MOST,
    newest_first: bool = False,
) -> list[Reading]:
    """Observations with ``begin`` ≤ time < ``end``, at most ``limit``; none of a hidden stream."""
    if not visible_ids(actor, [stream_id]):
        return []
    query = _RAW.format(order="DESC" if newest_first else "ASC")
    return [_reading(row) for row in _rows(query, [stream_id, begin, end, limit])]


def buckets(
    actor: Actor, stream_id: int, begin: datetime, end: datetime, step: Step
) -> list[Bucket]:
    """Rollups of one step that touch the span; none of a hidden stream."""
    if not visible_ids(actor, [stream_id]):
        return []
    given = [stream_id, int(step), int(step), begin, end, MOST]
    return [Bucket(*row) for row in _rows(_BUCKETS, given)]


def series(
    actor: Actor, stream_id: int, begin: datetime, end: datetime, step: Step | None = None
) -> Series:
    """A stream over a span, for a drawing.

    Without ``step``, single observations where they are few enough, else the narrowest buckets
    that are: an observation is shown as a bucket of one.
    """
    stream = Datastream.objects.visible_to(actor).filter(pk=stream_id).first()
    if stream is None:
        return Series(stream_id, None, [])
    if step is None:
        step = step_for((end - begin).total_seconds(), stream.interval_s)
    if step is None:
        found = observations(actor, stream_id, begin, end, limit=4 * POINTS + 1)
        if len(found) <= 4 * POINTS:
            return Series(stream_id, None, [_alone(row) for row in found])
        step = Step.MINUTE
    return Series(stream_id, step, buckets(actor, stream_id, begin, end, step))


def step_for(span_s: float, interval_s: int | None) -> Step | None:
    """The step of a drawing of so many seconds; None for single observations."""
    if span_s / (interval_s or 1) <= POINTS:
        return None
    for step in Step:
        if span_s / STEP_S[step] <= POINTS:
            return step
    return Step.DAY


def _alone(row: Reading) -> Bucket:
    value = row.result
    fit = int(value is not None and row.quality not in (Quality.BAD, Quality.OUT_OF_RANGE))
    return Bucket(row.at, fit, value, value, value, value, value, value)


def _reading(row: Sequence[Any]) -> Reading:
    stream, at, result, quality, received_at, extra = row
    return Reading(stream, at, result, _QUALITY[quality], received_at, extra)


def _rows(query: str, given: list[Any] | dict[str, Any]) -> list[Sequence[Any]]:
    """Rows of the store, of streams that the caller may show."""
    with (
        as_system("observations of datastreams that were found visible", reading=True),
        connection.cursor() as cursor,
    ):
        return _fetched(cursor, query, given)


def _fetched(cursor: Any, query: str, given: list[Any] | dict[str, Any]) -> list[Sequence[Any]]:
    # Times as text would take three times as long as all the rest.
    cursor.cursor.format = Format.BINARY
    cursor.execute(query, given)
    found: list[Sequence[Any]] = cursor.fetchall()
    cursor.cursor.format = Format.TEXT
    return found
