"""How fast events are written, relayed and handled, and how long one takes from act to effect.

    .venv/bin/python benchmarks/events.py

Starts a NATS server with an fsync per message, one relay and one consumers process with one
handler. DATABASE_URL must name a prepared database that may be written to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sen.kernel.events import Event

SECRET = "benchmark-" + "0" * 50
TABLE = "benchmark_handled"


@dataclass(frozen=True)
class Figures:
    """Rates in events per second."""

    published_alone: float
    published_together: float
    handled: float
    latency_p50_ms: float
    latency_p99_ms: float
    latency_events: int


def event_type() -> type[Event]:
    """The event and its handler; called in every process."""
    from django.db import connection

    from sen.kernel.events import Event, Origin, on

    @dataclass(frozen=True, kw_only=True)
    class ThingMoved(Event):
        type = "vn.dongthap.sen.benchmark.thing.moved.v1"
        sent: float

    @on(ThingMoved, name="benchmark.note")
    def note(event: ThingMoved, origin: Origin) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {TABLE} (delay) VALUES (%s)",
                [time.time() - event.sent],
            )

    return ThingMoved


def set_up() -> type[Event]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    os.environ.setdefault("SEN_SECRET_KEY", SECRET)
    django.setup()
    return event_type()


def relay(url: str) -> None:
    set_up()
    from sen.kernel.events.running import run_relay

    run_relay(nats_url=url, stop=threading.Event())


def consume(url: str) -> None:
    set_up()
    from sen.kernel.events.consumers import run_consumers

    asyncio.run(run_consumers(nats_url=url, lanes=1, stop=asyncio.Event()))


def delays() -> list[float]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT delay FROM {TABLE} ORDER BY id")
        return [float(delay) for (delay,) in cursor.fetchall()]


def wait_for(count: int) -> None:
    while len(delays()) < count:
        time.sleep(0.05)


def measure(count: int, folder: Path) -> Figures:
    from sen.kernel.testing.processes import NatsServer

    moved: Callable[..., Event] = set_up()
    from django.db import connections, transaction

    from sen.kernel.events import publish, publish_many

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"DROP TABLE IF EXISTS {TABLE}; CREATE TABLE {TABLE} (id bigserial, delay float);"
            f"GRANT ALL ON {TABLE}, {TABLE}_id_seq TO PUBLIC"
        )
    connections["owner"].close()
    nats = NatsServer(folder)
    spawn = multiprocessing.get_context("spawn")
    helpers = [spawn.Process(target=run, args=(nats.url,), daemon=True) for run in (relay, consume)]
    try:
        for helper in helpers:
            helper.start()
        with transaction.atomic():
            publish(moved(sent=time.time()), key=0)
        wait_for(1)
        started = time.perf_counter()
        for number in range(count):
            with transaction.atomic():
                publish(moved(sent=time.time()), key=number)
        alone = count / (time.perf_counter() - started)
        wait_for(1 + count)
        started = time.perf_counter()
        with transaction.atomic():
            publish_many([(moved(sent=time.time()), number) for number in range(count)])
        together = count / (time.perf_counter() - started)
        wait_for(1 + 2 * count)
        handled = count / (time.perf_counter() - started)
        single = 300
        for number in range(single):
            with transaction.atomic():
                publish(moved(sent=time.time()), key=number)
            time.sleep(0.03)
        wait_for(1 + 2 * count + single)
        ways = sorted(delays()[-single:])
        return Figures(
            published_alone=round(alone),
            published_together=round(together),
            handled=round(handled),
            latency_p50_ms=round(ways[single // 2] * 1000, 1),
            latency_p99_ms=round(ways[int(single * 0.99)] * 1000, 1),
            latency_events=single,
        )
    finally:
        for helper in helpers:
            helper.kill()
        nats.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asdict(measure(options.events, Path(folder))), indent=2))


if __name__ == "__main__":
    main()
