"""Handlers as durable consumers of JetStream.

Each handler has one durable pull consumer with one message in flight: after a crash the message
that was being handled comes first again, so the order holds. Of several processes one leads a
handler, by a lock of the database session in which it works; another takes over when it dies.
Events that the transport lost are found in the outbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from django.db import DatabaseError, connection
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from sen.kernel.broker import EVENT_STREAM, connect, ensure_event_stream
from sen.kernel.events.base import subject_of
from sen.kernel.events.delivery import deliver, retry_due
from sen.kernel.events.handlers import Handler, handlers
from sen.kernel.events.models import HandlerStart, OutboxEvent
from sen.kernel.events.relay import note_handlers, numbered

logger = logging.getLogger(__name__)

T = TypeVar("T")

LOCK_SPACE: Final = 597_002
ACK_WAIT_S: Final = 5.0
FETCH_S: Final = 5.0
STANDBY_S: Final = 1.0
RETRY_S: Final = 1.0
SEARCH_S: Final = 60.0
#: An event that was sent so long ago and is nowhere any more is taken from the outbox.
LOST_AFTER_S: Final = 60

_LOST: Final = """
SELECT o.* FROM kernel_events_outboxevent o
JOIN kernel_events_handlerstart h ON h.handler = %(handler)s AND o.created_at >= h.since
WHERE o.type = ANY(%(types)s)
  AND o.created_at > now() - interval '3 days'
  AND o.sent_at < now() - make_interval(secs => %(age)s)
  AND NOT EXISTS (SELECT 1 FROM kernel_events_inboxentry i
    WHERE i.event_id = o.event_id AND i.handler = %(handler)s)
  AND NOT EXISTS (SELECT 1 FROM kernel_events_delivery d
    WHERE d.event_id = o.event_id AND d.handler = %(handler)s)
ORDER BY o.id LIMIT 500
"""


class NotLeadingError(RuntimeError):
    """Another process leads the handler, or the lock was lost with its connection."""


class Lane:
    """A thread with a database connection in which some handlers work, one at a time."""

    def __init__(self, number: int) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"lane-{number}")
        self._leads: dict[str, int] = {}

    async def run(self, function: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: self._guarded(function, args))

    def _guarded(self, function: Callable[..., T], args: tuple[object, ...]) -> T:
        try:
            return function(*args)
        except DatabaseError:
            if not connection.is_usable():
                connection.close()
            raise

    def lead(self, handler: Handler) -> bool:
        """Take the lock of a handler unless another process has it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_lock(%s, %s), pg_backend_pid()",
                [LOCK_SPACE, _lock_of(handler)],
            )
            taken, backend = cursor.fetchone()
        if taken:
            self._leads[handler.name] = backend
        return bool(taken)

    def check_leading(self, handler: Handler) -> None:
        """Raise unless the connection that took the lock is still the one in use."""
        connection.ensure_connection()
        backend = connection.connection.info.backend_pid
        if self._leads.get(handler.name) != backend:
            self._leads.pop(handler.name, None)
            raise NotLeadingError(handler.name)

    def handle(self, handler: Handler, envelope: dict[str, Any]) -> None:
        self.check_leading(handler)
        deliver(handler, envelope)

    def retry(self) -> int:
        """Try again what is due for the handlers led here."""
        return retry_due(list(self._leads)) if self._leads else 0

    def find_lost(self, handler: Handler) -> int:
        """Handle events that were sent but reached neither inbox nor queue."""
        self.check_leading(handler)
        lost = lost_events(handler)
        for row in lost:
            logger.warning("event %s: taken from the outbox for %s", row.event_id, handler.name)
            deliver(handler, numbered(row))
        return len(lost)


def lost_events(handler: Handler, *, age_s: float = LOST_AFTER_S) -> list[OutboxEvent]:
    """Events of the last days that were sent but are known nowhere on this handler's side."""
    types = [cls.type for cls in handler.types]
    parameters = {"handler": handler.name, "types": types, "age": age_s}
    return list(OutboxEvent.objects.raw(_LOST, parameters))


def _lock_of(handler: Handler) -> int:
    return zlib.crc32(handler.name.encode()) & 0x7FFF_FFFF


