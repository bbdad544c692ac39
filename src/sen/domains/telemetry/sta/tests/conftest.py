from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from sen.domains.telemetry.sta.app import SensorThings
from sen.domains.telemetry.sta.database import Database
from sen.domains.telemetry.store.writing import Store
from sen.domains.telemetry.wire import Batch
from sen.kernel.access.accounts.tokens import create_api_token
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.house import House, build_house

T = TypeVar("T")
BASE = "http://localhost/sta/v1.1/"


def conninfo() -> str:
    """The test database as the application's role."""
    known = connection.settings_dict
    return make_conninfo(
        host=known["HOST"],
        port=known["PORT"],
        user=known["USER"],
        password=known["PASSWORD"],
        dbname=known["NAME"],
    )


class StoreDoor:
    """The writer without a broker: a batch is stored when it is delivered."""

    def __init__(self) -> None:
        self.connection = psycopg.connect(conninfo(), autocommit=True)
        self.store = Store(self.connection)
        self.store.open()
        self.batches: list[Batch] = []

    async def __call__(self, batch: Batch) -> None:
        self.batches.append(batch)
        seq = self.store.seq + 1
        block = self.store.write([batch], seq)
        assert block is not None
        self.store.note([block], seq)


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass
class Api:
    """SensorThings as a client sees it."""

    app: SensorThings
    door: StoreDoor
    house: House
    token: str
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def call(
        self,
        method: str,
        address: str,
        body: Any = None,
        *,
        token: str | None = None,
        content_type: str = "application/json",
        **options: Any,
    ) -> Reply:
        return self.run(self.asked(method, address, body, token, content_type, options))

    async def asked(
        self,
        method: str,
        address: str,
        body: Any,
        token: str | None,
        content_type: str,
        options: dict[str, object],
    ) -> Reply:
        path, _mark, query = address.removeprefix(BASE).partition("?")
        more = "&".join(f"${name}={quote(str(value))}" for name, value in options.items())
        secret = self.token if token is None else token
        headers = [(b"host", b"localhost"), (b"content-type", content_type.encode())]
        if secret:
            headers.append((b"authorization", f"Bearer {secret}".encode()))
        scope = {
            "type": "http",
            "method": method,
            "path": f"/sta/v1.1/{path}",
            "query_string": "&".join(filter(None, [query, more])).encode(),
            "headers": headers,
            "scheme": "http",
            "client": ("127.0.0.1", 1),
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app.handle(scope, receive, send)
        names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Reply(sent[0]["status"], names, sent[1]["body"])

    def get(self, address: str, *, token: str | None = None, **options: Any) -> Any:
        reply = self.call("GET", address, token=token, **options)
        assert reply.status == 200, reply.body.decode()
        return reply.json

    def names(self, address: str, **options: Any) -> list[str]:
        return [item["name"] for item in self.get(address, **options)["value"]]

    def post(self, address: str, body: Any, *, token: str | None = None) -> Any:
        reply = self.call("POST", address, body, token=token)
        assert reply.status == 201, reply.body.decode()
        return reply.json

    def close(self) -> None:
        self.run(self.app.close())
        self.loop.close()
        self.door.connection.close()


@pytest.fixture
def api(committing: None, make_account: MakeAccount) -> Iterator[Api]:
    """The service with an official who may do everything in telemetry."""
    with as_system("set up a test"):
        house = build_house()
        user = make_account("telemetry.*.*", organisation=house.roads)
        _row, token = create_api_token(
            actor=actor_for(user),
            user=user,
            name="thử",
            scopes=["telemetry.*.*"],
            expires_at=timezone.now() + timedelta(days=1),
            max_class=2,
        )
    door = StoreDoor()
    api = Api(SensorThings(door, database=Database(conninfo())), door, house, token)
    yield api
    api.close()
    name = connection.settings_dict["NAME"]
    url = settings.DATABASE_SUPERUSER_URL.rpartition("/")[0]
    with psycopg.connect(f"{url}/{name}", autocommit=True) as server:
        server.execute(
            "TRUNCATE telemetry_observation, telemetry_latest, telemetry_rollup, "
            "telemetry_changed, telemetry_dirty, telemetry_offset"
        )


STATION: dict[str, Any] = {
    "name": "Cầu Mỹ Thuận, nhịp chính",
    "description": "Trạm quan trắc nhịp chính",
    "properties": {"owner": "Sở Xây dựng", "cấp": 2, "tags": {"nguy": True}},
    "Locations": [
        {
            "name": "Giữa nhịp",
            "description": "Dầm biên thượng lưu",
            "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [105.9, 10.28]},
        }
    ],
    "Datastreams": [
        {
            "name": "Độ võng",
            "description": "Độ võng giữa nhịp",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {
                "name": "Milimét",
                "symbol": "mm",
                "definition": "http://unitsofmeasure.org/ucum#mm",
            },
            "ObservedProperty": {
                "name": "Độ võng",
                "definition": "http://example.org/deflection",
                "description": "Chuyển vị đứng",
            },
            "Sensor": {
                "name": "Máy đo võng",
                "description": "Thủy tĩnh",
                "encodingType": "application/pdf",
                "metadata": "https://example.org/may.pdf",
            },
            "Observations": [
                {"phenomenonTime": f"2026-03-01T0{hour}:00:00Z", "result": 10.5 + hour}
                for hour in range(5)
            ],
        }
    ],
}
