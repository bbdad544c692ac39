"""What was stored is told to subscribers by MQTT, as the JSON that SensorThings gives by HTTP.

The broker is asked which subscriptions stand, by its system account, after what came was read from
the stream and before it is told: who subscribed before an observation came hears of it. Each
entity is read as the subscriber, so the rule of access holds for it; a connection whose key ended,
or that no longer sees what it subscribed to, is ended. Nothing is asked or read while nobody with
an API key came.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
import psycopg
from django.db import DatabaseError
from nats.aio.client import Client
from nats.errors import Error as NatsError

from sen.domains.telemetry import wire
from sen.domains.telemetry.flow.tail import Entry, StreamLostError, Tail, last_number
from sen.domains.telemetry.ingest.ending import ask, kick, servers_of, system_client
from sen.domains.telemetry.ingest.hearers import Hearers
from sen.domains.telemetry.ingest.topics import ROOT, Wish, wish_of
from sen.domains.telemetry.sta.answers import RefusedError
from sen.domains.telemetry.sta.callers import Caller
from sen.domains.telemetry.sta.database import ask as ask_database
from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.service import Request, Service

logger = logging.getLogger(__name__)

IDLE_S: Final = 5.0
TURN_S: Final = 0.25
AWAY_S: Final = 2.0
#: Units: seconds; how long a connection with an API key may stand before it is asked for again.
STANDS_S: Final = 1_200.0
PAGE: Final = 1_000
GROUP_BYTES: Final = 1_000_000
_STORED: Final = """
SELECT o.datastream_id, (extract(epoch FROM o.at) * 1000000)::bigint
FROM telemetry_observation o
JOIN (SELECT unnest(%(streams)s::int[]) AS stream, unnest(%(times)s::bigint[]) AS us) n
  ON o.datastream_id = n.stream
 AND o.at = timestamptz 'epoch' + n.us * interval '1 microsecond'
