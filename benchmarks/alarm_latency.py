"""From an observation to its alarm, through the real doors, the broker and the rules process.

    .venv/bin/python benchmarks/alarm_latency.py [--alarms 60] [--load 200]

Starts a broker, the writer, the doors and the rules of its own over DATABASE_URL, a prepared
database on this machine that may be written to. The clock runs from the first byte of the request
until the transaction that holds the alarm and the event of the outbox is committed: a trigger tells
of each new alarm, and PostgreSQL delivers that with the commit. Each observation that is too high
goes to a stream of its own, five a second; ``--load`` single observations a second go to others
meanwhile. Batches hold 100 observations of which one is too high. Prints JSON, milliseconds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import psycopg
from telemetry import Clock, _field, _packet, cpu_s, mqtt_line

if TYPE_CHECKING:
    from sen.domains.telemetry.tests.flowing import Flow, Sender

LEVEL, HIGH, LOW = 100.0, 150.0, 1.0
GAP_S = 0.2
BATCH = 100
WATCH = """
CREATE OR REPLACE FUNCTION bench_alarm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('bench_alarm', NEW.datastream_id::text); RETURN NULL; END $$;
DROP TRIGGER IF EXISTS bench_alarm ON alarms_alarm;
CREATE TRIGGER bench_alarm AFTER INSERT ON alarms_alarm FOR EACH ROW EXECUTE FUNCTION bench_alarm();
"""
UNWATCH = "DROP TRIGGER bench_alarm ON alarms_alarm; DROP FUNCTION bench_alarm()"
Send = Callable[[int], None]


def address() -> str:
    path = urlsplit(os.environ["DATABASE_URL"]).path
    return os.environ["DATABASE_SUPERUSER_URL"].rpartition("/")[0] + path


class Watch:
    """When each stream's alarm was committed."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        with psycopg.connect(address(), autocommit=True) as server:
            server.execute(WATCH)
        self._thread.start()
        return self

    def __exit__(self, *_given: object) -> None:
        self._stop.set()
        self._thread.join()
        with psycopg.connect(address(), autocommit=True) as server:
            server.execute(UNWATCH)

    def _listen(self) -> None:
        with psycopg.connect(address(), autocommit=True) as server:
            server.execute("LISTEN bench_alarm")
            while not self._stop.is_set():
                for told in server.notifies(timeout=0.5):
                    self.at.setdefault(int(told.payload), time.perf_counter())


def make_rule(sender: Sender) -> None:
    """A threshold in force on what the streams observe; rules of earlier runs go."""
    from sen.domains.alarms.models import Rule
    from sen.domains.alarms.services import create_rule, enforce_rule
    from sen.kernel.access.context import as_system

    stream = sender.streams[0]
    with as_system("a benchmark makes what it measures") as house:
        Rule.objects.filter(code__startswith="BENCH", status="IN_FORCE").update(status="RETIRED")
        row = create_rule(
            actor=house,
            code=f"BENCH{int(time.time())}",
            name="Ngưỡng",
            kind="THRESHOLD",
            observed_property=stream.observed_property,
            definition={"levels": [{"severity": 2, "raise": LEVEL, "clear": LEVEL - 5}]},
            owner_org=stream.owner_org,
            area=stream.area,
        )
        enforce_rule(actor=house, row=row)


def one(clock: Clock, stream: int, value: float) -> bytes:
    return json.dumps([{"stream": stream, "time": clock.take(1) / 1e6, "value": value}]).encode()


def many(clock: Clock, stream: int, others: list[int]) -> bytes:
    """One stream too high among many."""
    streams = [*others[: BATCH - 1], stream]
    values = [*[LOW] * (len(streams) - 1), HIGH]
    times = [clock.take(1)] * len(streams)
    return json.dumps({"streams": streams, "times": times, "values": values}).encode()


def by_http(flow: Flow, sender: Sender, body: Callable[[int], bytes]) -> Send:
    line = http.client.HTTPConnection("127.0.0.1", flow.door.port, timeout=30)
    headers = {"Authorization": sender.basic, "Content-Type": "application/json"}

    def send(stream: int) -> None:
        line.request("POST", "/ingest/v1/observations", body(stream), headers)
        answer = line.getresponse()
        answer.read()
        if answer.status not in (201, 202):
            raise RuntimeError(f"HTTP {answer.status}")

    return send


