"""What devices send by MQTT, from the broker's stream to the stream of observations.

Topics: ``sen/v1/<device>/obs`` (any body of the HTTP door), ``sen/v1/<device>/obs/<stream>`` (one
value), ``sen/v1/<device>/raw`` (read by the device's payload mapping), and
``v1.1/Datastreams(<id>)/Observations`` of SensorThings (:mod:`topics`). The broker lets a device
write below its own name and to its own datastreams only, so the topic says who it is.

The place in the stream moves on together with what was refused before it. After a crash some
messages are read again: they carry the time of their first receipt, so they become the very same
observations, which the store absorbs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from django.db import DatabaseError, connection
from nats.aio.client import Client
from nats.errors import Error as NatsError

from sen.domains.telemetry.flow.tail import Entry, StreamLostError, Tail
from sen.domains.telemetry.ingest.bodies import Rows, read_body, single
from sen.domains.telemetry.ingest.checks import check_rows
from sen.domains.telemetry.ingest.directory import DeviceView
from sen.domains.telemetry.ingest.entities import Target, read_entity
from sen.domains.telemetry.ingest.notes import Notes
from sen.domains.telemetry.ingest.problems import PROBLEMS, RefusedError
from sen.domains.telemetry.ingest.publishing import FullError, Publisher, grouped
from sen.domains.telemetry.ingest.topics import CREATION, created_in
from sen.domains.telemetry.mapping import MappingError, parse_rules, read_payload
from sen.domains.telemetry.wire import Batch
from sen.kernel.access.context import as_system
from sen.kernel.broker import ensure_stream

logger = logging.getLogger(__name__)

STREAM: Final = "SEN_MQTT"
SUBJECTS: Final = "sen.v1.>"
CONSUMER: Final = "door.mqtt"
GROUP_BYTES: Final = 2_000_000
NOTE_S: Final = 1.0
AWAY_S: Final = 1.0
EMPTY_S: Final = 30.0

Find = Callable[[str], Awaitable[DeviceView | None]]
FindTarget = Callable[[int], Awaitable[Target | None]]


class Topic(NamedTuple):
    device: str
    kind: str
    stream: str


class MqttDoor:
    """Reads the broker's stream for ever; one per process."""

    def __init__(
        self,
        client: Client,
        publisher: Publisher,
        find: Find,
        find_target: FindTarget,
        thread: Callable[..., Awaitable[object]],
    ) -> None:
        self.client = client
        self.publisher = publisher
        self.notes = Notes("mqtt")
        self.seq = 0
        self._noted = 0
        self._find = find
        self._find_target = find_target
        self._thread = thread

    async def run(self) -> None:
        while True:
            try:
                await self._follow()
            except StreamLostError as error:
                logger.error("telemetry: %s; reading begins anew", error)
                self.seq = 0
                await self._thread(self._write)
            except (DatabaseError, NatsError, OSError, FullError, TimeoutError) as error:
                logger.warning("telemetry: mqtt: %r", error)
            except Exception:
                logger.exception("telemetry: mqtt is read again")
            await asyncio.sleep(AWAY_S)

    async def _follow(self) -> None:
        await ensure_stream(
            self.client.jetstream(),
            name=STREAM,
            subjects=[SUBJECTS, CREATION],
            kept_s=3 * 86_400,
            max_bytes=2_000_000_000,
        )
        await self._thread(self._read_place)
        tail = Tail(self.client, STREAM, after=self.seq)
        due = empty = time.monotonic() + NOTE_S
        try:
            while True:
                entries = await tail.next(limit_bytes=GROUP_BYTES, wait_s=NOTE_S)
                if entries:
                    await self._bring(entries)
                    self.seq = entries[-1].seq
                if time.monotonic() >= empty:
                    empty = time.monotonic() + EMPTY_S
                    if self._noted:
                        await self.client.jetstream().purge_stream(STREAM, seq=self._noted + 1)
                if time.monotonic() >= due and (self.notes.waiting or self.seq != self._noted):
                    await self._thread(self._write)
                    due = time.monotonic() + NOTE_S
        finally:
            await tail.close()

    async def _bring(self, entries: list[Entry]) -> None:
        batches: list[Batch] = []
        for entry in entries:
            if number := created_in(entry.subject):
                batches += self._entity(entry, number, await self._find_target(number))
                continue
            try:
                topic = topic_of(entry.subject)
                view = await self._find(topic.device)
                if view is None:
                    raise RefusedError("unknown-device", device=topic.device)
            except RefusedError as error:
                self._refuse(None, error.code, 1, error.detail, entry)
                continue
            if (batch := self._read(entry, topic, view)) is not None:
                batches.append(batch)
        # One after the other: what a broker that dies leaves out is read again before what came
        # later, and rules judge in the order of the times.
        for group in grouped(batches):
            await self.publisher.put(group)

    def _entity(self, entry: Entry, number: int, target: Target | None) -> list[Batch]:
        device = target.device if target else 0
        kept = b"" if target and target.personal else entry.data
        try:
            batch = read_entity(entry.data, target, number, received_us=entry.at_us)
        except RefusedError as error:
            self._put_aside(device, error.code, 1, error.detail, entry, kept)
            return []
        except Exception as error:
            logger.exception("telemetry: %s was not read", entry.subject)
            self._put_aside(device, "not-readable", 1, repr(error), entry, kept)
            return []
        if device:
            self.notes.saw(device, entry.at_us, (int(batch.times()[-1]) - entry.at_us) / 1e6)
        return [batch]

    def _read(self, entry: Entry, topic: Topic, view: DeviceView) -> Batch | None:
        try:
            if not view.may_write:
                raise RefusedError("not-active")
            rows = self._rows(entry, topic, view)
            batch, refused = check_rows(rows, view, received_us=entry.at_us)
        except RefusedError as error:
            self._refuse(view, error.code, 1, error.detail, entry)
            return None
        except Exception as error:
            # Whatever a payload does to us: it is put aside, and those behind it are read.
            logger.exception("telemetry: %s was not read", entry.subject)
            self._refuse(view, "not-readable", 1, repr(error), entry)
            return None
        for code, count in refused.counts().items():
            given = next(given for found, given in refused.rows.values() if found == code)
            self._refuse(view, code, count, PROBLEMS[code].text(english=False, **given), entry)
        if batch is not None:
            self.notes.saw(view.id, entry.at_us, (int(batch.times()[-1]) - entry.at_us) / 1e6)
        return batch

    def _rows(self, entry: Entry, topic: Topic, view: DeviceView) -> Rows:
        if topic.kind == "raw":
            return self._mapped(entry, view)
        if topic.stream:
            return single(topic.stream, entry.data, now_us=entry.at_us)
        return read_body(entry.data, "", now_us=entry.at_us)

    def _mapped(self, entry: Entry, view: DeviceView) -> Rows:
        if view.mapping is None:
            raise RefusedError("no-mapping")
        units = dict(zip(view.codes, view.units, strict=True))
        try:
            found = read_payload(
                parse_rules(view.mapping),
                entry.data,
                device=view.code,
                received_us=entry.at_us,
                units=units,
            )
        except MappingError as error:
            raise RefusedError("mapping", error=str(error)) from error
        for fault in found.faults:
            self._refuse(view, "mapping", 1, str(fault.error), entry)
        rows = found.observations
        return Rows([r.stream for r in rows], [r.at_us for r in rows], [r.value for r in rows])

    def _refuse(
        self, view: DeviceView | None, code: str, count: int, detail: str, entry: Entry
    ) -> None:
        kept = b"" if view is not None and view.personal else entry.data
        self._put_aside(view.id if view else 0, code, count, detail, entry, kept)

    def _put_aside(
        self, device: int, code: str, count: int, detail: str, entry: Entry, kept: bytes
    ) -> None:
        self.notes.refuse(
            device or None,
            code,
            count=count,
            detail=detail,
            source=entry.subject,
            payload=kept,
        )

    # --- in the thread -------------------------------------------------------------------------

    def _read_place(self) -> None:
        # What was refused behind the place is read and counted again.
        self.notes.drop()
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq FROM telemetry_offset WHERE consumer = %s", [CONSUMER])
            self.seq = self._noted = (cursor.fetchone() or (0,))[0]

    def _write(self) -> None:
        seq = self.seq
        with as_system("a door moves on"):
            self.notes.write()
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO telemetry_offset VALUES (%s, %s) ON CONFLICT (consumer)"
                    " DO UPDATE SET seq = excluded.seq, moved_at = now()",
                    [CONSUMER, seq],
                )
        self._noted = seq


def topic_of(subject: str) -> Topic:
    """What a subject of the broker says; a dot in a name of the topic is ``//`` in it.

    Raises:
        RefusedError: it is none of ours.
    """
    parts = [part.replace("//", ".") for part in subject.split(".")]
    if len(parts) < 4 or parts[3] not in ("obs", "raw") or (parts[3] == "raw" and parts[4:]):
        raise RefusedError("topic")
    return Topic(parts[2], parts[3], "/".join(parts[4:]))
