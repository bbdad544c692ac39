"""From the outbox to the transport, in order per thing.

A shard of the outbox is locked while its events are sent, so two relays share the work and never
mix the order. What was sent but not yet marked when a relay dies is sent again with the same
message id. Without a transport the relay hands the events to the handlers itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.db import connection, transaction
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from sen.kernel.events.delivery import deliver
from sen.kernel.events.handlers import handlers, handlers_of
from sen.kernel.events.models import Delivery, HandlerStart, OutboxEvent

logger = logging.getLogger(__name__)

BATCH: Final = 400
LOCK_SPACE: Final = 597_001

Envelope = dict[str, Any]


class Transport(Protocol):
    """What carries events to other processes and values to live screens."""

    def send(self, shards: Mapping[int, list[Envelope]]) -> list[int]:
        """Store the events of each shard in order; returns the sequence numbers that are safe.

        After the first failure in a shard nothing more of that shard is sent.
        """

    def show(self, envelopes: Iterable[Envelope]) -> None:
        """Pass on to live screens those events that are shown there; nothing is kept."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the transport is behind: the age of the oldest unsent event and the queues."""

    waiting: int
    oldest_s: float
    retrying: int
    parked: int


def lag() -> Lag:
    """The state of the outbox and of undelivered events, for health checks and metrics."""
    pending = OutboxEvent.objects.filter(sent_at=None)
    oldest = pending.aggregate(at=Min("created_at"))["at"]
    parked = Delivery.objects.filter(state=Delivery.State.PARKED).count()
    return Lag(
        waiting=pending.count(),
        oldest_s=max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0,
        retrying=Delivery.objects.count() - parked,
        parked=parked,
    )


def relay_batch(transport: Transport) -> tuple[int, int]:
    """Send one batch of what is pending; returns how many were sent and how many were left.

    Raises:
        OperationalError: the database is away.
    """
    with transaction.atomic():
        rows = _locked_rows(BATCH)
        shards: dict[int, list[Envelope]] = {}
        for row in rows:
            shards.setdefault(row.shard, []).append(numbered(row))
        sent = transport.send(shards) if shards else []
        done = set(sent)
        OutboxEvent.objects.filter(pk__in=sent).update(sent_at=Now())
        transport.show(numbered(row) for row in rows if row.pk in done)
    return len(sent), len(rows) - len(sent)


def deliver_pending(
    *, raise_errors: bool = True, show: Callable[[Envelope], None] | None = None
) -> int:
    """Hand every pending event to its handlers in this process; returns how many events.

    Events that the handlers publish follow in the same call. Tests call it after the act that
    they test; the relay calls it where there is no transport.
    """
    total = 0
    while _deliver_one(raise_errors, show):
        total += 1
    return total


def _deliver_one(raise_errors: bool, show: Callable[[Envelope], None] | None) -> bool:
    with transaction.atomic():
        rows = _locked_rows(1)
        for row in rows:
            envelope = numbered(row)
            for handler in handlers_of(row.type):
                deliver(handler, envelope, raise_errors=raise_errors)
            OutboxEvent.objects.filter(pk=row.pk).update(sent_at=Now())
            if show:
                show(envelope)
    return bool(rows)


def note_handlers() -> None:
    """Remember since when each handler listens."""
    for handler in handlers:
        HandlerStart.objects.get_or_create(handler=handler.name)


def _locked_rows(limit: int) -> list[OutboxEvent]:
    """The oldest pending events of all shards that no other relay holds, locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shard FROM (SELECT DISTINCT shard FROM kernel_events_outboxevent"
            " WHERE sent_at IS NULL ORDER BY shard) AS pending"
            " WHERE pg_try_advisory_xact_lock(%s, shard)",
            [LOCK_SPACE],
        )
        shards = [shard for (shard,) in cursor.fetchall()]
    if not shards:
        return []
    pending = OutboxEvent.objects.filter(sent_at=None, shard__in=shards)
    return list(pending.order_by("id")[:limit])


def numbered(row: OutboxEvent) -> Envelope:
    """The envelope with its place in the outbox (CloudEvents extension ``sequence``)."""
    return {**row.envelope, "sequence": str(row.pk)}
