"""The door for observations by HTTP, as plain ASGI in a process of its own.

``POST /ingest/v1/observations`` takes one observation or many, as JSON, CBOR, SenML or OGC data
arrays, with the key of a device. It answers 201 when the writer has stored what was accepted, and
202 when it lies safely in the stream but was not stored within five seconds; sending the same
observations again changes nothing. ``/ingest/health`` and, from this machine only,
``/ingest/metrics`` say how it is.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import django
import msgspec
from nats.aio.client import Client
from nats.errors import Error as NatsError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
django.setup()

from django.db import DatabaseError, Error, connection  # noqa: E402  Django is set up first

from sen.domains.telemetry.flow.tail import ensure_observation_stream  # noqa: E402
from sen.domains.telemetry.ingest.bodies import read_body  # noqa: E402
from sen.domains.telemetry.ingest.callout import Callout  # noqa: E402
from sen.domains.telemetry.ingest.checks import Refusals, check_rows  # noqa: E402
from sen.domains.telemetry.ingest.directory import DeviceView, Directory  # noqa: E402
from sen.domains.telemetry.ingest.ending import Ending  # noqa: E402
from sen.domains.telemetry.ingest.entities import Target, Targets  # noqa: E402
from sen.domains.telemetry.ingest.hearers import Hearers  # noqa: E402
from sen.domains.telemetry.ingest.mosquitto import Mosquitto  # noqa: E402
from sen.domains.telemetry.ingest.mqtt import MqttDoor  # noqa: E402
from sen.domains.telemetry.ingest.notes import Notes  # noqa: E402
from sen.domains.telemetry.ingest.problems import PROBLEMS, RefusedError, document  # noqa: E402
from sen.domains.telemetry.ingest.publishing import FullError, Publisher, now_us  # noqa: E402
from sen.domains.telemetry.ingest.telling import Telling  # noqa: E402
from sen.domains.telemetry.pulls.runner import Pulls  # noqa: E402
from sen.domains.telemetry.results import json_schema, result_schemas  # noqa: E402
from sen.domains.telemetry.sta.answers import AwayError  # noqa: E402
from sen.domains.telemetry.sta.app import SensorThings  # noqa: E402
from sen.domains.telemetry.sta.service import ROOT  # noqa: E402
from sen.domains.telemetry.wire import Batch  # noqa: E402
from sen.kernel.broker import connect  # noqa: E402

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
T = TypeVar("T")

LIMIT_BYTES: Final = 8_000_000
PATH: Final = "/ingest/v1/observations"
SCHEMAS: Final = "/ingest/v1/schemas"
LOOPBACK: Final = ("127.0.0.1", "::1")
KINDS: Final = frozenset(
    {
        "",
        "application/json",
        "application/cbor",
        "application/octet-stream",
        "application/senml+json",
        "application/senml+cbor",
    }
)
#: Wrong keys from one address within a minute before it has to wait.
FAILURES: Final = 20
FAILURES_S: Final = 60.0


class DoorApp:
    """The application; one per process."""

    def __init__(self) -> None:
        self.directory = Directory()
        self.notes = Notes("http")
        self.publisher: Publisher | None = None
        self.mqtt: MqttDoor | None = None
        self.ending: Ending | None = None
        self.pulls: Pulls | None = None
        self.targets = Targets()
        self.hearers = Hearers()
        self.telling: Telling | None = None
        self._client: Client | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="directory")
        self._tasks: list[asyncio.Task[None]] = []
        self._failures: dict[str, list[float]] = {}
        self._looking: dict[str, asyncio.Future[DeviceView | None]] = {}
        self.sensor_things = SensorThings(self._deliver)

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
                self._tasks = [asyncio.create_task(self._open()), asyncio.create_task(self._beat())]
                await send({"type": "lifespan.startup.complete"})
            else:
                for task in self._tasks:
                    task.cancel()
                if self.notes.waiting:
                    await self._in_thread(self._write_notes)
                await self.sensor_things.close()
                if self._client is not None:
                    await self._client.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _open(self) -> None:
        url = os.environ.get("NATS_URL", "")
        if not url:
            logger.warning("telemetry: NATS_URL is empty, nothing can be taken")
            return
        self._client = await connect(url, name="sen-telemetry-door")
        while True:
            try:
                await ensure_observation_stream(self._client)
                break
            except (NatsError, OSError, TimeoutError) as error:
                logger.warning("telemetry: no stream yet: %r", error)
                await asyncio.sleep(1)
        publisher = Publisher(self._client)
        self._tasks += await publisher.start()
        self.publisher = publisher
        self.mqtt = MqttDoor(
            self._client, publisher, self._by_code, self._by_stream, self._in_thread
        )
        self._tasks.append(asyncio.create_task(self.mqtt.run()))
        self.telling = Telling(
            self._client,
            url,
            self.sensor_things.service,
            f"{_public_url()}{ROOT}/",
            self.hearers,
            publisher.committed,
            self._in_thread,
        )
        self._tasks.append(asyncio.create_task(self.telling.run()))
        await Callout(url, self._by_key, self._by_token).start(self._client)
        self.pulls = Pulls(publisher, self._by_code, self._in_thread)
        self._tasks.append(asyncio.create_task(self.pulls.run()))
        self.ending = Ending(url, self._in_thread)
        self._tasks.append(asyncio.create_task(self.ending.run()))
        if folder := os.environ.get("SEN_MOSQUITTO_DIR", ""):
            front = Mosquitto(Path(folder), self._in_thread)
            self._tasks.append(asyncio.create_task(front.run()))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(1)
            if self.notes.waiting:
                await self._in_thread(self._write_notes)
            old = time.monotonic() - FAILURES_S
            self._failures = {
                address: recent
                for address, times in self._failures.items()
                if (recent := [at for at in times if at > old])
            }

    def _write_notes(self) -> None:
        try:
            self.notes.write()
        except Error as error:
            logger.warning("telemetry: notes wait: %s", error)
            connection.close()

    async def _in_thread(self, function: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *given)

    # --- requests ------------------------------------------------------------------------------

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/sta/"):
            await self.sensor_things.handle(scope, receive, send)
            return
        headers = dict(scope["headers"])
        english = headers.get(b"accept-language", b"").lower().startswith(b"en")
        try:
            if path == PATH:
                await self._observations(scope, headers, receive, send, english=english)
            elif path == SCHEMAS or path.startswith(f"{SCHEMAS}/"):
                await _answer(send, 200, _schemas(path), b"application/schema+json")
            elif path == "/ingest/health":
                await self._health(send)
            elif path == "/ingest/metrics" and (scope.get("client") or ("",))[0] in LOOPBACK:
                await _answer(send, 200, self._metrics(), b"text/plain; version=0.0.4")
            else:
                raise RefusedError("not-found")
        except RefusedError as error:
            more = [(b"www-authenticate", b"Basic")] if error.code == "no-key" else []
            body = document(error.code, english=english, **error.given)
            status = PROBLEMS[error.code].status
            await _answer(send, status, body, b"application/problem+json", more)

    async def _observations(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        receive: Receive,
        send: Send,
        *,
        english: bool,
    ) -> None:
        if scope["method"] != "POST":
            raise RefusedError("method")
        view = await self._device(headers, _address(scope, headers))
        kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        try:
            if kind not in KINDS:
                raise RefusedError("media-type", type=kind[:80])
            body = await _read(receive)
        except RefusedError as error:
            self._refuse(view, error.code, 1, error.detail, b"")
            raise
        if not view.may_write:
            self._refuse(view, "not-active", 1, "", body)
            raise RefusedError("not-active")
        received = now_us()
        batch, refused = self._checked(view, kind, body, received)
        for code, count in refused.counts().items():
            self._refuse(view, code, count, _first(refused, code), body)
        if batch is None:
            more = {"accepted": 0, "refused": len(refused)}
            more["problems"] = refused.described(english=english)  # type: ignore[assignment]
            body = document("refused", english=english, more=more)
            await _answer(send, 422, body, b"application/problem+json")
            return
        stored = await self._put(batch)
        self.notes.saw(view.id, received, (int(batch.times()[-1]) - received) / 1e6)
        answer: dict[str, Any] = {"accepted": len(batch), "stored": stored}
        if refused.rows:
            answer["refused"] = len(refused)
            answer["problems"] = refused.described(english=english)
        await _answer(send, 201 if stored else 202, msgspec.json.encode(answer))

    def _checked(
        self, view: DeviceView, kind: str, body: bytes, received: int
    ) -> tuple[Batch | None, Refusals]:
        """What the device may write of a body, and what is refused of it.

        Raises:
            RefusedError: the body cannot be read.
        """
        try:
            rows = read_body(body, kind, now_us=received)
            return check_rows(rows, view, received_us=received)
        except RefusedError as error:
            self._refuse(view, error.code, 1, error.detail, body)
            raise
        except Exception as error:
            # Whatever a body does to us: it is put aside like any other that cannot be read.
            logger.exception("telemetry: a body was not read")
            self._refuse(view, "not-readable", 1, repr(error), body)
            raise RefusedError("not-readable", error=type(error).__name__) from error

    async def _put(self, batch: Batch) -> bool:
        if self.publisher is None:
            raise RefusedError("away")
        try:
            seq = await self.publisher.put(batch)
        except (FullError, NatsError, OSError, TimeoutError) as error:
            raise RefusedError("away") from error
        return await self.publisher.committed(seq)

    async def _deliver(self, batch: Batch) -> None:
        """What came by SensorThings, on the same way; returns after the commit.

        Raises:
            AwayError: it could not be stored in time.
        """
        try:
            stored = await self._put(batch)
        except RefusedError as error:
            raise AwayError from error
        if not stored:
            raise AwayError
        if batch.device:
            ahead = (int(batch.times().max()) - batch.received_us) / 1e6
            self.notes.saw(batch.device, batch.received_us, ahead)

    def _refuse(self, view: DeviceView, code: str, count: int, detail: str, body: bytes) -> None:
        kept = b"" if view.personal else body
        self.notes.refuse(view.id, code, count=count, detail=detail, source=PATH, payload=kept)

    # --- who it is -----------------------------------------------------------------------------

    async def _by_key(self, word: str) -> DeviceView | None:
        view, known = self.directory.known_key(word)
        return view if known else await self._once(self._read_device, word)

    async def _by_code(self, code: str) -> DeviceView | None:
        view, known = self.directory.known_code(code)
        return view if known else await self._once(self._read_coded, code)

    async def _by_stream(self, number: int) -> Target | None:
        target, known = self.targets.known(number)
        return target if known else await self._in_thread(self.targets.read, number)

    async def _by_token(self, secret: str, ip: str) -> tuple[str, list[str]] | None:
        found = await self._in_thread(self.hearers.admit, secret, ip)
        if found is not None and self.telling is not None:
            await self.telling.expect()
        return found

    async def _once(self, read: Callable[[str], DeviceView | None], word: str) -> DeviceView | None:
        """Read a device once, however many of its requests wait for it."""
        if word not in self._looking:
            task = asyncio.ensure_future(self._in_thread(read, word))
            self._looking[word] = task
            task.add_done_callback(lambda _done: self._looking.pop(word, None))
        return await asyncio.shield(self._looking[word])

    async def _device(self, headers: dict[bytes, bytes], address: str) -> DeviceView:
        word = _key(headers.get(b"authorization", b"").decode("latin-1"))
        if not word:
            raise RefusedError("no-key")
        view, known = self.directory.known_key(word)
        if not known:
            if len(self._failures.get(address, ())) >= FAILURES:
                raise RefusedError("too-many-failures")
            view = await self._look(word)
        if view is None:
            self._failures.setdefault(address, []).append(time.monotonic())
            raise RefusedError("no-key")
        return view

    async def _look(self, word: str) -> DeviceView | None:
        try:
            return await self._once(self._read_device, word)
        except DatabaseError as error:
            raise RefusedError("away") from error

    def _read_coded(self, code: str) -> DeviceView | None:
        try:
            return self.directory.read_code(code)
        except DatabaseError:
            connection.close()
            raise

    def _read_device(self, word: str) -> DeviceView | None:
        try:
            return self.directory.read_key(word)
        except DatabaseError:
            connection.close()
            raise

    # --- how it is -----------------------------------------------------------------------------

    async def _health(self, send: Send) -> None:
        connected = self.publisher is not None and self.publisher.client.is_connected
        body = msgspec.json.encode({"nats": connected})
        await _answer(send, 200 if connected else 503, body)

    def _metrics(self) -> bytes:
        stored = self.publisher.stored if self.publisher else 0
        refused = self.mqtt.notes.refused if self.mqtt else 0
        place = self.mqtt.seq if self.mqtt else 0
        return (
            f"sen_telemetry_mqtt_refused_total {refused}\n"
            f"sen_telemetry_mqtt_place {place}\n"
            f"sen_telemetry_http_accepted_total {stored}\n"
            f"sen_telemetry_http_refused_total {self.notes.refused}\n"
        ).encode()


def _schemas(path: str) -> bytes:
    """Schemas of results: a list of their addresses, or one of them.

    Raises:
        RefusedError: there is none of that name.
    """
    known = result_schemas()
    code = path.removeprefix(SCHEMAS).strip("/")
    if not code:
        listed = [{"code": one, "href": f"{SCHEMAS}/{one}"} for one in known]
        return msgspec.json.encode(listed)
    if code not in known:
        raise RefusedError("not-found")
    return msgspec.json.encode(json_schema(known[code]))


def _public_url() -> str:
    """Where clients reach SensorThings: part of the links in what is told by MQTT."""
    port = os.environ.get("SEN_INGEST_PORT", "8002")
    return os.environ.get("SEN_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")


def _key(header: str) -> str:
    """``key id:secret`` or ``sen_d_…`` of an Authorization header; empty when there is none."""
    scheme, _space, rest = header.partition(" ")
    if scheme.lower() in ("device", "bearer"):
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _address(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """Whence it comes; the web server in front says it."""
    address: str = (scope.get("client") or ("",))[0]
    if address in LOOPBACK:
        return headers.get(b"x-real-ip", b"").decode("latin-1") or address
    return address


def _first(refused: Refusals, code: str) -> str:
    return next(
        PROBLEMS[code].text(english=False, **given)
        for found, given in refused.rows.values()
        if found == code
    )


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > LIMIT_BYTES:
            raise RefusedError("too-large", limit=LIMIT_BYTES)
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def _answer(
    send: Send,
    status: int,
    body: bytes,
    kind: bytes = b"application/json",
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", kind),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                *(headers or []),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


app = DoorApp()
