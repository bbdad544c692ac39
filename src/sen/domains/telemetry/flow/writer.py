"""The writer: from the stream of observations to the store, and newest values to live screens."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import psycopg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from sen.domains.telemetry import wire
from sen.domains.telemetry.flow.screens import Screens
from sen.domains.telemetry.flow.tail import (
    Entry,
    StreamLostError,
    Tail,
    ensure_observation_stream,
)
from sen.domains.telemetry.store.columns import Block, gather
from sen.domains.telemetry.store.upkeep import Upkeep
from sen.domains.telemetry.store.writing import Dead, Store, TakenError
from sen.kernel.broker import connect
from sen.kernel.sideline import open_sideline

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: One transaction holds at most so much; while it runs, the next gathers.
GROUP_BYTES: Final = 4_000_000
IDLE_S: Final = 0.5
RETRY_S: Final = 1.0
#: Noting newest values takes at most this part of the time.
NOTE_SHARE: Final = 0.1
NOTE_MIN_S: Final = 0.1
NOTE_MAX_S: Final = 2.0
EMPTY_EVERY_S: Final = 30.0
#: What a message may do to us: it is put aside, and those behind it are stored.
_NOT_STORED: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    ValueError,
    TypeError,
    OverflowError,
)


async def run_writer(*, nats_url: str, stop: asyncio.Event) -> None:
    """Write until ``stop`` is set; what goes away meanwhile is waited for."""
    upkeep = Upkeep()
    upkeep.start()
    client = await connect(nats_url, name="sen-telemetry-writer")
    while not stop.is_set():
        writer = Writer(client)
        try:
            await writer.run(stop)
        except TakenError as error:
            logger.info("telemetry: %s", error)
        except StreamLostError as error:
            logger.error("telemetry: %s; reading begins anew", error)
            await writer.restart()
        except (psycopg.OperationalError, NatsError, OSError, TimeoutError) as error:
            logger.warning("telemetry: writer: %r", error)
        finally:
            await writer.close()
        if not stop.is_set():
            await asyncio.sleep(RETRY_S)
    await client.close()
    upkeep.stop()


class Writer:
    """One life of the writer: a connection to the database, a place in the stream."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.store: Store | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._screens = Screens()
        self._waiting: list[Block] = []
        self._devices: dict[int, int] = {}
        self._note_at = 0.0
        self._show_at = 0.0
        self._unseen: list[Block] = []
        self._empty_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Write until ``stop`` is set.

        Raises:
            TakenError: another process writes.
            StreamLostError: the stream is not the one that was read so far.
            OperationalError: the database is away.
        """
        await ensure_observation_stream(self.client)
        self.store = await self._in_thread(_open_store)
        tail = Tail(self.client, wire.STREAM, after=self.store.noted)
        try:
            while not stop.is_set():
                entries = await tail.next(limit_bytes=GROUP_BYTES, wait_s=self._patience())
                await self._turn(entries)
            await self._in_thread(self._note)
        finally:
            await tail.close()

    async def restart(self) -> None:
        if self.store is not None:
            await self._in_thread(self.store.restart)

    async def close(self) -> None:
        if self.store is not None:
            await self._in_thread(self.store.connection.close)
        self._thread.shutdown()

    async def _in_thread(self, function: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *given)

    def _patience(self) -> float:
        if not (self._waiting or self._unseen):
            return IDLE_S
        due = min(
            self._note_at if self._waiting else self._show_at,
            self._show_at if self._unseen else self._note_at,
        )
        return min(IDLE_S, max(0.0, due - time.monotonic()))

    async def _turn(self, entries: list[Entry]) -> None:
        if entries:
            await self._in_thread(self._write, entries)
            await self.client.publish(wire.COMMITTED, b"%d" % entries[-1].seq)
        now = time.monotonic()
        if self._unseen and now >= self._show_at:
            blocks, self._unseen = self._unseen, []
            self._show_at = now + 1.0
            for message in await self._in_thread(self._screens.messages, blocks):
                await self.client.publish(message.subject, message.encoded())
        if self._waiting and now >= self._note_at:
            await self._in_thread(self._note)
            spent = time.monotonic() - now
            pause = min(NOTE_MAX_S, max(NOTE_MIN_S, spent * (1 / NOTE_SHARE - 1)))
            self._note_at = time.monotonic() + pause
        if now >= self._empty_at:
            self._empty_at = now + EMPTY_EVERY_S
            await self._empty()

    async def _empty(self) -> None:
        """Take out of the stream what every reader is done with."""
        assert self.store is not None
        done = await self._in_thread(self.store.read_by_all)
        if done > 0:
            stream = self.client.jetstream(timeout=5)
            await stream.purge_stream(wire.STREAM, seq=done + 1)

    # --- in the thread -------------------------------------------------------------------------

    def _write(self, entries: Sequence[Entry]) -> None:
        """Store messages; one that the database refuses is found, put aside and passed by."""
        assert self.store is not None
        known = [entry for entry in entries if entry.seq <= self.store.seq]
        fresh = [entry for entry in entries if entry.seq > self.store.seq]
        for batch, _dead in map(self._read, known):
            if batch is not None and len(batch):
                self._keep(gather([batch]), [batch])
        if not fresh:
            return
        read = [self._read(entry) for entry in fresh]
        try:
            self._store(read, fresh[-1].seq)
        except _NOT_STORED as error:
            logger.warning("telemetry: %d messages are stored one by one: %r", len(fresh), error)
            for entry, one in zip(fresh, read, strict=True):
                self._store_alone(entry, one)

    def _store_alone(self, entry: Entry, one: tuple[wire.Batch | None, Dead | None]) -> None:
        try:
            self._store([one], entry.seq)
        except _NOT_STORED as error:
            self._store([(None, _dead(entry, "not-stored", error))], entry.seq)

    def _store(self, read: Sequence[tuple[wire.Batch | None, Dead | None]], seq: int) -> None:
        assert self.store is not None
        batches = [batch for batch, _ in read if batch is not None and len(batch)]
        dead = [item for _, item in read if item is not None]
        block = self.store.write(batches, seq, dead)
        if block is not None:
            self._keep(block, batches)

    def _keep(self, block: Block, batches: Sequence[wire.Batch]) -> None:
        self._waiting.append(block)
        self._unseen.append(block)
        for batch in batches:
            if batch.device:
                self._devices[batch.device] = max(
                    self._devices.get(batch.device, 0), batch.received_us
                )

    def _read(self, entry: Entry) -> tuple[wire.Batch | None, Dead | None]:
        assert self.store is not None
        try:
            batch = wire.decode(entry.data)
            self.store.check(batch)
        except wire.BatchError as error:
            logger.warning("telemetry: message %d put aside: %s", entry.seq, error)
            return None, _dead(entry, "no-batch", error)
        return batch, None

    def _note(self) -> None:
        if self._waiting and self.store is not None:
            blocks, self._waiting = self._waiting, []
            devices, self._devices = self._devices, {}
            self.store.note(blocks, self.store.seq, devices)


def _dead(entry: Entry, reason: str, error: Exception) -> Dead:
    return Dead(f"{wire.STREAM}/{entry.seq}", reason, str(error)[:2000], entry.data)


def _open_store() -> Store:
    store = Store(open_sideline())
    try:
        store.open()
    except BaseException:
        store.connection.close()
        raise
    return store
