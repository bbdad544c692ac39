"""Observations at an even rate for minutes, with rules judging them: is anything lost or late?

    .venv/bin/python benchmarks/telemetry_sustained.py --single 2000 --seconds 600
    .venv/bin/python benchmarks/telemetry_sustained.py --batched 100000 --seconds 600

Starts a broker, the writer, the doors and the rules of its own over DATABASE_URL, a prepared
database on this machine that may be written to; the rest of the platform may run beside. Singles
go by MQTT with QoS 1, batches of 1,000 by HTTP. Prints JSON: what was acknowledged, what is
stored, how far behind the sending fell, and processor seconds by process.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import struct
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telemetry import (
    STREAMS,
    Clock,
    Meter,
    Sent,
    _field,
    _packet,
    columns,
    cpu_s,
    mqtt_line,
    objects,
    own_streams,
    stored_count,
)

if TYPE_CHECKING:
    from sen.domains.telemetry.tests.flowing import Flow, Sender

LANES = 8
BATCH = 1_000
TURN_S = 0.1


class Pace:
    """Turns a tenth of a second apart; remembers by how much a turn began too late."""

    def __init__(self, seconds: float) -> None:
        self.begin = time.perf_counter()
        self.turns = round(seconds / TURN_S)
        self.late_s = 0.0

    def wait(self, turn: int) -> None:
        left = self.begin + turn * TURN_S - time.perf_counter()
        if left > 0:
            time.sleep(left)
        self.late_s = max(self.late_s, -left)


def send_single(
    flow: Flow, sender: Sender, clock: Clock, lane: int, per_turn: int, pace: Pace, sent: Sent
) -> None:
    topic = _field(f"sen/v1/{sender.device.pk}/obs".encode())
    streams = own_streams(sender, lane)
    with mqtt_line(flow, sender, f"even-{lane}-{time.time_ns()}") as line:
        for turn in range(pace.turns):
            pace.wait(turn)
            packets = (
                _packet(0x32, topic + struct.pack(">H", n + 1) + objects(clock, streams, 1))
                for n in range(per_turn)
            )
            line.sendall(b"".join(packets))
            left = 4 * per_turn
            while left:
                part = len(line.recv(left))
                if not part:
                    raise ConnectionError("the broker hung up")
                left -= part
            sent.add(per_turn)


def send_batched(
    flow: Flow, sender: Sender, clock: Clock, lane: int, per_turn: int, pace: Pace, sent: Sent
) -> None:
    headers = {"Authorization": sender.basic, "Content-Type": "application/json"}
    streams = own_streams(sender, lane)
    line = http.client.HTTPConnection("127.0.0.1", flow.door.port, timeout=60)
    for turn in range(pace.turns):
        pace.wait(turn)
        left = per_turn
        while left:
            size = min(left, BATCH)
            body = columns(clock, streams, size)
            line.request("POST", "/ingest/v1/observations", body, headers)
            answer = line.getresponse()
            answer.read()
            if answer.status not in (201, 202):
                raise RuntimeError(f"HTTP {answer.status}")
            sent.add(size)
            left -= size
    line.close()


def run(flow: Flow, rate: int, seconds: float, *, single: bool) -> dict[str, Any]:
    """Send evenly, wait until all of it is stored, and say how it went."""
    from sen.domains.telemetry.tests.flowing import make_sender

    sender = make_sender(f"EVEN{int(time.time())}", streams=STREAMS)
    clock, sent = Clock(), Sent()
    flow.post(json.loads(columns(clock, own_streams(sender, 0), 1)), auth=sender.basic)
    rules = flow.python("rules")
    time.sleep(3)
    before, meter, judged = stored_count(), Meter(flow), cpu_s(rules.pid)
    pace = Pace(seconds)
    work = send_single if single else send_batched
    per_turn = round(rate * TURN_S / LANES)
    given = [(flow, sender, clock, lane, per_turn, pace, sent) for lane in range(LANES)]
    pool = [threading.Thread(target=work, args=arguments) for arguments in given]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    sending = time.perf_counter() - pace.begin
    while (stored := stored_count() - before) < sent.count:
        if time.perf_counter() - pace.begin > sending + 120:
            break
        time.sleep(0.5)
    spent = {**meter.spent(), "rules": round(cpu_s(rules.pid) - judged, 2)}
    rules.end()
    return {
        "wanted_per_s": rate,
        "sent_per_s": round(sent.count / sending),
        "acknowledged": sent.count,
        "stored": stored,
        "lost": sent.count - stored,
        "latest_turn_late_s": round(pace.late_s, 2),
        "stored_after_s": round(time.perf_counter() - pace.begin - sending, 2),
        "core_s": spent,
        "per_core_s": round(stored / sum(spent.values())),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--single", type=int, help="single observations a second, by MQTT")
    kind.add_argument("--batched", type=int, help="observations a second in batches, by HTTP")
    parser.add_argument("--seconds", type=float, default=600)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    import django

    django.setup()
    from sen.domains.telemetry.tests.flowing import running_flow

    variables = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    with tempfile.TemporaryDirectory() as folder, running_flow(Path(folder), variables) as flow:
        rate = given.single or given.batched
        found = run(flow, rate, given.seconds, single=bool(given.single))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