WHERE o.received_at = timestamptz 'epoch' + %(received)s::bigint * interval '1 microsecond'
"""

Committed = Callable[[int], Awaitable[bool]]


@dataclass(slots=True)
class Telling:
    """Tells for ever; one per process."""

    client: Client
    url: str
    service: Service
    base: str
    hearers: Hearers
    committed: Committed
    thread: Callable[..., Awaitable[Any]]
    ended: int = 0
    #: What is asked for, with the caller as whom it is read.
    _wishes: dict[Wish, Caller] = field(default_factory=dict)
    _told: dict[Wish, bytes] = field(default_factory=dict)
    _until: float = 0.0
    #: Where telling begins, asked before the first subscriber is let in.
    _after: int | None = None
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _servers: list[str] = field(default_factory=list)
    _system: Client | None = None

    async def expect(self) -> None:
        """Somebody will be let in who may subscribe."""
        if self._after is None:
            self._after = await last_number(self.client, wire.STREAM)
        self._until = time.monotonic() + STANDS_S
        self._bell.set()

    async def run(self) -> None:
        while True:
            self._bell.clear()
            try:
                await self._look()
                if self._wanted():
                    await self._follow()
                self._after = None
                await self._leave()
            except StreamLostError as error:
                logger.info("telemetry: %s; telling begins anew", error)
                self._after = None
            except (DatabaseError, psycopg.Error, NatsError, OSError, TimeoutError) as error:
                logger.warning("telemetry: subscribers wait: %r", error)
                await self._leave()
                await asyncio.sleep(AWAY_S)
            except Exception:
                logger.exception("telemetry: telling begins anew")
                await self._leave()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), IDLE_S)

    async def _follow(self) -> None:
        if self._after is None:
            self._after = await last_number(self.client, wire.STREAM)
        tail = Tail(self.client, wire.STREAM, after=self._after)
        try:
            while self._wanted():
                entries = await tail.next(limit_bytes=GROUP_BYTES, wait_s=2 * TURN_S)
                await self._look()
                for entry in entries if self._wishes else ():
                    await self._tell(entry)
                self._after = tail.after
                await self._compare()
                await asyncio.sleep(TURN_S)
        finally:
            await tail.close()
            await self._leave()

    def _wanted(self) -> bool:
        return bool(self._wishes) or time.monotonic() < self._until

    async def _leave(self) -> None:
        client, self._system = self._system, None
        if client is not None:
            await client.close()

    # --- who asks for what ---------------------------------------------------------------------

    async def _look(self) -> None:
        if self._system is None or not self._system.is_connected:
            self._system = await system_client(self.url)
            self._servers = await servers_of(self._system)
        found: dict[Wish, Caller] = {}
        names: set[str] = set()
        for server in self._servers:
            for one in await self._connections(self._system, server):
                name = str(one.get("authorized_user", ""))
                wishes = [w for s in one.get("subscriptions_list", ()) if (w := wish_of(s))]
                if not wishes or "mqtt_client" not in one:
                    continue
                names.add(name)
                caller = await self.thread(self.hearers.hearing, name, wishes)
                if caller is None:
                    await kick(self._system, server, one["cid"])
                    self.ended += 1
                    continue
                found.update(dict.fromkeys(wishes, caller))
        self.hearers.keep(names)
        self._told = {wish: body for wish, body in self._told.items() if wish in found}
        self._wishes = found

    @staticmethod
    async def _connections(client: Client, server: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        asked = {"auth": True, "acc": "$G", "filter_subject": f"{ROOT}.>", "subscriptions": True}
        while True:
            page = {**asked, "limit": PAGE, "offset": len(found)}
            told = await ask(client, f"$SYS.REQ.SERVER.{server}.CONNZ", page)
            listed = told["data"]["connections"] or []
            found += listed
            if len(listed) < PAGE:
                return found

    # --- what is told --------------------------------------------------------------------------

    async def _tell(self, entry: Entry) -> None:
        wishes = [wish for wish in self._wishes if wish.observations]
        try:
            batch = wire.decode(entry.data)
        except wire.BatchError:
            return  # the writer puts it aside
        streams, times = batch.stream_ids(), batch.times()
        if all(wish.stream for wish in wishes):
            chosen = np.isin(streams, [wish.stream for wish in wishes])
            streams, times = streams[chosen], times[chosen]
        if not len(streams) or not await self.committed(entry.seq):
            return
        for wish in wishes:
            chosen = streams == wish.stream if wish.stream else np.ones(len(streams), bool)
            values = {
                "streams": streams[chosen].tolist(),
                "times": times[chosen].tolist(),
                "received": batch.received_us,
            }
            caller = self._wishes[wish]
            async with self.service.database.reading(caller) as connection:
                cursor = await ask_database(connection, _STORED, values)
                # What was there already is no new entity.
                stored = set(await cursor.fetchall())
            for key in zip(values["streams"], values["times"], strict=True):
                if key in stored:
                    stored.discard(key)
                    await self._send(wish, caller, f"Observations('{key[0]}-{key[1]}')")

    async def _compare(self) -> None:
        """Datastreams that changed since they were told."""
        for wish, caller in list(self._wishes.items()):
            if wish.observations:
                continue
            body = await self._entity(wish, caller, f"Datastreams({wish.stream})")
            if body and self._told.get(wish, body) != body:
                await self.client.publish(wish.tell, body)
            if body:
                self._told[wish] = body

    async def _send(self, wish: Wish, caller: Caller, path: str) -> None:
        if body := await self._entity(wish, caller, path):
            await self.client.publish(wish.tell, body)

    async def _entity(self, wish: Wish, caller: Caller, path: str) -> bytes:
        request = Request("GET", path, wish.query, self.base, caller)
        try:
            return (await self.service.get(request)).body
        except SyntaxFault as fault:
            # A $select that names nothing: the subscriber hears why instead of nothing.
            reason = {"message": fault.template % fault.params, "option": fault.option}
            return msgspec.json.encode(reason)
        except RefusedError:
            return b""
