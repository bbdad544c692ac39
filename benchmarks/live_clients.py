"""Idle clients of the live streams: memory, processor time, and the way from an act to a screen.

    .venv/bin/python benchmarks/live_clients.py --clients 5000

Starts a NATS server, the relay and the live process on free ports, opens the streams from a
process of its own, then writes events in PostgreSQL: outbox → relay → JetStream → live → socket.
The time counts from before the transaction to the arrival at each client. DATABASE_URL must name
a prepared database that may be written to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sen.kernel.events import Event

SECRET = "benchmark-" + "0" * 50
TOPIC = "benchmark"


@dataclass(frozen=True)
class Plan:
    clients: int
    scopes: int
    events: int
    pause_s: float
    idle_s: float


@dataclass(frozen=True)
class Figures:
    """What was measured; memory in kB of 1,000 bytes."""

    clients: int
    opening_s: float
    empty_mib: float
    kb_a_client: float
    kb_a_client_afterwards: float
    idle_core_share: float
    arrivals: int
    arrivals_expected: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_us_an_arrival: float


def rss_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def cpu_s(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def ticket(number: int, scopes: int) -> str:
    from sen.kernel.access.scope import AccessRule, Clause, Scope
    from sen.kernel.live.tickets import Ticket, TopicGrant, sign, signing_key

    areas = frozenset({1, *range(100 + number % scopes, 160 + number % scopes)})
    scope = Scope(AccessRule("benchmark.thing"), (Clause(0), Clause(1, None, areas)))
    grant = TopicGrant.of(TOPIC, scope, hz=1.0)
    return sign(
        Ticket(int(time.time()) + 600, f"session-{number}", "http://127.0.0.1", [grant], number),
        signing_key(SECRET),
    )


class Screen(asyncio.Protocol):
    """One client: sends a request, notes when each event arrives."""

    def __init__(self, request: bytes, seen: list[float], ready: list[int]) -> None:
        self.request = request
        self.seen = seen
        self.ready = ready

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        if b"retry:" in data:
            self.ready.append(1)
        for line in data.split(b"\n"):
            if line.startswith(b"data: "):
                sent = json.loads(line[6:])["data"].get("sent")
                if sent:
                    self.seen.append(now - sent)


def screens(port: int, plan: Plan, pipe: Connection) -> None:
    """Open the streams; on request report the delays since the last report."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (plan.clients + 500, plan.clients + 500))
    seen: list[float] = []
    ready: list[int] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        for number in range(plan.clients):
            request = (
                f"GET /live/stream?ticket={ticket(number, plan.scopes)} HTTP/1.1\r\n"
                f"Host: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n\r\n"
            ).encode()
            await loop.create_connection(partial(Screen, request, seen, ready), "127.0.0.1", port)
        while len(ready) < plan.clients:  # noqa: ASYNC110  (nothing else runs meanwhile)
            await asyncio.sleep(0.05)
        pipe.send(time.perf_counter() - started)
        while True:
            if pipe.poll():
                if pipe.recv() == "end":
                    return
                pipe.send(list(seen))
                seen.clear()
            await asyncio.sleep(0.05)

    asyncio.run(run())


def event_type() -> type[Event]:
    from sen.kernel.events import Event

    @dataclass(frozen=True, kw_only=True)
    class ThingMeasured(Event):
        type = "vn.dongthap.sen.benchmark.thing.measured.v1"
        live_topic = TOPIC
        sent: float

    return ThingMeasured


def write_events(plan: Plan) -> None:
    """Publish through the outbox, one transaction an event."""
    from django.db import transaction

    from sen.kernel.events import Audience, publish

    measured: Callable[..., Event] = event_type()
    seen_by = Audience(area_id=1, data_class=1)
    for number in range(plan.events):
        event = measured(sent=time.time())
        with transaction.atomic():
            publish(event, key=number, audience=seen_by)
        time.sleep(plan.pause_s)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def set_up_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    os.environ.setdefault("SEN_SECRET_KEY", SECRET)
    django.setup()


def start_relay(url: str) -> None:
    set_up_django()
    from sen.kernel.events.running import run_relay

    event_type()
    run_relay(nats_url=url, stop=threading.Event())


def measure(plan: Plan, folder: Path) -> Figures:
    from sen.kernel.testing.processes import NatsServer, Process, free_port, wait_for_port

    nats = NatsServer(folder)
    port = free_port()
    resource.setrlimit(resource.RLIMIT_NOFILE, (plan.clients + 500, plan.clients + 500))
    live = Process(
        sys.executable, "-m", "uvicorn", "sen.kernel.live.app:app", "--port", str(port),
        "--no-access-log", "--log-level", "warning", "--backlog", "4096",
        environment={"SEN_SECRET_KEY": SECRET, "NATS_URL": nats.url}, log=folder / "live.log",
    )  # fmt: skip
    wait_for_port(port)
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    relaying = spawn.Process(target=start_relay, args=(nats.url,), daemon=True)
    watching = spawn.Process(target=screens, args=(port, plan, theirs), daemon=True)
    try:
        relaying.start()
        time.sleep(3)
        empty = rss_kb(live.pid)
        watching.start()
        opening = ours.recv()
        time.sleep(2)
        idle = rss_kb(live.pid)
        before = cpu_s(live.pid)
        time.sleep(plan.idle_s)
        idle_share = (cpu_s(live.pid) - before) / plan.idle_s
        before = cpu_s(live.pid)
        set_up_django()
        write_events(plan)
        time.sleep(3)
        ours.send("report")
        delays = ours.recv()
        spent = cpu_s(live.pid) - before
        after = rss_kb(live.pid)
        ours.send("end")
        return Figures(
            clients=plan.clients,
            opening_s=round(opening, 1),
            empty_mib=round(empty / 1024, 1),
            kb_a_client=round((idle - empty) * 1.024 / plan.clients, 1),
            kb_a_client_afterwards=round((after - empty) * 1.024 / plan.clients, 1),
            idle_core_share=round(idle_share, 4),
            arrivals=len(delays),
            arrivals_expected=plan.events * plan.clients,
            p50_ms=round(statistics.median(delays) * 1000),
            p99_ms=round(quantile(delays, 0.99) * 1000),
            max_ms=round(max(delays) * 1000),
            cpu_us_an_arrival=round(spent / len(delays) * 1e6),
        )
    finally:
        print((folder / "live.log").read_text(encoding="utf-8")[-2000:], file=sys.stderr)
        watching.terminate()
        relaying.terminate()
        live.kill()
        nats.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--scopes", type=int, default=20, help="different scopes among the clients")
    parser.add_argument("--events", type=int, default=20)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two events")
    parser.add_argument("--idle", type=float, default=30, help="seconds of idleness measured")
    options = parser.parse_args()
    plan = Plan(options.clients, options.scopes, options.events, options.pause, options.idle)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asdict(measure(plan, Path(folder))), indent=2))


if __name__ == "__main__":
    main()
