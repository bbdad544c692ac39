"""Live streams as a process of their own: ``uvicorn sen.kernel.live.app:app``.

Plain ASGI without Django: ``GET /live/stream?ticket=…`` is an event stream (SSE). The ticket comes
from ``/live/ticket``, the messages from NATS. ``/live/health`` and, from this machine only,
``/live/metrics`` say how it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from nats.aio.client import Client as NatsClient
from nats.aio.msg import Msg

from sen.kernel.broker import connect
from sen.kernel.live.fanout import Client, Hub
from sen.kernel.live.messages import CLOSE, SUBJECTS, decode
from sen.kernel.live.problems import PROBLEMS, Problem
from sen.kernel.live.tickets import Ticket, TicketError, signing_key, verify

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

END_S: Final = 5.0
RETRY_MS: Final = 3000
LOOPBACK: Final = ("127.0.0.1", "::1")


class LiveApp:
    """The application; one per process."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.key = b""
        self.origins: frozenset[str] = frozenset()
        self.nats_url = ""
        self._nats: NatsClient | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    # --- life of the process -------------------------------------------------------------------

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    self.configure(os.environ)
                except ValueError as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                self._tasks = [
                    asyncio.create_task(self._listen()),
                    asyncio.create_task(self._beat()),
                ]
                await send({"type": "lifespan.startup.complete"})
            else:
                self.hub.close_all("restart")
                for task in self._tasks:
                    task.cancel()
                if self._nats is not None:
                    await self._nats.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def configure(self, environment: MutableMapping[str, str]) -> None:
        """Read the settings.

        Raises:
            ValueError: there is no secret to check tickets with.
        """
        secret = environment.get("SEN_SECRET_KEY", "")
        if not secret:
            raise ValueError("SEN_SECRET_KEY is empty: live streams cannot check tickets")
        self.key = signing_key(secret)
        self.nats_url = environment.get("NATS_URL", "")
        port = environment.get("SEN_PORT", "8000")
        hosts = {environment.get("SEN_HOST", "127.0.0.1"), "127.0.0.1", "localhost"}
        listed = environment.get("SEN_TRUSTED_ORIGINS", "")
        self.origins = frozenset(
            [*(f"http://{host}:{port}" for host in hosts), *filter(None, listed.split(","))]
        )

    async def _listen(self) -> None:
        if not self.nats_url:
            logger.warning("live: NATS_URL is empty, streams stay silent")
            return
        self._nats = await connect(self.nats_url, name="sen-live")
        await self._nats.subscribe(SUBJECTS, cb=self._received)

    async def _received(self, message: Msg) -> None:
        topic = message.subject.removeprefix("live.")
        if topic.startswith(CLOSE + "."):
            actor = topic.removeprefix(CLOSE + ".")
            if actor.isdigit():
                self.hub.close_actor(int(actor))
            return
        try:
            self.hub.receive(decode(message.data))
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            logger.warning("live: message on %s not understood: %s", message.subject, error)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.hub.tick()

    # --- requests ------------------------------------------------------------------------------

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path == "/live/stream" and method == "GET":
            await self._stream(scope, receive, send)
        elif path == "/live/health" and method == "GET":
            await self._health(send)
        elif path == "/live/metrics" and (scope.get("client") or ("",))[0] in LOOPBACK:
            await _answer(send, 200, b"text/plain; version=0.0.4", self._metrics())
        else:
            await self._refuse(send, scope, PROBLEMS["not-found"])

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        query = parse_qs(scope["query_string"].decode("latin-1"))
        try:
            ticket = verify(query.get("ticket", [""])[0], self.key)
        except TicketError as error:
            await self._refuse(send, scope, PROBLEMS[error.reason])
            return
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and origin != ticket.origin and origin not in self.origins:
            await self._refuse(send, scope, PROBLEMS["origin"])
            return
        if not self.hub.has_room(ticket.session):
            await self._refuse(send, scope, PROBLEMS["too-many"])
            return
        last_id = headers.get(b"last-event-id", b"").decode("latin-1")
        await self._run(ticket, origin, last_id or query.get("last", [""])[0], receive, send)

    async def _run(
        self, ticket: Ticket, origin: str, last_id: str, receive: Receive, send: Send
    ) -> None:
        """Hold one stream open until either side ends it."""
        task = asyncio.current_task()
        reason = ""

        def end(why: str) -> None:
            nonlocal reason
            if not reason:
                reason = why
                self.hub.leave(client)
                if task is not None:
                    task.cancel()

        client = Client(ticket.session, ticket.actor, _writer(send), end)
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                    (b"x-content-type-options", b"nosniff"),
                    *_cors(origin),
                ],
            }
        )
        self.hub.join(client, ticket.topics)
        del ticket
        try:
            first = b"retry: %d\n\n" % RETRY_MS
            if last_id:
                first += self.hub.replay(client, last_id)
            await send({"type": "http.response.body", "body": first, "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not reason:
                raise
        finally:
            self.hub.leave(client)
        if reason:
            last = b'event: closed\ndata: {"reason":"%s"}\n\n' % reason.encode()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(
                    send({"type": "http.response.body", "body": last, "more_body": False}), END_S
                )

    async def _health(self, send: Send) -> None:
        connected = self._nats is not None and self._nats.is_connected
        body = msgspec.json.encode({"nats": connected, "streams": len(self.hub.clients)})
        await _answer(send, 200 if connected else 503, b"application/json", body)

    def _metrics(self) -> bytes:
        counts = self.hub.counts
        figures = {
            "sen_live_streams": len(self.hub.clients),
            "sen_live_groups": self.hub.groups,
            "sen_live_messages_received_total": counts.received,
            "sen_live_messages_delivered_total": counts.delivered,
            "sen_live_messages_replayed_total": counts.replayed,
            "sen_live_slow_clients_total": counts.slow,
            "sen_live_streams_refused_total": counts.refused,
        }
        return "".join(f"{name} {value}\n" for name, value in figures.items()).encode()

    async def _refuse(self, send: Send, scope: Scope, problem: Problem) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        english = headers.get(b"accept-language", b"").lower().startswith(b"en")
        await _answer(
            send,
            problem.status,
            b"application/problem+json",
            problem.encoded(english=english),
            _cors(origin if origin in self.origins else ""),
        )


def _writer(send: Send) -> Callable[[bytes], bool]:
    """A function that writes to the client now or not at all.

    The server's ``send`` waits only when the socket takes no more. Running one step of it tells
    the two cases apart without a task per client and message.
    """

    def write(body: bytes) -> bool:
        step = send({"type": "http.response.body", "body": body, "more_body": True}).__await__()
        try:
            next(step)
        except StopIteration:
            return True
        close = getattr(step, "close", None)
        if close is not None:
            close()
        return False

    return write


def _cors(origin: str) -> list[tuple[bytes, bytes]]:
    allowed = [(b"access-control-allow-origin", origin.encode("latin-1"))] if origin else []
    return [*allowed, (b"vary", b"Origin")]


async def _answer(
    send: Send,
    status: int,
    content_type: bytes,
    body: bytes,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", content_type),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                *(headers or []),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


app = LiveApp()
