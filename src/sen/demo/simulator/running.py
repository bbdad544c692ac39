"""Sends what stations say through the MQTT door, in real time or as fast as the door takes it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sen.demo.simulator.mqtt import DoorError, KeyRefusedError, Session
from sen.demo.simulator.playing import Message, Station
from sen.demo.simulator.stations import Keys

#: Payloads of a device that wait for the door before the next is made.
WAITING: Final = 64
RETRY_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
LOOK_S: Final = 2.0
TELL_S: Final = 5.0

Say = Callable[[str], None]


class NoPlatformError(ConnectionError):
    """Nothing listens at the MQTT door."""


class RefusedError(ConnectionError):
    """The door does not take the key of a device."""


@dataclass(slots=True)
class Tally:
    """What was sent so far."""

    messages: int = 0
    observations: int = 0
    waiting: int = 0
    away: set[str] = field(default_factory=set)
    stations: set[str] = field(default_factory=set)


class Holding:
    """Notes which stations a run plays, so that the one in the background leaves them alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"held-{os.getpid()}.json"
        self._looked_at = 0.0
        self._held: frozenset[str] = frozenset()

    @contextlib.contextmanager
    def of(self, stations: Iterable[Station]) -> Iterator[None]:
        self._own.write_text(json.dumps([station.code for station in stations]), encoding="utf-8")
        try:
            yield
        finally:
            self._own.unlink(missing_ok=True)

    def elsewhere(self) -> frozenset[str]:
        """Stations that another living run plays now."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_S:
            return self._held
        self._looked_at = now
        found: set[str] = set()
        for path in self._folder.glob("held-*.json"):
            pid = path.stem.removeprefix("held-")
            if path == self._own or not pid.isdigit():
                continue
            if not Path(f"/proc/{pid}").exists():
                path.unlink(missing_ok=True)
                continue
            with contextlib.suppress(OSError, ValueError):
                found.update(json.loads(path.read_text(encoding="utf-8")))
        self._held = frozenset(found)
        return self._held


async def check_door(host: str, port: int) -> None:
    """Whether somebody listens.

    Raises:
        NoPlatformError: nobody does.
    """
    try:
        async with asyncio.timeout(5):
            _reader, writer = await asyncio.open_connection(host, port)
            writer.close()
    except (OSError, TimeoutError) as error:
        raise NoPlatformError(
            f"Không nối được cửa MQTT tại {host}:{port}. Hãy chạy ./sen up trước,"
            " hoặc chỉ đúng cửa bằng --host và --port."
        ) from error


class Player:
    """All devices with their connections."""

    def __init__(
        self, *, host: str, port: int, keys: Keys, stop: asyncio.Event, is_patient: bool
    ) -> None:
        self.tally = Tally()
        self._door = (host, port)
        self._keys = keys
        self._stop = stop
        self._is_patient = is_patient
        self._queues: dict[str, asyncio.Queue[Message]] = {}
        self._workers: list[asyncio.Task[None]] = []
        self.fault: Exception | None = None

    async def put(self, message: Message) -> None:
        """Hand over a payload; waits while the device has many that the door has not taken."""
        device = message.station.device
        queue = self._queues.get(device)
        if queue is None:
            queue = self._queues[device] = asyncio.Queue(WAITING)
            worker = self._serve(message.station, queue)
            self._workers.append(asyncio.create_task(worker))
        self.tally.waiting += 1
        await _first(queue.put(message), self._stop)

    async def drain(self) -> None:
        """Return when everything was taken, or an end was asked for."""
        for queue in self._queues.values():
            await _first(queue.join(), self._stop)

    async def close(self) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _serve(self, station: Station, queue: asyncio.Queue[Message]) -> None:
        name, password = self._keys[station.device]
        # The broker takes letters without accents and digits only.
        client = f"sen-{station.number}-{os.getpid()}"
        session = Session(*self._door, name=name, password=password, client=client)
        try:
            while True:
                message = await queue.get()
                await self._send(session, message)
                self.tally.waiting -= 1
                self.tally.messages += 1
                self.tally.observations += message.count
                self.tally.stations.add(message.station.code)
                queue.task_done()
        finally:
            await session.close()

    async def _send(self, session: Session, message: Message) -> None:
        device, tries = message.station.device, 0
        while True:
            try:
                await session.publish(f"sen/v1/{message.station.number}/obs", message.payload)
            except DoorError as error:
                if isinstance(error, KeyRefusedError) and not self._is_patient and tries:
                    self.fault = RefusedError(
                        f"Cửa MQTT không nhận khóa của thiết bị {device}: thiết bị bị cách ly,"
                        " khóa bị thu hồi hoặc cửa thuộc một nền tảng khác."
                    )
                    self._stop.set()
                    return
                self.tally.away.add(device)
                await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
                tries += 1
            else:
                self.tally.away.discard(device)
                return


async def play(
    player: Player,
    script: Iterable[Message],
    *,
    stop: asyncio.Event,
    speed: float | None,
    elsewhere: Callable[[], frozenset[str]],
) -> None:
    """Send the script; ``speed`` seconds of it in each real one, None as fast as the door takes."""
    began: tuple[float, float] | None = None
    for message in script:
        if stop.is_set():
            return
        if speed is not None:
            # A script in real time runs by the clock, a faster one by what has passed.
            now = time.time()
            began = began or (now, now if speed == 1.0 else message.due_s)
            wait_s = (message.due_s - began[1]) / speed - (now - began[0])
            if wait_s > 0:
                await _first(asyncio.sleep(wait_s), stop)
            if stop.is_set():
                return
        if message.station.code not in elsewhere():
            await player.put(message)
    await player.drain()


async def tell(player: Player, say: Say, *, every_s: float = TELL_S) -> None:
    """A line of progress now and then, and at once when the door goes or comes back."""
    was_away = False
    told_at = time.monotonic()
    while True:
        await asyncio.sleep(min(1.0, every_s))
        tally = player.tally
        if bool(tally.away) != was_away:
            was_away = bool(tally.away)
            count = number(len(tally.away))
            say(
                f"Cửa MQTT chưa nhận bản tin của {count} thiết bị, đang thử lại…"
                if was_away
                else "Cửa MQTT đã nhận bản tin của mọi thiết bị."
            )
        if time.monotonic() - told_at >= every_s:
            told_at = time.monotonic()
            say(progress(tally))


def progress(tally: Tally) -> str:
    """``Đã gửi 1.204 bản tin, 5.310 số liệu từ 100 trạm``."""
    text = (
        f"Đã gửi {number(tally.messages)} bản tin, {number(tally.observations)} số liệu"
        f" từ {number(len(tally.stations))} trạm"
    )
    return f"{text}; {number(tally.waiting)} bản tin đang chờ" if tally.waiting > 1 else text


def number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


async def _first(waited: Awaitable[None], stop: asyncio.Event) -> None:
    """Wait, but not past the order to stop."""
    task = asyncio.ensure_future(waited)
    halt = asyncio.create_task(stop.wait())
    await asyncio.wait({task, halt}, return_when=asyncio.FIRST_COMPLETED)
    for each in (task, halt):
        each.cancel()
    await asyncio.gather(task, halt, return_exceptions=True)
