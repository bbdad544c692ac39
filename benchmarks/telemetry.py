"""The whole path of observations: door, broker with an fsync per message, writer, store.

    .venv/bin/python benchmarks/telemetry.py [--seconds 10]

Starts a broker, the writer and the doors of its own. DATABASE_URL must name a prepared database on
this machine that may be written to. Processor time is counted of the broker, the doors, the writer
and the backends of the database, not of the client; rollups run as they do in operation.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sen.domains.telemetry.tests.flowing import Flow, Sender

TICK = os.sysconf("SC_CLK_TCK")
STREAMS = 1_600
PER_THREAD = 100


@dataclass(frozen=True)
class Figures:
    """What one kind of sending cost. ``core_s`` by process; rates in observations."""

    case: str
    stored: int
    wall_s: float
    per_s: float
    per_core_s: float
    core_s: dict[str, float]


def cpu_s(pid: int) -> float:
    """Processor seconds of a process so far; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def backends() -> list[int]:
    """Processes of the database that work for the flow."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


def stored_count() -> int:
    from django.db import connection

    from sen.kernel.access.context import as_system

    with as_system("count what the benchmark stored"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM telemetry_observation")
        found: int = cursor.fetchone()[0]
    return found


class Meter:
    """Processor time by kind of process between two moments."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.first = self.now()

    def now(self) -> dict[str, dict[int, float]]:
        pids = {
            "broker": [self.flow.nats.pid],
            "doors": [self.flow.door.pid],
            "writer": [self.flow.writer.pid],
            "database": backends(),
        }
        return {name: {pid: cpu_s(pid) for pid in own} for name, own in pids.items()}

    def spent(self) -> dict[str, float]:
        last = self.now()
        return {
            name: round(
                sum(value - self.first[name].get(pid, 0.0) for pid, value in own.items()), 2
            )
            for name, own in last.items()
        }


