"""The power goes: what the broker has acknowledged is on its disk.

The store of the broker lies on a file system of its own, on an image behind a loop device that
goes round the page cache. The broker is killed under load and the image is copied as it is at that
moment, without a flush: what was not on the device is not in the copy. A new broker starts on the
copy. Nothing that the stream acknowledged may be missing, and nothing be there twice; with the
flushing that brokers do by default, the same cut loses what was acknowledged, so the test sees.

It needs root and loop devices, and is left out where there are none.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from nats.errors import Error as NatsError

from sen.domains.telemetry import wire
from sen.domains.telemetry.flow.tail import Tail, last_number
from sen.kernel.broker import connect, ensure_stream
from sen.kernel.testing.processes import NatsServer

pytestmark = pytest.mark.slow
logger = logging.getLogger(__name__)

CUTS: Final = int(os.environ.get("SEN_CUTS", "2"))
SEED: Final = int(os.environ.get("SEN_SEED", "597"))
IMAGE_MB: Final = 96
SENDERS: Final = 8
ROWS: Final = 20


@dataclass
class Disk:
    """A file system on an image; ``cut`` says what of it is on the device now."""

    folder: Path
    image: Path = field(init=False)
    mounted: Path = field(init=False)
    _done: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = self.folder / "disk.img"
        self.mounted = self.folder / "disk"

    def make(self) -> None:
        with self.image.open("wb") as file:
            file.truncate(IMAGE_MB * 2**20)
        _run("mkfs.ext4", "-q", "-F", str(self.image))
        device = _run("losetup", "--direct-io=on", "-f", "--show", str(self.image)).strip()
        self._done.append(["losetup", "-d", device])
        direct = Path(f"/sys/block/{Path(device).name}/loop/dio").read_text().strip()
        if direct != "1":
            raise OSError("the loop device cannot go round the page cache")
        # The journal is written when somebody flushes and not by the clock.
        self._mount(device, self.mounted, "commit=300")

    def cut(self, number: int) -> Path:
        """A file system as the device would show it after the power came back."""
        copy = self.folder / f"cut-{number}.img"
        _run("dd", f"if={self.image}", f"of={copy}", "iflag=direct", "bs=1M", "status=none")
        place = self.folder / f"cut-{number}"
        self._mount(str(copy), place, "loop")
        return place

    def _mount(self, device: str, place: Path, options: str) -> None:
        place.mkdir()
        _run("mount", "-t", "ext4", "-o", options, device, str(place))
        self._done.append(["umount", str(place)])

    def remove(self) -> None:
        for command in reversed(self._done):
            _run(*command)


def _run(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    folder.mkdir()
    made = Disk(folder)
    try:
        try:
            made.make()
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no file system of the test's own: {error}")
        yield made
    finally:
        made.remove()


@pytest.fixture(autouse=True)
def _root() -> None:
    if os.geteuid():
        pytest.skip("only root may mount an image")


@dataclass
class Sent:
    """Messages by what they hold, and the number that the stream gave to those it acknowledged."""

    acknowledged: dict[int, int] = field(default_factory=dict)
    tried: int = 0


async def _send(url: str, sent: Sent, stop: asyncio.Event) -> None:
    client = await connect(url, name="power-cut")
    stream = client.jetstream(timeout=2)
    # Like the house's, but it asks for no more room than the image has.
    await ensure_stream(stream, name=wire.STREAM, subjects=[wire.SUBJECTS], kept_s=3600)
    async with asyncio.TaskGroup() as group:
        for _ in range(SENDERS):
            group.create_task(_lane(stream, sent, stop))
    await client.close()


async def _lane(stream: object, sent: Sent, stop: asyncio.Event) -> None:
    while not stop.is_set():
        sent.tried += 1
        number = sent.tried
        batch = wire.Batch.of(
            device=number, received_us=number, streams=[1] * ROWS,
            times_us=range(ROWS), values=[float(number)] * ROWS,
        )  # fmt: skip
        try:
            answer = await stream.publish(wire.SUBJECT, wire.encode(batch))  # type: ignore[attr-defined]
        except (NatsError, OSError, TimeoutError):
            return
        sent.acknowledged[number] = answer.seq


async def _cut(server: NatsServer, sent: Sent, least: int, after_s: float) -> None:
    stop = asyncio.Event()
    sending = asyncio.create_task(_send(server.url, sent, stop))
    deadline = time.monotonic() + 30
    while len(sent.acknowledged) < least and not sending.done():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    await asyncio.sleep(after_s)
    await asyncio.to_thread(server.kill)
    stop.set()
    await sending


async def _kept(url: str) -> list[tuple[int, int]]:
    """What a stream holds: sender's number and number in the stream."""
    client = await connect(url, name="power-cut")
    last = await last_number(client, wire.STREAM)
    tail = Tail(client, wire.STREAM, after=0)
    found: list[tuple[int, int]] = []
    while last and (not found or found[-1][1] < last):
        for entry in await tail.next(limit_bytes=10_000_000, wait_s=5):
            batch = wire.decode(entry.data)
            assert batch.numbers().tolist() == [float(batch.device)] * ROWS
            found.append((batch.device, entry.seq))
    await tail.close()
    await client.close()
    return found


def _after_a_cut(folder: Path, number: int, sync: str) -> tuple[Sent, list[tuple[int, int]]]:
    chance = random.Random(SEED + number)
    sent = Sent()
    with disk(folder) as made:
        server = NatsServer(made.mounted, sync=sync)
        try:
            asyncio.run(_cut(server, sent, 50, chance.uniform(0.05, 0.6)))
            place = made.cut(number)
        finally:
            server.kill()
        again = NatsServer(place, sync=sync)
        try:
            found = asyncio.run(_kept(again.url))
        finally:
            again.kill()
    return sent, found


def test_what_the_stream_acknowledged_is_there_after_the_power_was_cut(tmp_path: Path) -> None:
    total = 0
    for number in range(CUTS):
        sent, found = _after_a_cut(tmp_path / str(number), number, "always")
        kept = dict(found)
        assert len(kept) == len(found)
        lost = sorted(set(sent.acknowledged) - set(kept))
        assert not lost, f"{len(lost)} of {len(sent.acknowledged)} acknowledged are missing"
        assert all(kept[one] == seq for one, seq in sent.acknowledged.items())
        total += len(sent.acknowledged)
    logger.warning("%d cuts (seed %d): %d acknowledged messages, all once", CUTS, SEED, total)


def test_the_cut_takes_what_a_broker_had_not_flushed(tmp_path: Path) -> None:
    sent, found = _after_a_cut(tmp_path / "default", 0, "2m")
    lost = set(sent.acknowledged) - {number for number, _seq in found}
    assert len(lost) > len(sent.acknowledged) // 2
