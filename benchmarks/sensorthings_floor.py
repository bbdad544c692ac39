"""The floor of the SensorThings benchmark: the same SQL over the same tables, and no rules.

No key is asked for, nothing is checked, nobody's sight is limited, entities carry what the
benchmark asks about and no more.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime
from typing import Any

import msgspec
from psycopg_pool import AsyncConnectionPool

OPTIONS = "-c timezone=UTC -c jit=off -c sen.system=on"
INSERT = (
    "INSERT INTO telemetry_observation (datastream_id, at, result) SELECT * FROM unnest("
    "%s::int[], %s::timestamptz[], %s::float8[]) ON CONFLICT DO NOTHING"
)
PAGE = (
    "SELECT datastream_id, at, result FROM telemetry_observation WHERE datastream_id = %s "
    "AND at >= %s AND at < %s ORDER BY at DESC LIMIT 1000"
)
THINGS = """SELECT t.id, t.name, t.description, t.properties, d.id, d.name, d.unit,
  o.at, o.result FROM telemetry_thing t JOIN telemetry_datastream d ON d.thing_id = t.id
  LEFT JOIN telemetry_latest l ON l.datastream_id = d.id LEFT JOIN LATERAL (
    SELECT at, result FROM telemetry_observation WHERE datastream_id = d.id AND at >= l.at
    ORDER BY at DESC LIMIT 1) o ON true ORDER BY t.id DESC LIMIT 100"""


class Floor:
    def __init__(self) -> None:
        self.pool: AsyncConnectionPool[Any] | None = None
        self.waiting: list[tuple[int, datetime, float, asyncio.Future[None]]] = []
        self.busy: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await self.open()
        answer = await getattr(self, scope["path"].strip("/"))(receive)
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": msgspec.json.encode(answer)})

    async def open(self) -> None:
        if self.pool is None:
            given = {"autocommit": True, "options": OPTIONS}
            url = os.environ["DATABASE_URL"]
            self.pool = AsyncConnectionPool(url, kwargs=given, max_size=8, open=False)
            await self.pool.open()

    async def rows(self, query: str, values: list[Any]) -> list[Any]:
        assert self.pool is not None
        async with self.pool.connection() as connection:
            cursor = await connection.execute(query.encode(), values, binary=True)
            return await cursor.fetchall() if cursor.description else []

    async def single(self, receive: Any) -> Any:
        body = msgspec.json.decode((await receive())["body"])
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        at = datetime.fromisoformat(body["phenomenonTime"])
        self.waiting.append((body["Datastream"]["@iot.id"], at, body["result"], done))
        if self.busy is None:
            self.busy = asyncio.create_task(self.flush())
        await done
        return {}

    async def flush(self) -> None:
        while self.waiting:
            taken, self.waiting = self.waiting, []
            await self.rows(INSERT, [[row[n] for row in taken] for n in range(3)])
            for row in taken:
                row[3].set_result(None)
        self.busy = None

    async def array(self, receive: Any) -> Any:
        [part] = msgspec.json.decode(await whole(receive))
        rows = part["dataArray"]
        times = [datetime.fromisoformat(row[0]) for row in rows]
        stream = part["Datastream"]["@iot.id"]
        await self.rows(INSERT, [[stream] * len(rows), times, [row[1] for row in rows]])
        return [f"Observations('{stream}-{at}')" for at in times]

    async def page(self, receive: Any) -> Any:
        given = msgspec.json.decode((await receive())["body"])
        rows = await self.rows(PAGE, given)
        return [{"@iot.id": s, "phenomenonTime": at, "result": v} for s, at, v in rows]

    async def things(self, receive: Any) -> Any:
        return await self.rows(THINGS, [])


async def whole(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    return body


app = Floor()
