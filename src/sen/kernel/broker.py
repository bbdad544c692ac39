"""The NATS server as every process of the house reaches it. No Django.

NATS is transport: what it loses is in PostgreSQL (events) or is overwritten by the next value
(live screens).
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

logger = logging.getLogger(__name__)

T = TypeVar("T")

EVENT_STREAM: Final = "SEN_EVENTS"
EVENT_SUBJECTS: Final = "events.>"
KEPT_S: Final = 14 * 86_400
#: A message id is known for this long; later copies are stopped by the inbox of the handler.
DUPLICATES_S: Final = 600
CALL_S: Final = 10.0


class BrokerAwayError(ConnectionError):
    """The NATS server cannot be reached now."""


async def connect(url: str, *, name: str) -> Client:
    """A connection that comes back by itself for ever; waits until the first one stands.

    ``url`` may list several servers of a cluster, separated by commas.
    """
    servers = [part.strip() for part in url.split(",") if part.strip()]
    first = urlsplit(servers[0])
    plain = [_without_password(server) for server in servers]
    while True:
        try:
            return await nats.connect(
                servers=plain,
                name=name,
                user=unquote(first.username) if first.username else None,
                password=unquote(first.password) if first.password else None,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.5,
                connect_timeout=2,
                ping_interval=10,
                max_outstanding_pings=2,
                error_cb=_note_error,
            )
        except (TimeoutError, OSError, NatsError) as error:
            logger.warning("nats: %s does not answer (%s)", plain[0], error)
            await asyncio.sleep(0.5)


def _without_password(server: str) -> str:
    parts = urlsplit(server)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or 4222}"


async def _note_error(error: Exception) -> None:
    logger.debug("nats: %s", error)


async def ensure_event_stream(stream: JetStreamContext) -> None:
    """Create the stream of events, or bring its settings up to date."""
    await ensure_stream(stream, name=EVENT_STREAM, subjects=[EVENT_SUBJECTS], kept_s=KEPT_S)


async def ensure_stream(
    stream: JetStreamContext,
    *,
    name: str,
    subjects: list[str],
    kept_s: int,
    max_bytes: int = -1,
    duplicates_s: int = DUPLICATES_S,
) -> None:
    """Create a durable stream, or bring its settings up to date.

    ``NATS_REPLICAS`` says how many servers of a cluster keep it. What is full of ``max_bytes``
    takes nothing more instead of pushing out what nobody read yet.
    """
    config = StreamConfig(
        name=name,
        subjects=subjects,
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=kept_s,
        max_bytes=max_bytes,
        discard=DiscardPolicy.NEW if max_bytes > 0 else DiscardPolicy.OLD,
        duplicate_window=duplicates_s,
        num_replicas=int(os.environ.get("NATS_REPLICAS", "1")),
    )
    try:
        await stream.stream_info(name)
    except NotFoundError:
        await stream.add_stream(config)
    else:
        await stream.update_stream(config)


class Broker:
    """A connection kept by a thread of its own, for code that is not asynchronous."""

    def __init__(self, url: str, *, name: str) -> None:
        self.url = url
        self.name = name
        self._client: Client | None = None
        self._loop = asyncio.new_event_loop()
        self._opening = self._loop.create_task(self._open())
        self._thread = threading.Thread(target=self._run, name=f"nats-{name}", daemon=True)
        self._thread.start()

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    @property
    def client(self) -> Client:
        """The connection.

        Raises:
            BrokerAwayError: it does not stand.
        """
        if self._client is None or not self._client.is_connected:
            raise BrokerAwayError(f"NATS ({_without_password(self.url)}) does not answer")
        return self._client

    def call(self, work: Coroutine[Any, Any, T], *, timeout_s: float = CALL_S) -> T:
        """Run ``work`` on the connection's thread and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def wait(self, timeout_s: float = CALL_S) -> None:
        """Wait until the connection stood for the first time.

        Raises:
            BrokerAwayError: it does not within ``timeout_s``.
        """
        try:
            self.call(self._first(), timeout_s=timeout_s)
        except TimeoutError as error:
            raise BrokerAwayError(f"NATS does not answer within {timeout_s:.0f} s") from error

    def try_wait(self, timeout_s: float) -> bool:
        """Like :meth:`wait`, but says whether the connection stands."""
        try:
            self.wait(timeout_s)
        except BrokerAwayError:
            return False
        return True

    def publish_soon(self, subject: str, payload: bytes) -> bool:
        """Send without waiting; ``False`` when there is no connection and the value is dropped."""
        if not self.connected:
            return False
        self._loop.call_soon_threadsafe(self._start_publishing, subject, payload)
        return True

    def close(self) -> None:
        """Send what waits and end the thread."""

        async def end() -> None:
            if self._client is None:
                return
            if self._client.is_connected:
                await self._client.drain()
            else:
                await self._client.close()

        try:
            self.call(end(), timeout_s=3)
        except (OSError, NatsError) as error:
            logger.debug("nats: closing: %s", error)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(3)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _open(self) -> None:
        self._client = await connect(self.url, name=self.name)

    async def _first(self) -> None:
        await asyncio.shield(self._opening)

    def _start_publishing(self, subject: str, payload: bytes) -> None:
        task = self._loop.create_task(self._publish(subject, payload))
        task.add_done_callback(_swallow)

    async def _publish(self, subject: str, payload: bytes) -> None:
        if self._client is not None and self._client.is_connected:
            await self._client.publish(subject, payload)


def _swallow(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.debug("nats: %s", error)
