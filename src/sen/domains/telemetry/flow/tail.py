"""Reading a JetStream stream from a number on, for readers that keep their own place.

The place lies in PostgreSQL, in the transaction of what was made of the messages. The server
therefore keeps no acknowledgements; a consumer that it lost is made anew where we are.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from sen.domains.telemetry import wire
from sen.kernel.broker import ensure_stream

logger = logging.getLogger(__name__)

#: How many messages may be under way to us, and how long one request for more holds.
WINDOW: Final = 1024
HOLD_S: Final = 10.0
SILENT_S: Final = 3.0
AWAY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of the stream; ``at_us`` is when the server stored it."""

    seq: int
    subject: str
    data: bytes
    at_us: int


class GoneError(RuntimeError):
    """The consumer has to be made anew."""


class Tail:
    """Messages of one stream after ``after``, in order, each once, whatever dies meanwhile."""

    def __init__(self, client: Client, stream: str, *, after: int, subjects: str = "") -> None:
        self.client = client
        self.stream = stream
        self.after = after
        self.subjects = subjects
        self._name = ""
        self._subscription: Subscription | None = None
        self._wanted = 0
        self._delivered = 0
        self._asked_at = 0.0
        self._reconnects = 0

    async def next(self, *, limit_bytes: int, wait_s: float) -> list[Entry]:
        """What is there, at least one message unless none comes within ``wait_s``."""
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            try:
                return await self._next(limit_bytes, deadline)
            except (GoneError, NatsError, OSError, TimeoutError) as error:
                logger.info(
                    "telemetry: %s is read anew after %d: %r", self.stream, self.after, error
                )
                await self.close()
            if asyncio.get_running_loop().time() >= deadline:
                return []
            await asyncio.sleep(AWAY_S)

    async def close(self) -> None:
        if self._subscription is not None:
            with contextlib.suppress(NatsError, OSError):
                await self._subscription.unsubscribe()
        if self._name:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await self.client.jetstream(timeout=1).delete_consumer(self.stream, self._name)
        self._subscription, self._name = None, ""

    async def _open(self) -> Subscription:
        context = self.client.jetstream(timeout=3)
        state = (await context.stream_info(self.stream)).state
        if self.after > state.last_seq:
            # The stream was lost with its disk and counts from the beginning again.
            logger.error(
                "telemetry: %s ends at %d, we were at %d", self.stream, state.last_seq, self.after
            )
            raise StreamLostError(self.stream, state.last_seq, self.after)
        info = await context.add_consumer(
            self.stream,
            ConsumerConfig(
                ack_policy=AckPolicy.NONE,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self.after + 1,
                inactive_threshold=30.0,
                mem_storage=True,
                max_waiting=8,
                filter_subject=self.subjects or None,
            ),
        )
        self._name = info.name or ""
        self._wanted = self._delivered = 0
        self._reconnects = self.client.stats["reconnects"]
        self._subscription = await self.client.subscribe(
            self.client.new_inbox(), pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        return self._subscription

    async def _next(self, limit_bytes: int, deadline: float) -> list[Entry]:
        subscription = self._subscription or await self._open()
        loop = asyncio.get_running_loop()
        found: list[Entry] = []
        size = 0
        while not found:
            await self._ask(subscription)
            self._check_alive()
            left = deadline - loop.time()
            if left <= 0:
                return found
            try:
                message = await subscription.next_msg(timeout=min(left, 1.0))
            except TimeoutError:
                continue
            if entry := self._take(message):
                found.append(entry)
                size += len(entry.data)
        queue = subscription._pending_queue  # noqa: SLF001  next_msg would wait for each
        while not queue.empty() and size < limit_bytes:
            if entry := self._take(await subscription.next_msg(timeout=1)):
                found.append(entry)
                size += len(entry.data)
        await self._ask(subscription)
        self.after = found[-1].seq
        return found

    def _check_alive(self) -> None:
        """A server that came back knows our consumer no more, and one that answers ends requests.

        Raises:
            GoneError: the consumer has to be made anew.
        """
        if self.client.stats["reconnects"] != self._reconnects:
            raise GoneError("the server went away and came back")
        if asyncio.get_running_loop().time() - self._asked_at > HOLD_S + SILENT_S:
            raise GoneError("silent")

    async def _ask(self, subscription: Subscription) -> None:
        if self._wanted > WINDOW // 2:
            return
        request = {
            "batch": WINDOW - self._wanted,
            "expires": int(HOLD_S * 1e9),
        }
        self._wanted = WINDOW
        self._asked_at = asyncio.get_running_loop().time()
        await self.client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self.stream}.{self._name}",
            msgspec.json.encode(request),
            reply=subscription.subject,
        )

    def _take(self, message: Msg) -> Entry | None:
        headers = message.headers or {}
        if status := headers.get("Status"):
            if status in ("404", "408") or "Batch Completed" in headers.get("Description", ""):
                self._wanted -= int(headers.get("Nats-Pending-Messages", self._wanted))
                return None
            raise GoneError(f"{status} {headers.get('Description', '')}")
        # $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>
        tokens = message.reply.split(".")[-5:]
        seq, number, at_ns = int(tokens[1]), int(tokens[2]), int(tokens[3])
        if number != self._delivered + 1:
            raise GoneError(f"message {self._delivered + 1} of the consumer is missing")
        self._delivered = number
        self._wanted -= 1
        return Entry(seq, message.subject, message.data, at_ns // 1000)


class StreamLostError(RuntimeError):
    """The stream is shorter than what was read of it: it was made anew on an empty disk."""

    def __init__(self, stream: str, last: int, after: int) -> None:
        super().__init__(f"{stream} ends at {last}, but {after} was read")
        self.last = last


async def ensure_observation_stream(client: Client) -> None:
    """The stream of batches; the writer empties it, and may be away for three days."""
    await ensure_stream(
        client.jetstream(),
        name=wire.STREAM,
        subjects=[wire.SUBJECTS],
        kept_s=3 * 86_400,
        max_bytes=4_000_000_000,
    )


async def last_number(client: Client, stream: str) -> int:
    """The number of the newest message, 0 where there is none."""
    try:
        info: Any = await client.jetstream(timeout=3).stream_info(stream)
    except NotFoundError:
        return 0
    return int(info.state.last_seq)


def utc(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC)
