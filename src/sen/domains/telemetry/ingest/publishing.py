"""Batches to the stream, and waiting until the writer has stored them.

What comes while one message is on its way to the disk goes together in the next: single
observations of many devices cost one flush and one transaction, not one each.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from sen.domains.telemetry import wire
from sen.domains.telemetry.wire import Batch

logger = logging.getLogger(__name__)

#: So many messages may be on their way at once.
LANES: Final = 2
GROUP_ROWS: Final = 20_000
#: Above it nothing more is taken: the sender is told to come again.
WAITING_ROWS: Final = 500_000
ACK_S: Final = 5.0
COMMIT_S: Final = 5.0


class FullError(RuntimeError):
    """More waits than may."""


@dataclass(slots=True)
class _Waiter:
    batch: Batch
    done: asyncio.Future[int]


@dataclass(slots=True)
class Publisher:
    """Sends batches in groups; one per process."""

    client: Client
    _stream: JetStreamContext | None = None
    _queue: list[_Waiter] = field(default_factory=list)
    _rows: int = 0
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _committed: int = 0
    _waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    stored: int = 0

    async def start(self) -> list[asyncio.Task[None]]:
        await self.client.subscribe(wire.COMMITTED, cb=self._note_commit)
        self._stream = self.client.jetstream(timeout=ACK_S)
        return [asyncio.create_task(self._lane()) for _ in range(LANES)]

    async def put(self, batch: Batch) -> int:
        """Bring a batch into the stream; returns the number of its message.

        Raises:
            FullError: too much waits already.
            OSError, nats.errors.Error: the stream cannot take it now.
        """
        if self._rows > WAITING_ROWS:
            raise FullError
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiter(batch, done))
        self._rows += len(batch)
        self._bell.set()
        return await done

    async def committed(self, seq: int, timeout_s: float = COMMIT_S) -> bool:
        """Wait until the writer has stored message ``seq``; whether it did in time."""
        if seq <= self._committed:
            return True
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (seq, next(self._numbers), done))
        try:
            async with asyncio.timeout(timeout_s):
                await done
        except TimeoutError:
            return False
        return True

    async def _note_commit(self, message: Msg) -> None:
        if not message.data.isdigit():
            return
        self._committed = seq = int(message.data)
        while self._waiting and self._waiting[0][0] <= seq:
            done = heapq.heappop(self._waiting)[2]
            if not done.done():
                done.set_result(None)

    async def _lane(self) -> None:
        while True:
            await self._bell.wait()
            group = self._group()
            if not group:
                self._bell.clear()
                continue
            try:
                await self._send(group)
            except Exception as error:  # noqa: BLE001  the lane goes on, whatever was in a batch
                logger.warning("telemetry: %d batches not taken: %r", len(group), error)
                for waiter in group:
                    if not waiter.done.done():
                        waiter.done.set_exception(ConnectionError("the stream is away"))

    def _group(self) -> list[_Waiter]:
        rows = count = 0
        for waiter in self._queue:
            if rows and rows + len(waiter.batch) > GROUP_ROWS:
                break
            rows += len(waiter.batch)
            count += 1
        group, self._queue = self._queue[:count], self._queue[count:]
        self._rows -= rows
        return group

    async def _send(self, group: list[_Waiter]) -> None:
        assert self._stream is not None
        last = 0
        batch = group[0].batch if len(group) == 1 else merged([w.batch for w in group])
        for payload in wire.messages(batch):
            answer = await self._stream.publish(wire.SUBJECT, payload, stream=wire.STREAM)
            last = answer.seq
        self.stored += len(batch)
        for waiter in group:
            if not waiter.done.done():
                waiter.done.set_result(last)


def merged(batches: list[Batch]) -> Batch:
    """Batches of several senders as one without a sender."""
    extra = {}
    begin = 0
    for batch in batches:
        extra.update({begin + number: more for number, more in batch.extra.items()})
        begin += len(batch)
    senders = {batch.device for batch in batches}
    return Batch(
        senders.pop() if len(senders) == 1 else 0,
        max(batch.received_us for batch in batches),
        b"".join(batch.streams for batch in batches),
        b"".join(batch.times_us for batch in batches),
        b"".join(batch.values for batch in batches),
        b"".join(batch.quality for batch in batches),
        extra,
    )


def grouped(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Batches in their order as few larger ones."""
    group: list[Batch] = []
    rows = 0
    for batch in batches:
        if group and rows + len(batch) > GROUP_ROWS:
            yield merged(group)
            group, rows = [], 0
        group.append(batch)
        rows += len(batch)
    if group:
        yield merged(group) if len(group) > 1 else group[0]


def now_us() -> int:
    return time.time_ns() // 1000