class Sent:
    """How many observations were acknowledged to the senders."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self.count += count


Work = Callable[[int, "threading.Event", Sent], None]
Body = Callable[[list[int]], bytes]


def measure(flow: Flow, case: str, seconds: float, threads: int, work: Work) -> Figures:
    """Run ``work`` in threads for so long, then wait until all of it is stored."""
    before = stored_count()
    meter, begin, stop = Meter(flow), time.perf_counter(), threading.Event()
    sent = Sent()
    pool = [threading.Thread(target=work, args=(n, stop, sent)) for n in range(threads)]
    for thread in pool:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in pool:
        thread.join()
    while (done := stored_count() - before) < sent.count:
        if time.perf_counter() - begin > seconds + 60:
            raise RuntimeError(f"{case}: {sent.count} acknowledged, {done} stored")
        time.sleep(0.1)
    wall = time.perf_counter() - begin
    spent = meter.spent()
    return Figures(
        case, done, round(wall, 2), round(done / wall), round(done / sum(spent.values())), spent
    )


STEP_US = 100_000


class Clock:
    """Times a tenth of a second apart, never given twice; none ahead for a million of them."""

    def __init__(self) -> None:
        self._next = (int(time.time()) - 864_000) * 1_000_000
        self._lock = threading.Lock()

    def take(self, count: int) -> int:
        with self._lock:
            first = self._next
            self._next += STEP_US * count
        return first


def columns(clock: Clock, streams: list[int], size: int) -> bytes:
    """One batch by columns: each stream in turn, until ``size`` observations are there."""
    at = clock.take(1)
    rows = -(-size // len(streams))
    return json.dumps(
        {
            "streams": (streams * rows)[:size],
            "times": [at + 10_000 * (n // len(streams)) for n in range(size)],
            "values": [12.5 + n % 7 for n in range(size)],
        }
    ).encode()


def objects(clock: Clock, streams: list[int], size: int) -> bytes:
    """One batch as a list of objects, or a single one of a stream by chance."""
    at = clock.take(1) / 1e6
    chosen = streams[:size] if size > 1 else [streams[int(at) % len(streams)]]
    return json.dumps([{"stream": pk, "time": at, "value": 12.5} for pk in chosen]).encode()


def by_http(flow: Flow, sender: Sender, body: Body, size: int) -> Work:
    headers = {"Authorization": sender.basic, "Content-Type": "application/json"}

    def work(number: int, stop: threading.Event, sent: Sent) -> None:
        streams = own_streams(sender, number)
        line = http.client.HTTPConnection("127.0.0.1", flow.door.port, timeout=30)
        while not stop.is_set():
            line.request("POST", "/ingest/v1/observations", body(streams), headers)
            answer = line.getresponse()
            answer.read()
            if answer.status not in (201, 202):
                raise RuntimeError(f"HTTP {answer.status}")
            sent.add(size)
        line.close()

    return work


def own_streams(sender: Sender, number: int) -> list[int]:
    """Each gateway has streams of its own."""
    first = number * PER_THREAD % STREAMS
    return [stream.pk for stream in sender.streams[first : first + PER_THREAD]]


def _field(text: bytes) -> bytes:
    return struct.pack(">H", len(text)) + text


def _packet(kind: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while True:
        size, byte = divmod(size, 128)
        length += bytes([byte | 128 if size else byte])
        if not size:
            return bytes([kind]) + length + body


@contextmanager
def mqtt_line(flow: Flow, sender: Sender, client_id: str) -> Iterator[socket.socket]:
    """A bare MQTT 3.1.1 connection: a client library would be what is measured."""
    with socket.create_connection(("127.0.0.1", flow.nats.mqtt_port)) as line:
        head = _field(b"MQTT") + bytes([4, 0b1100_0010]) + struct.pack(">H", 60)
        texts = (client_id.encode(), sender.name.encode(), sender.secret.encode())
        line.sendall(_packet(0x10, head + b"".join(map(_field, texts))))
        if line.recv(4)[3] != 0:
            raise ConnectionError("refused")
        yield line


def by_mqtt(flow: Flow, sender: Sender, body: Body, size: int, window: int) -> Work:
    """QoS 1 with ``window`` messages unacknowledged."""
    topic = _field(f"sen/v1/{sender.device.pk}/obs".encode())

    def work(number: int, stop: threading.Event, sent: Sent) -> None:
        streams = own_streams(sender, number)
        with mqtt_line(flow, sender, f"bench-{number}") as line:
            while not stop.is_set():
                line.sendall(
                    b"".join(
                        _packet(0x32, topic + struct.pack(">H", n + 1) + body(streams))
                        for n in range(window)
                    )
                )
                left = 4 * window
                while left:
                    left -= len(line.recv(left))
                sent.add(size * window)

    return work


def latency_ms(flow: Flow, sender: Sender, clock: Clock, seconds: float) -> dict[str, float]:
    """From the request to the answer after the commit, 20 a second, one at a time."""
    line = http.client.HTTPConnection("127.0.0.1", flow.door.port, timeout=30)
    headers = {"Authorization": sender.basic, "Content-Type": "application/json"}
    streams = own_streams(sender, 0)
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        line.request("POST", "/ingest/v1/observations", objects(clock, streams, 1), headers)
        line.getresponse().read()
        taken.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.05)
    taken.sort()
    return {
        "p50": round(taken[len(taken) // 2], 1),
        "p99": round(taken[int(len(taken) * 0.99)], 1),
        "n": len(taken),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    import django

    django.setup()
    from sen.domains.telemetry.tests.flowing import make_sender, running_flow

    variables = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    with tempfile.TemporaryDirectory() as folder, running_flow(Path(folder), variables) as flow:
        sender = make_sender(f"BENCH{int(time.time())}", streams=STREAMS)
        clock, seconds = Clock(), options.seconds
        flow.post(json.loads(columns(clock, own_streams(sender, 0), 1)), auth=sender.basic)

        def cut(made: Callable[[Clock, list[int], int], bytes], size: int) -> Body:
            return lambda streams: made(clock, streams, size)

        report: list[Any] = [{"latency_ms": latency_ms(flow, sender, clock, seconds)}]
        many, few = columns, objects
        cases: list[tuple[str, int, Work]] = [
            *(
                (f"http columns {size}", threads, by_http(flow, sender, cut(many, size), size))
                for size, threads in ((10_000, 2), (1_000, 4), (100, 16))
            ),
            ("http objects 100", 16, by_http(flow, sender, cut(few, 100), 100)),
            ("http single", 48, by_http(flow, sender, cut(few, 1), 1)),
            ("mqtt columns 100", 4, by_mqtt(flow, sender, cut(many, 100), 100, 20)),
            ("mqtt single", 8, by_mqtt(flow, sender, cut(few, 1), 1, 50)),
        ]
        for case, threads, work in cases:
            report.append(asdict(measure(flow, case, seconds, threads, work)))
            print(json.dumps(report[-1]), flush=True)
        print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
