"""Whatever devices send: no door falls, none grows, and each refusal is counted with its reason.

Valid bodies (JSON, CBOR, SenML, columns, data arrays) are changed: bytes turned, cut and doubled,
parts replaced by hostile ones (too large numbers, NaN, wrong types, nesting, broken UTF-8). They
go through the whole application of the HTTP door and SensorThings, and through the reader of MQTT,
with a broker that is away: what is good is answered with 503, all else must be a problem of 4xx.

``SEN_MALFORMED`` says how many must have been refused, ``SEN_SEED`` which ones.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import random
import time
from collections import Counter
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cbor2
import pytest
from django.db import connection
from django.db.models import Sum
from nats.aio.client import Client

from sen.domains.telemetry.choices import ResultKind
from sen.domains.telemetry.flow.tail import Entry
from sen.domains.telemetry.ingest.app import PATH, DoorApp
from sen.domains.telemetry.ingest.directory import DeviceView
from sen.domains.telemetry.ingest.mqtt import MqttDoor, topic_of
from sen.domains.telemetry.ingest.problems import PROBLEMS, RefusedError
from sen.domains.telemetry.ingest.publishing import Publisher
from sen.domains.telemetry.models import DeadLetter
from sen.domains.telemetry.sta.app import SensorThings
from sen.domains.telemetry.sta.database import Database
from sen.domains.telemetry.tests.flowing import Sender, connected_to, make_sender
from sen.domains.telemetry.wire import messages
from sen.kernel.access.context import as_system
from sen.kernel.testing.processes import database_of_its_own

pytestmark = pytest.mark.slow
logger = logging.getLogger(__name__)

MALFORMED: Final = int(os.environ.get("SEN_MALFORMED", "5000"))
SEED: Final = int(os.environ.get("SEN_SEED", "597"))
#: Of a hundred payloads so many come by SensorThings, and so many by MQTT.
STA, MQTT = 3, 45
GROWTH_KB: Final = 40_000
NOW_US: Final = time.time_ns() // 1000

HOSTILE: Final[list[Any]] = [
    None, True, "", " ", "\0", "a\\u0000", "NaN", "Infinity", -1, 0, 2**31, 2**63, 2**64, 2**70,
    -(2**70), 10**400, 1e308, -1e308, 5e-324, [], {}, [[]], [None], {"": None}, "ф" * 300,
    "x" * 70_000, "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00",
    "' OR 1=1 --", "\ud7ff\uffff", {"@iot.id": {"@iot.id": []}}, [1, "a", None, {}],
]  # fmt: skip
BINARY: Final[list[Any]] = [
    b"\xff\xfe", float("nan"), float("inf"), cbor2.undefined, cbor2.CBORTag(999, [1]),
    cbor2.CBORSimpleValue(99), {1: 2, (1, 2): 3}, cbor2.CBORTag(1, 1e30), 2**200,
]  # fmt: skip


@dataclass
class Payloads:
    """Bodies that devices might send, one after the other."""

    sender: Sender
    chance: random.Random
    valid: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        a, b = self.sender.streams[:2]
        at = NOW_US // 1_000_000
        self.valid = [
            {"stream": a.code, "value": 1.5, "time": at, "unit": "mm", "parameters": {"n": 1}},
            [{"stream": a.pk, "value": 1.5}, {"stream": b.code, "value": -2, "time": at}],
            {"streams": [a.pk, b.code], "times": [NOW_US, NOW_US], "values": [1.5, 2]},
            [{"bn": "urn:", "bt": at, "n": a.code, "u": "mm", "v": 1.5}, {"n": b.code, "v": 2}],
            [{"Datastream": {"@iot.id": a.pk}, "components": ["phenomenonTime", "result"],
              "dataArray": [["2026-01-01T00:00:00Z", 1.5], ["2026-01-01T00:00:01Z", 2.5]]}],
            *({"stream": stream.code, "value": value} for stream, value in zip(
                self.sender.streams[2:], (3, "A", [1, 2], {"a": 1}, True), strict=True)),
        ]  # fmt: skip
        self.sta = {
            "phenomenonTime": "2026-01-01T00:00:00Z", "result": 1.5, "resultQuality": "x",
            "Datastream": {"@iot.id": a.pk}, "parameters": {"n": 1},
            "FeatureOfInterest": {"@iot.id": 1},
        }  # fmt: skip

    def one(self) -> tuple[str, bytes]:
        """A media type and a body."""
        chance = self.chance
        kind = chance.choice(("json", "cbor", "json", "senml+json", "senml+cbor"))
        document = self._spoilt(json.loads(json.dumps(chance.choice(self.valid))), kind)
        return f"application/{kind}", self._bytes(document, kind.endswith("cbor"))

    def for_sta(self) -> tuple[str, bytes]:
        """A path and a body."""
        document: Any = self._spoilt(json.loads(json.dumps(self.sta)), "json")
        paths = ("Observations", "CreateObservations", "Things", "$batch")
        path = self.chance.choice((*paths, "Datastreams(1)/Observations"))
        if path == "CreateObservations":
            document = self._spoilt(json.loads(json.dumps(self.valid[4])), "json")
        elif path == "$batch":
            asked = {"id": "1", "method": "POST", "url": "Observations", "body": document}
            document = {"requests": [self._spoilt(asked, "json")]}
        return f"/sta/v1.1/{path}", self._bytes(document, binary=False)

    def _spoilt(self, document: Any, kind: str) -> Any:
        for _time in range(self.chance.choice((0, 1, 1, 1, 2, 3))):
            document = self._put(document, self._hostile(kind))
        return document

    def _hostile(self, kind: str) -> Any:
        if kind.endswith("cbor") and self.chance.random() < 0.3:
            return self.chance.choice(BINARY)
        if self.chance.random() < 0.05:
            nested: Any = 1
            for _level in range(self.chance.choice((10, 200, 900))):
                nested = [nested]
            return nested
        return self.chance.choice(HOSTILE)

    def _put(self, node: Any, value: Any) -> Any:
        """``node`` with a part of it replaced, taken out or doubled."""
        chance = self.chance
        if not isinstance(node, dict | list) or not node or chance.random() < 0.15:
            return value
        if isinstance(node, dict):
            name = chance.choice(list(node))
            if chance.random() < 0.1:
                del node[name]
            elif chance.random() < 0.1:
                node[str(value)[:50]] = node[name]
            else:
                node[name] = self._put(node[name], value)
            return node
        place = chance.randrange(len(node))
        if chance.random() < 0.15:
            return node + node[: place + 1]
        node[place] = self._put(node[place], value)
        return node

    def _bytes(self, document: Any, binary: bool) -> bytes:
        chance = self.chance
        try:
            body = cbor2.dumps(document) if binary else json.dumps(document).encode()
        except (ValueError, TypeError, RecursionError, cbor2.CBOREncodeError):
            body = b"[" * chance.randrange(1, 5000)
        how = chance.random()
        if how < 0.6:
            return body
        if how < 0.65:
            return chance.randbytes(chance.randrange(200))
        if how < 0.7:
            return chance.choice((b"[", b'{"a":', b"\x81", b"\xa1\x00")) * chance.randrange(9000)
        for _time in range(chance.randrange(1, 4)):
            place = chance.randrange(len(body) + 1)
            wide = chance.randrange(1, 9)
            new = chance.choice((b"", chance.randbytes(wide), b"\xff", body[place : place + wide]))
            body = body[:place] + new + body[place + chance.choice((0, wide)) :]
        return body


def _scope(path: str, kind: str, auth: str) -> dict[str, Any]:
    return {
        "type": "http", "method": "POST", "path": path, "query_string": b"", "scheme": "http",
        "client": ("127.0.0.1", 1),
        "headers": [(b"content-type", kind.encode()), (b"authorization", auth.encode())],
    }  # fmt: skip


async def _ask(app: DoorApp, scope: dict[str, Any], body: bytes) -> tuple[int, str, bytes]:
    """Status, media type and body of the answer."""
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    await app(scope, receive, send)
    kind = dict(said[0]["headers"]).get(b"content-type", b"").decode()
    return said[0]["status"], kind, b"".join(part.get("body", b"") for part in said[1:])


@dataclass
class Run:
    """Counts of what came of the payloads."""

    app: DoorApp
    mqtt: MqttDoor
    sender: Sender
    payloads: Payloads
    view: DeviceView
    by_door: Counter[str] = field(default_factory=Counter)
    taken: int = 0

    async def http(self) -> None:
        kind, body = self.payloads.one()
        if self.payloads.chance.random() < 0.02:
            kind = "text/plain"
        before = self.app.notes.refused
        status, said, answer = await _ask(self.app, _scope(PATH, kind, self.sender.basic), body)
        counted = self.app.notes.refused - before
        told = _problem(status, said, answer, kind, body)
        if status == 503:
            self.taken += 1
        else:
            assert counted == told.get("refused", 1), (status, answer, body[:500])
        self.by_door["http"] += counted  # of what is taken in part, the other part

    def by_mqtt(self) -> None:
        _kind, body = self.payloads.one()
        chance = self.payloads.chance
        topic = chance.choice(("obs", "obs", "raw", f"obs.{self.sender.streams[0].code}", "x"))
        entry = Entry(1, f"sen.v1.{self.sender.device.pk}.{topic}", body, NOW_US)
        before = self.mqtt.notes.refused
        try:
            batch = self.mqtt._read(entry, topic_of(entry.subject), self.view)
        except RefusedError as error:
            self.mqtt._refuse(None, error.code, 1, error.detail, entry)
            batch = None
        counted = self.mqtt.notes.refused - before
        if batch is not None:
            assert list(messages(batch))
        self.by_door["mqtt"] += counted

    async def sta(self) -> None:
        path, body = self.payloads.for_sta()
        word = f"{self.sender.name}:{self.sender.secret}".encode()
        auth = f"Basic {base64.b64encode(word).decode()}"
        scope = _scope(path, "application/json", auth)
        status, said, answer = await _ask(self.app, scope, body)
        if status in (200, 201):
            self.taken += 1  # links of a data array, or answers of a batch
        else:
            _problem(status, said, answer, path, body)
            self.by_door["sta"] += status < 500


def _problem(status: int, said: str, answer: bytes, kind: str, body: bytes) -> dict[str, Any]:
    assert 400 <= status < 500 or status == 503, (status, answer, kind, body[:500])
    assert said == "application/problem+json", (status, said, answer)
    told: dict[str, Any] = json.loads(answer)
    assert told["status"] == status
    assert told["title"]
    return told


@pytest.fixture
def variables(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    with (
        django_db_blocker.unblock(),
        database_of_its_own("malformed") as found,
        connected_to(found),
    ):
        yield found


def _sender() -> Sender:
    sender = make_sender("M", streams=7)
    kinds = (
        ResultKind.COUNT, ResultKind.CATEGORY, ResultKind.COMPLEX, ResultKind.ANY,
        ResultKind.TRUTH,
    )  # fmt: skip
    with as_system("set up a test"):
        for stream, kind in zip(sender.streams[2:], kinds, strict=True):
            stream.result_kind = kind.value
            stream.save()
    return sender


def _resident_kb() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def test_whatever_is_malformed_is_refused_and_counted(variables: dict[str, str]) -> None:
    logging.getLogger("sen.domains.telemetry").setLevel(logging.CRITICAL)
    sender = _sender()
    app = DoorApp()
    app.sensor_things = SensorThings(app._deliver, database=Database(variables["DATABASE_URL"]))
    client = Client()

    async def never(_code: object) -> None:
        return None

    async def here(function: Any, *given: Any) -> object:
        return function(*given)

    mqtt = MqttDoor(client, Publisher(client), never, never, here)
    chance = random.Random(SEED)
    view = app.directory.read_code(sender.device.code)
    assert view is not None
    run = Run(app, mqtt, sender, Payloads(sender, chance), view)
    began, sent = time.monotonic(), 0
    warm = 0

    async def all_of_them() -> None:
        nonlocal sent, warm
        while run.by_door.total() < MALFORMED:
            door = chance.randrange(100)
            if door < STA:
                await run.sta()
            elif door < STA + MQTT:
                run.by_mqtt()
            else:
                await run.http()
            sent += 1
            if sent % 1000 == 0:
                await asyncio.to_thread(app.notes.write)
                await asyncio.to_thread(mqtt.notes.write)
            if sent == 2000:
                warm = _resident_kb()
        await app.sensor_things.close()

    asyncio.run(all_of_them())
    app.notes.write()
    mqtt.notes.write()
    grown = _resident_kb() - warm
    logger.warning(
        "seed %d: %d sent, %s refused, %d good, %.0f s, %d kB more",
        SEED, sent, dict(run.by_door), run.taken, time.monotonic() - began, grown,
    )  # fmt: skip
    assert grown < GROWTH_KB
    with as_system("look at what was refused"):
        letters = DeadLetter.objects.values("door").annotate(all=Sum("count")).order_by("door")
        counted = {row["door"]: row["all"] for row in letters}
        reasons = set(DeadLetter.objects.values_list("reason", flat=True))
        rows = DeadLetter.objects.count()
    assert counted == {door: n for door, n in run.by_door.items() if door != "sta"}
    assert reasons <= set(PROBLEMS)
    assert len(reasons) > 8
    assert rows <= 2 * 20 * len(PROBLEMS) * 2  # two doors, twenty an hour and reason
    connection.close()