async def run_consumers(*, nats_url: str, lanes: int, stop: asyncio.Event) -> None:
    """Run every registered handler until ``stop`` is set."""
    pool = [Lane(number) for number in range(max(1, min(lanes, len(handlers) or 1)))]
    await _prepare(pool[0])
    client = await connect(nats_url, name="sen-consumers")
    stream = client.jetstream(timeout=ACK_WAIT_S)
    followers = [
        asyncio.create_task(_follow(stream, handler, pool[i % len(pool)]))
        for i, handler in enumerate(handlers)
    ]
    retriers = [asyncio.create_task(_retry(lane)) for lane in pool]
    await stop.wait()
    for task in (*followers, *retriers):
        task.cancel()
    await asyncio.gather(*followers, *retriers, return_exceptions=True)
    await client.close()


async def _prepare(lane: Lane) -> None:
    while True:
        try:
            await lane.run(note_handlers)
        except DatabaseError as error:
            logger.warning("consumers: database: %s", error)
            await asyncio.sleep(STANDBY_S)
        else:
            return


async def _retry(lane: Lane) -> None:
    while True:
        try:
            await lane.run(lane.retry)
        except DatabaseError as error:
            logger.warning("consumers: retrying: %s", error)
        await asyncio.sleep(RETRY_S)


async def _follow(stream: JetStreamContext, handler: Handler, lane: Lane) -> None:
    """Handle the events of one handler for ever, whatever goes away meanwhile."""
    while True:
        try:
            if await lane.run(lane.lead, handler):
                await _consume(stream, handler, lane)
        except (DatabaseError, NatsError, NotLeadingError, OSError, TimeoutError) as error:
            logger.warning("consumers: %s: %r", handler.name, error)
        await asyncio.sleep(STANDBY_S)


async def _consume(stream: JetStreamContext, handler: Handler, lane: Lane) -> None:
    since = await lane.run(_since, handler)
    await ensure_event_stream(stream)
    await _ensure_consumer(stream, handler, since)
    pull = await stream.pull_subscribe_bind(handler.durable, stream=EVENT_STREAM)
    searched = 0.0
    try:
        while True:
            try:
                [message] = await pull.fetch(1, timeout=FETCH_S)
            except TimeoutError:
                await lane.run(lane.check_leading, handler)
                now = asyncio.get_running_loop().time()
                if now - searched > SEARCH_S:
                    searched = now
                    await _search(stream, handler, lane)
                continue
            await _handle(message, handler, lane)
    finally:
        with contextlib.suppress(NatsError, OSError):
            await pull.unsubscribe()


async def _search(stream: JetStreamContext, handler: Handler, lane: Lane) -> None:
    """Look for lost events when the consumer has nothing left to deliver."""
    info = await stream.consumer_info(EVENT_STREAM, handler.durable)
    if not info.num_pending and not info.num_ack_pending:
        await lane.run(lane.find_lost, handler)


async def _handle(message: Msg, handler: Handler, lane: Lane) -> None:
    envelope = msgspec.json.decode(message.data)
    beat = asyncio.create_task(_keep_busy(message))
    try:
        await lane.run(lane.handle, handler, envelope)
    except BaseException:
        with contextlib.suppress(NatsError, OSError):
            await message.nak()
        raise
    finally:
        beat.cancel()
    await message.ack()


async def _keep_busy(message: Msg) -> None:
    """Tell the server that a long-running handler still lives."""
    while True:
        await asyncio.sleep(ACK_WAIT_S / 3)
        await message.in_progress()


def _since(handler: Handler) -> datetime:
    return HandlerStart.objects.get(handler=handler.name).since


async def _ensure_consumer(stream: JetStreamContext, handler: Handler, since: datetime) -> None:
    config = ConsumerConfig(
        durable_name=handler.durable,
        filter_subjects=[subject_of(cls.type) for cls in handler.types],
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_S,
        max_ack_pending=1,
        deliver_policy=DeliverPolicy.ALL,
    )
    try:
        known = await stream.consumer_info(EVENT_STREAM, handler.durable)
    except NotFoundError:
        config.deliver_policy = DeliverPolicy.BY_START_TIME
        config.opt_start_time = since
        await stream.add_consumer(EVENT_STREAM, config)
        return
    subjects = known.config.filter_subjects or [known.config.filter_subject]
    if set(subjects) != set(config.filter_subjects or []):
        config.deliver_policy = known.config.deliver_policy
        config.opt_start_time = known.config.opt_start_time
        await stream.add_consumer(EVENT_STREAM, config)
