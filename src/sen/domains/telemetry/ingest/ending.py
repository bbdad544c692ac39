"""Ends standing connections by MQTT whose key was revoked or whose device was put in quarantine.

A connection keeps the rights that it was given when it began. Every five seconds the doors look
which keys ended; only if some did, the broker is asked for its connections, by its system account,
and told to end those that came with these keys.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import nats
from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone
from nats.aio.client import Client
from nats.errors import Error as NatsError

from sen.domains.telemetry.choices import DeviceState
from sen.domains.telemetry.ingest.callout import HOLDS_S
from sen.domains.telemetry.models import Device
from sen.kernel.access.context import as_system
from sen.kernel.access.models import DeviceCredential
from sen.kernel.nkeys import SYSTEM, derived

logger = logging.getLogger(__name__)

EVERY_S: Final = 5.0
#: A key that ended is looked for so long: for some seconds the doors still know it as valid, and
#: a device that was cut off may have come back with it.
BACK_S: Final = 40.0
AWAY_S: Final = 60.0
CALL_S: Final = 2.0
PAGE: Final = 1_000


class Ending:
    """Looks for ever; one per process."""

    def __init__(self, url: str, thread: Callable[..., Awaitable[Any]]) -> None:
        self._url = url
        self._thread = thread
        self.ended = 0

    async def run(self) -> None:
        # What ended while no doors ran may still stand for as long as rights hold.
        back_s = HOLDS_S * 1.2 + BACK_S
        while True:
            try:
                keys = await self._thread(ended_keys, back_s)
                if keys:
                    await self._end(keys)
                back_s = BACK_S
            except (DatabaseError, NatsError, OSError, TimeoutError) as error:
                logger.warning("telemetry: connections of ended keys stand: %r", error)
                await asyncio.sleep(AWAY_S - EVERY_S)
            await asyncio.sleep(EVERY_S)

    async def _end(self, keys: Collection[str]) -> None:
        client = await system_client(self._url)
        try:
            for server in await servers_of(client):
                for key in keys:
                    for cid in await _connections(client, server, key):
                        await kick(client, server, cid)
                        self.ended += 1
        finally:
            await client.close()


def ended_keys(back_s: float) -> set[str]:
    """Keys that ended within ``back_s`` seconds, and those of devices that may no longer write."""
    since = timezone.now() - timedelta(seconds=back_s)
    try:
        with as_system("keys that ended lose their connections"):
            barred = Device.objects.filter(
                state__in=(DeviceState.QUARANTINED.value, DeviceState.RETIRED.value),
                updated_at__gte=since,
            )
            rows = DeviceCredential.objects.filter(
                Q(revoked_at__gte=since)
                | Q(expires_at__gte=since, expires_at__lte=timezone.now())
                | Q(device_id__in=barred.values("account_id"))
            )
            return set(rows.values_list("key_id", flat=True))
    except DatabaseError:
        connection.close()
        raise


async def system_client(url: str) -> Client:
    """A connection to the system account of the broker of ``url``.

    Raises:
        OSError, nats.errors.Error: it is away, or has no such account.
    """
    parts = [part.strip() for part in url.split(",") if part.strip()]
    password = unquote(urlsplit(parts[0]).password or "")
    hosts = [urlsplit(part).netloc.rpartition("@")[2] for part in parts]
    return await nats.connect(
        servers=[f"nats://{host}" for host in hosts],
        name="sen-telemetry-ending",
        user=SYSTEM,
        password=derived(password, SYSTEM),
        allow_reconnect=False,
        connect_timeout=2,
    )


async def servers_of(client: Client) -> list[str]:
    """The ids of all servers of the cluster."""
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox)
    await client.publish("$SYS.REQ.SERVER.PING.IDZ", b"", reply=inbox)
    found: list[str] = []
    wait_s = CALL_S
    while True:
        try:
            message = await answers.next_msg(timeout=wait_s)
        except TimeoutError:
            await answers.unsubscribe()
            return found
        told = json.loads(message.data)
        found.append(told["id"])
        wait_s = 0.3


async def _connections(client: Client, server: str, key: str) -> list[int]:
    """Those that came with a key, by the number that the server gave them."""
    asked = {"auth": True, "user": key, "limit": PAGE}
    told = await ask(client, f"$SYS.REQ.SERVER.{server}.CONNZ", asked)
    return [one["cid"] for one in told["data"]["connections"]]


async def kick(client: Client, server: str, cid: int) -> None:
    """End a connection."""
    await ask(client, f"$SYS.REQ.SERVER.{server}.KICK", {"cid": cid})


async def ask(client: Client, subject: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a server answers by its system account."""
    message = await client.request(subject, json.dumps(body).encode(), timeout=CALL_S)
    told: dict[str, Any] = json.loads(message.data)
    return told