def by_mqtt(line: socket.socket, sender: Sender, body: Callable[[int], bytes]) -> Send:
    topic = _field(f"sen/v1/{sender.device.pk}/obs".encode())

    def send(stream: int) -> None:
        line.sendall(_packet(0x32, topic + struct.pack(">H", 1) + body(stream)))
        line.recv(4)

    return send


def measure(send: Send, streams: list[int], watch: Watch) -> dict[str, Any]:
    """One too high on each stream, a moment apart."""
    begun, answered = {}, []
    for stream in streams:
        begun[stream] = time.perf_counter()
        send(stream)
        answered.append((time.perf_counter() - begun[stream]) * 1000)
        time.sleep(max(0.0, begun[stream] + GAP_S - time.perf_counter()))
    end = time.perf_counter() + 60
    while any(stream not in watch.at for stream in streams) and time.perf_counter() < end:
        time.sleep(0.05)
    taken = sorted((watch.at[s] - at) * 1000 for s, at in begun.items() if s in watch.at)
    return {
        "alarms": len(taken),
        "missing": len(streams) - len(taken),
        "p50_ms": round(statistics.median(taken), 1),
        "p90_ms": round(taken[int(len(taken) * 0.9)], 1),
        "p99_ms": round(taken[min(int(len(taken) * 0.99), len(taken) - 1)], 1),
        "slowest_ms": round(taken[-1], 1),
        "answered_p50_ms": round(statistics.median(answered), 1),
    }


@contextmanager
def loaded(
    flow: Flow, sender: Sender, clock: Clock, streams: list[int], rate: int
) -> Iterator[None]:
    """Single observations at a rate by MQTT meanwhile, none of them too high."""
    stop = threading.Event()

    def work() -> None:
        begin, sent = time.perf_counter(), 0
        with mqtt_line(flow, sender, f"load-{time.time_ns()}") as line:
            send = by_mqtt(line, sender, lambda stream: one(clock, stream, LOW))
            while not stop.is_set():
                send(streams[sent % len(streams)])
                sent += 1
                time.sleep(max(0.0, begin + sent / rate - time.perf_counter()))

    thread = threading.Thread(target=work)
    if rate:
        thread.start()
    yield
    stop.set()
    if rate:
        thread.join()


def run(flow: Flow, count: int, rate: int) -> dict[str, Any]:
    from sen.domains.telemetry.tests.flowing import make_sender

    sender = make_sender(f"ALARM{int(time.time())}", streams=3 * count + BATCH + 1)
    make_rule(sender)
    clock = Clock()
    streams = [stream.pk for stream in sender.streams]
    others, own = streams[:BATCH], streams[BATCH + 1 :]
    flow.post(json.loads(one(clock, others[0], LOW)), auth=sender.basic)
    rules = flow.python("rules")

    def single(stream: int) -> bytes:
        return one(clock, stream, HIGH)

    report: dict[str, Any] = {"load": os.getloadavg()[0], "beside_per_s": rate}
    with Watch() as watch, mqtt_line(flow, sender, "bench") as line:
        # The rules judge when their first alarm is there; starting is not what is measured.
        measure(by_http(flow, sender, single), streams[BATCH : BATCH + 1], watch)
        used = cpu_s(rules.pid)
        with loaded(flow, sender, clock, others, rate):
            cases: list[tuple[str, Send]] = [
                ("single_http", by_http(flow, sender, single)),
                ("single_mqtt", by_mqtt(line, sender, single)),
                ("batch_http", by_http(flow, sender, lambda s: many(clock, s, others))),
            ]
            for number, (name, send) in enumerate(cases):
                report[name] = measure(send, own[number * count : (number + 1) * count], watch)
    report["rules_core_s"] = round(cpu_s(rules.pid) - used, 2)
    rules.end()
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alarms", type=int, default=60, help="of each kind")
    parser.add_argument("--load", type=int, default=200, help="other observations a second")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    import django

    django.setup()
    from sen.domains.telemetry.tests.flowing import running_flow

    variables = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    with tempfile.TemporaryDirectory() as folder, running_flow(Path(folder), variables) as flow:
        found = run(flow, given.alarms, given.load)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
