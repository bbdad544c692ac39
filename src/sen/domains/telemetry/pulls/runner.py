"""Asks every device on its own schedule, and brings what it says the way of all observations.

Each device has a task of its own: one that hangs holds up nobody. What was read while the broker
is away waits, so much of it; when that is too much the oldest goes, and it is told.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection
from nats.errors import Error as NatsError

from sen.domains.telemetry.ingest.bodies import Rows
from sen.domains.telemetry.ingest.checks import check_rows
from sen.domains.telemetry.ingest.directory import DeviceView
from sen.domains.telemetry.ingest.notes import Notes
from sen.domains.telemetry.ingest.problems import PROBLEMS
from sen.domains.telemetry.ingest.publishing import FullError, Publisher, grouped, now_us
from sen.domains.telemetry.pulls.base import PullError, Reading, Session, opener_of
from sen.domains.telemetry.pulls.networks import allowed_address
from sen.domains.telemetry.pulls.plan import AnyPlan, PlanError, parse_plan
from sen.domains.telemetry.pulls.states import Asked, Went, to_be_asked, write_states
from sen.domains.telemetry.wire import Batch
from sen.lib.errors import InputError, gettext_noop

logger = logging.getLogger(__name__)

#: How soon a changed connection is taken.
LOOK_S: Final = 2.0
NOTE_S: Final = 1.0
AGAIN_S: Final = 1.0
LONGEST_WAIT_S: Final = 300.0
#: Observations that wait while the broker is away; about 40 MB.
MOST_WAITING: Final = 200_000


async def read_once(plan: AnyPlan, protocol: str, secret: str) -> list[Reading]:
    """Ask a device once, now.

    Raises:
        PullError: it may not be reached or does not answer.
    """
    session = await _open(plan, protocol, secret)
    try:
        return await session.read()
    finally:
        await session.close()


async def _open(plan: AnyPlan, protocol: str, secret: str) -> Session:
    address = await allowed_address(
        plan.host, plan.port, settings.SEN_PULL_NETWORKS, timeout_s=plan.timeout_s
    )
    return await opener_of(protocol)(plan, host=address, secret=secret)


def wait_s(interval_s: float, failures: int) -> float:
    """How long until the next time: after failures ever longer, five minutes at most."""
    if not failures:
        return interval_s
    longest = max(interval_s, LONGEST_WAIT_S)
    return min(longest, interval_s * 2.0 ** min(failures - 1, 20)) * random.uniform(0.8, 1.0)  # noqa: S311  no secret


class Pulls:
    """Asks for ever; one per process."""

    def __init__(
        self,
        publisher: Publisher,
        find: Callable[[str], Awaitable[DeviceView | None]],
        thread: Callable[..., Awaitable[Any]],
    ) -> None:
        self.publisher = publisher
        self.notes = Notes("pull")
        self.waiting: deque[Batch] = deque()
        self.rows = 0
        self._find = find
        self._thread = thread
        self._states: dict[int, Went] = {}
        self._tasks: dict[int, tuple[Asked, asyncio.Task[None]]] = {}
        self._views: dict[int, DeviceView] = {}
        self._bell = asyncio.Event()

    async def run(self) -> None:
        others = [asyncio.create_task(self._bring()), asyncio.create_task(self._note())]
        try:
            while True:
                try:
                    self._follow(await self._thread(_safely, to_be_asked))
                except Error as error:
                    logger.warning("telemetry: devices to be asked are not known: %s", error)
                await asyncio.sleep(LOOK_S)
        finally:
            for task in (*others, *(task for _asked, task in self._tasks.values())):
                task.cancel()

    def _follow(self, wanted: list[Asked]) -> None:
        """Begin and end tasks so that each device is asked as it is to be now."""
        now = {asked.id: asked for asked in wanted}
        for pk, (asked, task) in list(self._tasks.items()):
            if now.get(pk) != asked or task.done():
                task.cancel()
                del self._tasks[pk]
        for pk, asked in now.items():
            if pk not in self._tasks:
                self._tasks[pk] = asked, asyncio.create_task(self._ask(asked))

    # --- one device ----------------------------------------------------------------------------

    async def _ask(self, asked: Asked) -> None:
        try:
            plan = parse_plan(asked.protocol, json.loads(asked.connection))
        except PlanError as error:
            self._failed(asked, Went(now_us(), failures=1, error=error))
            await asyncio.Event().wait()  # until it is changed
            return
        # Devices of one interval are not asked all in the same moment.
        await asyncio.sleep(random.uniform(0, min(plan.interval_s, 10.0) / 5))  # noqa: S311  no secret
        session: Session | None = None
        failures, known = 0, dict[str, int]()
        try:
            while True:
                begun = time.monotonic()
                went = Went(now_us())
                try:
                    if session is None:
                        session = await _open(plan, asked.protocol, asked.secret)
                    went.readings = await session.read()
                    went.read_us = now_us()
                    await self._take(asked, went, known)
                    failures = 0
                except Exception as error:  # noqa: BLE001  whatever a device does, it is asked again
                    failures += 1
                    went.failures, went.error = failures, _as_told(asked, error)
                    self._failed(asked, went)
                    await _close(session)
                    session = None
                self._states[asked.id] = went
                spent = time.monotonic() - begun
                await asyncio.sleep(max(0.05, wait_s(plan.interval_s, failures) - spent))
        finally:
            await _close(session)

    def _failed(self, asked: Asked, went: Went) -> None:
        self._states[asked.id] = went
        if went.error is not None:
            self._refuse(asked.id, "pull-away", 1, str(went.error), asked.code)

    async def _take(self, asked: Asked, went: Went, known: dict[str, int]) -> None:
        view = await self._view(asked)
        if view is None or not view.may_write:
            return
        for reading in went.readings:
            if reading.error is not None:
                detail = f"{reading.stream}: {reading.error}"
                self._refuse(asked.id, "pull-point", 1, detail, reading.stream)
        fresh = [
            reading
            for reading in went.readings
            if reading.error is None
            and (reading.at_us is None or known.get(reading.stream) != reading.at_us)
        ]
        ahead = 0.0
        if fresh:
            batch, refused = check_rows(rows_of(fresh, went.read_us), view,
                                        received_us=went.read_us)  # fmt: skip
            for code, count in refused.counts().items():
                given = next(more for found, more in refused.rows.values() if found == code)
                detail = PROBLEMS[code].text(english=False, **given)
                self._refuse(asked.id, code, count, detail, asked.code)
            if batch is not None:
                self._keep(batch)
                ahead = (int(batch.times().max()) - went.read_us) / 1e6
            known.update({r.stream: r.at_us for r in fresh if r.at_us is not None})
        self.notes.saw(asked.id, went.read_us, ahead)

    async def _view(self, asked: Asked) -> DeviceView | None:
        """What the device may write; while the database is away, what was known before."""
        try:
            view = await self._find(asked.code)
        except Error:
            if asked.id not in self._views:
                raise
            return self._views[asked.id]
        if view is not None:
            self._views[asked.id] = view
        return view

    # --- what was read -------------------------------------------------------------------------

    def _keep(self, batch: Batch) -> None:
        self.waiting.append(batch)
        self.rows += len(batch)
        while self.rows > MOST_WAITING and len(self.waiting) > 1:
            lost = self.waiting.popleft()
            self.rows -= len(lost)
            detail = f"> {MOST_WAITING}"
            self._refuse(lost.device, "pull-overflow", len(lost), detail, "")
        self._bell.set()

    async def _bring(self) -> None:
        """Everything that waits, in its order; what the stream does not take stays in front."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self.waiting:
                group = [self.waiting.popleft() for _n in range(len(self.waiting))]
                self.rows -= sum(len(batch) for batch in group)
                try:
                    for batch in grouped(group):
                        await self.publisher.put(batch)
                except (NatsError, OSError, FullError, TimeoutError) as error:
                    logger.warning("telemetry: what was read waits: %r", error)
                    self.waiting.extendleft(reversed(group))
                    self.rows += sum(len(batch) for batch in group)
                    await asyncio.sleep(AGAIN_S)

    # --- what is told --------------------------------------------------------------------------

    def _refuse(self, device: int, code: str, count: int, detail: str, source: str) -> None:
        self.notes.refuse(device, code, count=count, detail=detail, source=source, payload=b"")

    async def _note(self) -> None:
        while True:
            await asyncio.sleep(NOTE_S)
            if not (self.notes.waiting or self._states):
                continue
            states, self._states = self._states, {}
            try:
                await self._thread(_safely, self.notes.write)
                await self._thread(_safely, write_states, states)
            except Error as error:
                logger.warning("telemetry: notes of asked devices wait: %s", error)
                self._states = {**states, **self._states}


def rows_of(readings: list[Reading], read_us: int) -> Rows:
    """Readings as rows of a door."""
    return Rows(
        [one.stream for one in readings],
        [read_us if one.at_us is None else one.at_us for one in readings],
        [one.value for one in readings],
        {n: one.measure for n, one in enumerate(readings) if one.measure},
        quality={n: int(one.quality) for n, one in enumerate(readings) if one.quality},
    )


def _as_told(asked: Asked, error: Exception) -> InputError:
    if isinstance(error, InputError):
        return error
    logger.error("telemetry: %s was not read", asked.code, exc_info=error)
    return PullError(gettext_noop("Không đọc được thiết bị: %(error)s."), error=repr(error)[:200])


async def _close(session: Session | None) -> None:
    if session is not None:
        await session.close()


def _safely(work: Callable[..., Any], *given: Any) -> Any:
    """Database work in a thread; a broken connection is thrown away."""
    try:
        return work(*given)
    except Error:
        connection.close()
        raise
