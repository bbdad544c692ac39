"""What a standing MQTT session costs the broker.

    .venv/bin/python benchmarks/telemetry_sessions.py [--sessions 10000] [--commands]

Starts a broker, the writer and the doors of its own over DATABASE_URL. Every session logs in with
the key of a device, has a client id of its own and publishes one observation; with ``--commands``
it subscribes to the commands of its device with QoS 1 as well, for which the broker keeps a
consumer. Memory is the growth of the broker's resident set. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import struct
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from telemetry import Clock, _field, _packet, cpu_s, mqtt_line, objects

if TYPE_CHECKING:
    from sen.domains.telemetry.tests.flowing import Flow, Sender


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def measure(flow: Flow, sender: Sender, count: int, *, listening: bool) -> dict[str, float]:
    """Open so many sessions and leave them open."""
    clock = Clock()
    device = sender.device.pk
    commands = _field(f"sen/v1/{device}/commands/#".encode()) + b"\x01"
    topic = _field(f"sen/v1/{device}/obs".encode())
    streams = [stream.pk for stream in sender.streams]
    with mqtt_line(flow, sender, "first"):
        before, used, begin = resident_kib(flow.nats.pid), cpu_s(flow.nats.pid), time.perf_counter()
        asked = cpu_s(flow.door.pid)
        with ExitStack() as stack:
            for number in range(count):
                line = stack.enter_context(mqtt_line(flow, sender, f"session-{number}"))
                if listening:
                    line.sendall(_packet(0x82, struct.pack(">H", 1) + commands))
                    line.recv(16)
                line.sendall(_packet(0x32, topic + b"\0\1" + objects(clock, streams, 1)))
                line.recv(16)
            opened = time.perf_counter() - begin
            time.sleep(5)
            after = resident_kib(flow.nats.pid)
            return {
                "sessions": count,
                "kib_each": round((after - before) / count, 1),
                "broker_kib_before": before,
                "opened_in_s": round(opened, 1),
                "broker_ms_each": round((cpu_s(flow.nats.pid) - used) / count * 1000, 2),
                "doors_ms_each": round((cpu_s(flow.door.pid) - asked) / count * 1000, 2),
                "load": os.getloadavg()[0],
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--commands", action="store_true", help="subscribe as well")
    given = parser.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    import django

    django.setup()
    from sen.domains.telemetry.tests.flowing import make_sender, running_flow

    variables = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    with tempfile.TemporaryDirectory() as folder, running_flow(Path(folder), variables) as flow:
        sender = make_sender(f"SESS{int(time.time())}", streams=3)
        flow.post([{"stream": sender.streams[0].pk, "value": 1.0}], auth=sender.basic)
        found = measure(flow, sender, given.sessions, listening=given.commands)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
