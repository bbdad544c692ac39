"""The life of the rules process: read, judge, write; and again from what was written last."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone
from nats.aio.client import Client
from nats.errors import Error as NatsError

from sen.domains.alarms.engine.spec import MICRO
from sen.domains.alarms.runner.again import due, judge_again
from sen.domains.alarms.runner.book import read_book
from sen.domains.alarms.runner.judge import Judge, Key
from sen.domains.alarms.services import note_finding, run_due
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.context import as_system
from sen.kernel.broker import connect

logger = logging.getLogger(__name__)

T = TypeVar("T")

READER: Final = "rules"
#: The reader that stores.
WRITER: Final = "writer"
#: Units: bytes of messages that are judged in one go.
GROUP_BYTES: Final = 2_000_000
IDLE_S: Final = 0.25
RETRY_S: Final = 1.0
#: What is remembered is written with every finding, and else so often.
WRITE_EVERY_S: Final = 1.0
#: Without observations the place is noted so often: it says until when somebody listened.
IDLE_WRITE_S: Final = 5.0
LOOK_EVERY_S: Final = 1.0
#: So many streams with late observations are judged again at each look.
AGAIN: Final = 20
#: So many looks the store may be behind; then what is past is judged and nothing forgotten.
PATIENCE: Final = 30
_LOCK: Final = (597_004, 2)
_HOUSE: Final = "rules judge observations"


async def run_rules(*, nats_url: str, stop: asyncio.Event) -> None:
    """Judge until ``stop`` is set; what goes away meanwhile is waited for."""
    client = await connect(nats_url, name="sen-rules")
    while not stop.is_set():
        process = RulesProcess(client)
        try:
            await process.run(stop)
        except telemetry.StreamLostError as error:
            logger.error("rules: %s; reading begins anew", error)
            await process.restart()
        except telemetry.PlaceTakenError as error:
            logger.info("rules: another process judges (%s)", error)
        except (OperationalError, InterfaceError, NatsError, OSError, TimeoutError) as error:
            logger.warning("rules: %r", error)
        finally:
            await process.close()
        if not stop.is_set():
            await asyncio.sleep(RETRY_S)
    await client.close()


class RulesProcess:
    """One life: a connection, a place in the stream, and what the rules remember."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seq = self.written = 0
        self.judge: Judge | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rules")
        self._write_at = self._look_at = 0.0
        self._rules_as_of: Any = None
        self._deaf_since: int | None = None
        self._waited = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Judge until ``stop`` is set.

        Raises:
            PlaceTakenError: another process judges.
            StreamLostError: the stream is not the one that was read so far.
            OperationalError: the database is away.
        """
        await telemetry.ensure_observation_stream(self.client)
        await self._in_thread(self.begin)
        tail = telemetry.Tail(self.client, telemetry.STREAM, after=self.seq)
        try:
            while not stop.is_set():
                entries = await tail.next(limit_bytes=GROUP_BYTES, wait_s=IDLE_S)
                await self._in_thread(self.turn, entries, self.client.is_connected)
            await self._in_thread(self.write)
        finally:
            await tail.close()

    async def restart(self) -> None:
        """The stream was made anew on an empty disk: its first message is the next one."""
        await self._in_thread(self._begin_anew)

    async def close(self) -> None:
        await self._in_thread(_disconnect)
        self._thread.shutdown()

    async def _in_thread(self, function: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *given)

    # --- in the thread ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Take the place, and remember what was written with it.

        Raises:
            PlaceTakenError: another process judges.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _LOCK)
            if not cursor.fetchone()[0]:
                raise telemetry.PlaceTakenError(READER)
        with as_system(_HOUSE) as house:
            self.seq, moved_at = telemetry.place_of(READER)
            self.written = self.seq
            remembered = _remembered()
            book = read_book(house)
            self._rules_as_of = _as_of()
        away_us = 0
        if moved_at is not None:
            away_us = max(int((timezone.now() - moved_at).total_seconds() * MICRO), 0)
        self.judge = Judge(book, remembered, away_us=away_us)
        self.judge.watch(_now_us())
        # The place is noted at once: until then the writer knows of no reader to wait for.
        self._write_at = time.monotonic()

    def turn(self, entries: Sequence[telemetry.Entry], is_connected: bool = True) -> None:
        """Judge some messages and write when there is something to tell or it is time."""
        judge = self._judge()
        for entry in entries:
            try:
                judge.take(telemetry.decode(entry.data))
            except telemetry.BatchError as error:
                logger.warning("rules: message %d left out: %s", entry.seq, error)
            self.seq = entry.seq
        self._listen(is_connected)
        if not entries and is_connected:
            judge.tick(_now_us())
        now = time.monotonic()
        if judge.findings or now >= self._write_at:
            self.write()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            self._look()

    def write(self) -> None:
        """Alarms, what is remembered and the place in the stream, in one transaction."""
        judge = self._judge()
        packed = judge.packed()
        with as_system(_HOUSE) as house:
            telemetry.move_place(READER, self.written, self.seq)
            for finding in judge.findings:
                try:
                    # A use case takes back what it did when it fails.
                    note_finding(actor=house, finding=finding)
                except (OperationalError, InterfaceError):
                    raise
                except (DatabaseError, LookupError, ValueError):
                    # One alarm that cannot be written must not keep the others away.
                    logger.exception("rules: %s was not noted", finding)
            _keep(packed)
        self.written = self.seq
        judge.findings.clear()
        judge.dirty.clear()
        self._write_at = time.monotonic() + (WRITE_EVERY_S if packed else IDLE_WRITE_S)

    def _look(self) -> None:
        """Do what is due, and see whether rules or streams changed."""
        with as_system(_HOUSE) as house:
            run_due(actor=house, at=timezone.now())
            as_of = _as_of()
        if self._judge().late:
            self._judge_again()
        if as_of != self._rules_as_of:
            self.write()
            with as_system(_HOUSE) as house:
                book = read_book(house)
                self._rules_as_of = _as_of()
                _forget(book.rule_ids)
            self.judge = Judge(book, self._judge().everything())
            self.judge.watch(_now_us())

    def _judge_again(self) -> None:
        """Judge again what late observations touched, once the store has them."""
        judge = self._judge()
        with as_system(_HOUSE) as house:
            stored, _moved_at = telemetry.place_of(WRITER)
            is_whole = stored >= self.seq
            self._waited = 0 if is_whole else self._waited + 1
            if not is_whole and self._waited < PATIENCE:
                return
            self._waited = 0
            for stream_id in due(judge, AGAIN):
                judge_again(house, judge, stream_id, is_whole=is_whole)
        self.write()

    def _listen(self, is_connected: bool) -> None:
        """Silence counts only while we listened."""
        if not is_connected:
            self._deaf_since = self._deaf_since or _now_us()
        elif self._deaf_since is not None:
            away_us, self._deaf_since = _now_us() - self._deaf_since, None
            judge = self._judge()
            findings, dirty = judge.findings, judge.dirty
            self.judge = Judge(judge.book, judge.everything(), away_us=away_us)
            self.judge.findings = findings
            self.judge.dirty |= dirty

    def _begin_anew(self) -> None:
        with as_system(_HOUSE):
            seq, _moved_at = telemetry.place_of(READER)
            telemetry.move_place(READER, seq, 0)

    def _judge(self) -> Judge:
        if self.judge is None:
            raise RuntimeError("begin() comes first")
        return self.judge


def _disconnect() -> None:
    """Each thread has a connection of its own: which one is meant is seen in the thread alone."""
    connection.close()


def _now_us() -> int:
    return time.time_ns() // 1_000


def _as_of() -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT (count(*), max(updated_at))::text FROM alarms_rule),"
            " (SELECT (count(*), max(updated_at))::text FROM telemetry_datastream)"
        )
        return cursor.fetchone()


def _remembered() -> dict[Key, bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rule_id, target_id, data FROM alarms_rulememory")
        return {(rule, target): bytes(data) for rule, target, data in cursor.fetchall()}


def _keep(packed: dict[Key, bytes]) -> None:
    if not packed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO alarms_rulememory (rule_id, target_id, data)"
            " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])"
            " ON CONFLICT (rule_id, target_id) DO UPDATE SET data = EXCLUDED.data",
            [
                [rule for rule, _target in packed],
                [target for _rule, target in packed],
                list(packed.values()),
            ],
        )


def _forget(rule_ids: set[int]) -> None:
    """What rules remembered that are not in force any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM alarms_rulememory WHERE rule_id > 0 AND rule_id <> ALL(%s)",
            [list(rule_ids)],
        )
