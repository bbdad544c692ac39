"""Writing events to the outbox."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.db import connection
from django.utils import timezone

from sen.kernel.access.context import current
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.events.base import Event, thing_of
from sen.kernel.events.envelope import pack

SHARDS: Final = 16
MAX_BYTES: Final = 256 * 1024
CHANNEL: Final = "sen_outbox"

# One statement: the rows, and the call that wakes the relay when the transaction commits.
_INSERT: Final = """
WITH given AS (
  SELECT * FROM ROWS FROM (jsonb_to_recordset(%s::jsonb)
    AS (event_id uuid, type text, partition text, shard smallint, envelope jsonb))
  WITH ORDINALITY AS g(event_id, type, partition, shard, envelope, place)
), written AS (
  INSERT INTO kernel_events_outboxevent (event_id, type, partition, shard, envelope)
  SELECT event_id, type, partition, shard, envelope FROM given ORDER BY place RETURNING 1
)
SELECT pg_notify('sen_outbox', '') FROM (SELECT count(*) FROM written) AS counted
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who may see an event on a live screen: the fields of the access rule of its row."""

    owner_org_id: int | None = None
    area_id: int | None = None
    data_class: int = int(DataClass.INTERNAL)
    subject_id: int | None = None

    @classmethod
    def of(cls, row: object) -> Audience:
        """The audience of a guarded row, by the field names of its own rule."""
        rule = getattr(row, "access", None)
        if not isinstance(rule, AccessRule):
            raise TypeError(f"publish(on={row!r}): no guarded row; give audience=Audience(…)")
        return cls(
            owner_org_id=getattr(row, rule.org_field, None),
            area_id=getattr(row, rule.area_field, None),
            data_class=int(getattr(row, rule.class_field)),
            subject_id=getattr(row, rule.subject_field) if rule.subject_field else None,
        )


def publish(
    event: Event,
    *,
    key: int | str,
    on: object | None = None,
    audience: Audience | None = None,
) -> uuid.UUID:
    """Write ``event`` to the outbox in the caller's transaction; returns its id.

    ``key`` identifies the thing that the event is about: events of one thing are delivered in the
    order of their publication. Publish after writing the row, so that its lock orders concurrent
    writers. ``on`` (the guarded row) or ``audience`` says who may see it live; without either the
    event is internal and seen by those whose rights are bound to no place or organisation.

    Raises:
        RuntimeError: outside a transaction the event could survive the act that it reports.
        ValueError: the event is larger than ``MAX_BYTES``.
    """
    return publish_many([(event, key)], on=on, audience=audience)[0]


def publish_many(
    events: Iterable[tuple[Event, int | str]],
    *,
    on: object | None = None,
    audience: Audience | None = None,
) -> list[uuid.UUID]:
    """Write several events with their keys in one statement; see :func:`publish`."""
    if not connection.in_atomic_block:
        raise RuntimeError("publish(): outside a transaction; call it inside the use case")
    seen_by = audience or (Audience.of(on) if on is not None else Audience())
    rows = [_row(event, str(key), seen_by) for event, key in events]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [msgspec.json.encode(rows).decode()])
    return [uuid.UUID(row["event_id"]) for row in rows]


def _row(event: Event, key: str, audience: Audience) -> dict[str, Any]:
    acting = current()
    event_id = str(uuid.uuid4())
    envelope = pack(
        event,
        event_id=event_id,
        key=key,
        at=timezone.now(),
        who=acting.person,
        request_id=acting.request_id,
    )
    envelope |= {
        "orgid": audience.owner_org_id,
        "areaid": audience.area_id,
        "dataclass": audience.data_class,
        "subjectid": audience.subject_id,
    }
    if (size := len(msgspec.json.encode(envelope))) > MAX_BYTES:
        raise ValueError(
            f"{event.type}: {size} bytes, at most {MAX_BYTES}; publish ids, not whole documents"
        )
    partition = f"{thing_of(event.type)}:{key}"[:150]
    return {
        "event_id": event_id,
        "type": event.type,
        "partition": partition,
        "shard": zlib.crc32(partition.encode()) % SHARDS,
        "envelope": envelope,
    }
