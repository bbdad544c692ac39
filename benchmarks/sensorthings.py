"""SensorThings against its own floor, in requests per core-second of server and database.

    .venv/bin/python benchmarks/sensorthings.py [--rows 10000000] [--seconds 5]

DATABASE_URL and DATABASE_SUPERUSER_URL name a prepared database without observations, which is
written to. Both servers run one after the other with uvicorn and one worker; the client's own work
is not counted. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import django
import psycopg

HERE = Path(__file__).resolve().parent
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TICKS = os.sysconf("SC_CLK_TCK")
ARRAY_ROWS = 1000
LANES = 16
FILL = """
INSERT INTO {table} (datastream_id, at, result)
SELECT {stream}, %(begin)s::timestamptz + n * interval '1 second', sin(n / 600.0)
FROM generate_series(%(first)s::int, %(last)s::int - 1) n
"""


@dataclass
class Site:
    """What was made for the run."""

    stream: int
    small: list[int]
    token: str
    rows: int


def make(rows: int) -> Site:
    """A stream with ``rows`` observations, and 50 things with two small streams each."""
    from sen.domains.telemetry.models import Datastream, ObservedProperty, Sensor, Thing
    from sen.kernel.access.accounts.tokens import create_api_token
    from sen.kernel.access.actors import actor_for
    from sen.kernel.access.context import as_system
    from sen.kernel.access.models import Area, Organisation, User
    from sen.kernel.access.services import grant_role, put_node, put_role

    mark = f"B{int(time.time())}"
    with as_system("a benchmark makes what it measures"):
        owner = put_node(Organisation, code=mark, name="Đơn vị", kind="DEPARTMENT")
        area = put_node(Area, code=mark, name="Tỉnh", kind="PROVINCE")
        kept = {"owner_org": owner, "area": area}
        sensor = Sensor.objects.create(code=mark, name="Cảm biến", **kept)
        quantity = ObservedProperty.objects.create(code=mark, name="Độ võng", **kept)
        streams = []
        for number in range(50):
            thing = Thing.objects.create(
                code=f"{mark}-{number}", name=f"Trạm {number}", description="Cầu", **kept
            )
            streams += [
                Datastream.objects.create(
                    code=f"{mark}-{number}-{part}",
                    name=f"Kênh {part}",
                    thing=thing,
                    sensor=sensor,
                    observed_property=quantity,
                    unit="mm",
                    **kept,
                )
                for part in range(2)
            ]
        user = User.objects.create_user(mark.lower(), kind="OFFICIAL", organisation=owner)
        role = put_role(
            code=mark.lower(),
            name_vi="Quan trắc",
            name_en="Telemetry",
            permissions=["telemetry.*.*"],
            clearance=2,
        )
        grant_role(user=user, role=role, organisation=owner)
        _row, token = create_api_token(
            actor=actor_for(user),
            user=user,
            name="benchmark",
            scopes=["telemetry.*.*"],
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
    site = Site(streams[0].pk, [stream.pk for stream in streams[1:]], token, rows)
    _fill(site)
    return site


def _superuser() -> str:
    path = urlsplit(os.environ["DATABASE_URL"]).path
    return os.environ["DATABASE_SUPERUSER_URL"].rpartition("/")[0] + path


def _fill(site: Site) -> None:
    with psycopg.connect(_superuser(), autocommit=True) as server:
        server.execute("SELECT set_config('sen.system', 'on', false)")
        days = site.rows // 86_400 + 3
        for day in range(days):
            server.execute("SELECT telemetry_make_day((%s::date + %s::int))", [BEGIN.date(), day])
        for day in range(days):
            first, last = day * 86_400, min((day + 1) * 86_400, site.rows)
            if first < last:
                _insert(server, site.stream, first, last)
        for stream in site.small:
            _insert(server, stream, 0, 100)
        server.execute(
            "INSERT INTO telemetry_latest SELECT datastream_id, max(at), 0, 0, now(), NULL "
            "FROM telemetry_observation GROUP BY 1 ON CONFLICT DO NOTHING"
        )
        server.execute("VACUUM ANALYZE telemetry_observation")


def _insert(server: psycopg.Connection[Any], stream: int, first: int, last: int) -> None:
    query = FILL.format(table="telemetry_observation", stream=stream)
    server.execute(query.encode(), {"begin": BEGIN, "first": first, "last": last})


# --- measuring ---------------------------------------------------------------------------------


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass
class Server:
    """One of the two applications, running."""

    name: str
    port: int
    child: subprocess.Popen[bytes]
    control: psycopg.Connection[Any] = field(
        default_factory=lambda: psycopg.connect(_superuser(), autocommit=True)
    )

    def cpu(self) -> float:
        """Of the server and of the database's processes that serve it."""
        rows = self.control.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cpu_of(self.child.pid) + sum(cpu_of(pid) for (pid,) in rows)


@contextmanager
def serving(name: str, application: str, port: int) -> Iterator[Server]:
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", application, "--app-dir", str(HERE)),
            *("--port", str(port), "--no-access-log", "--log-level", "error"),
        ],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "sen.project.settings"},
    )
    server = Server(name, port, child)
    try:
        for _ in range(300):
            try:
                asyncio.run(_ping(port))
                break
            except OSError:
                time.sleep(0.1)
        yield server
    finally:
        child.terminate()
        child.wait(20)
        server.control.close()


async def _ping(port: int) -> None:
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


class Lane:
    """One connection kept open."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{self.head}{length}\r\n".encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        found = head.lower()
        if b"content-length:" in found:
            size = int(found.partition(b"content-length:")[2].split(b"\r\n")[0])
            answer = await self.reader.readexactly(size)
        else:
            answer = await self._chunks()
        if status >= 300:
            raise RuntimeError(f"{status}: {answer[:500]!r}")
        return answer

    async def _chunks(self) -> bytes:
        parts = []
        while size := int(await self.reader.readline(), 16):
            parts.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return b"".join(parts)


Ask = Callable[[Lane, int], Awaitable[bytes]]


async def rate(server: Server, token: str, ask: Ask, seconds: float, lanes: int) -> dict[str, Any]:
    """Requests per core-second and per second, median of three runs."""
    open_lanes = [Lane(server.port, token) for _ in range(lanes)]
    for lane in open_lanes:
        await lane.open()
    counter = iter(range(10**9))
    for lane in open_lanes:
        for _ in range(8):  # plans are made, connections are there
            answer = await ask(lane, next(counter))
    found = []
    for _ in range(3):
        begin, used, end = time.monotonic(), server.cpu(), time.monotonic() + seconds / 3
        done = 0

        async def drive(lane: Lane, end: float = end) -> None:
            nonlocal done
            while time.monotonic() < end:
                await ask(lane, next(counter))
                done += 1

        await asyncio.gather(*map(drive, open_lanes))
        spent = max(server.cpu() - used, 0.01)
        found.append((done / spent, done / (time.monotonic() - begin)))
    per_core, per_second = (statistics.median(column) for column in zip(*found, strict=True))
    return {
        "per_core_second": round(per_core, 1),
        "per_second": round(per_second, 1),
        "bytes": len(answer),
    }


def asks(site: Site, *, floor: bool) -> dict[str, tuple[Ask, int]]:
    """The four questions of both servers, with the number of lanes."""
    stream = site.stream
    late = BEGIN + timedelta(seconds=site.rows // 2)
    root = "/sta/v1.1"
    # Before 2020, where one partition holds everything.
    base = datetime(2001 if floor else 2006, 1, 1, tzinfo=UTC)

    def at(n: int) -> str:
        return (base + timedelta(seconds=n)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def single(lane: Lane, n: int) -> Awaitable[bytes]:
        body = {"phenomenonTime": at(n), "result": 1.5, "Datastream": {"@iot.id": stream}}
        path = "/single" if floor else f"{root}/Observations"
        return lane.ask("POST", path, json.dumps(body).encode())

    def array(lane: Lane, n: int) -> Awaitable[bytes]:
        begin = 10_000_000 + n * ARRAY_ROWS
        part = {
            "Datastream": {"@iot.id": site.small[0]},
            "components": ["phenomenonTime", "result"],
            "dataArray": [[at(begin + m), m / 7] for m in range(ARRAY_ROWS)],
        }
        path = "/array" if floor else f"{root}/CreateObservations"
        return lane.ask("POST", path, json.dumps([part]).encode())

    def page(lane: Lane, _n: int) -> Awaitable[bytes]:
        begin, end = late, late + timedelta(seconds=1000)
        if floor:
            given = [stream, begin.isoformat(), end.isoformat()]
            return lane.ask("POST", "/page", json.dumps(given).encode())
        text = f"phenomenonTime ge {begin:%FT%TZ} and phenomenonTime lt {end:%FT%TZ}"
        path = f"{root}/Datastreams({stream})/Observations?$top=1000&$filter={quote(text)}"
        return lane.ask("GET", path)

    def things(lane: Lane, _n: int) -> Awaitable[bytes]:
        if floor:
            return lane.ask("GET", "/things")
        newest = "Observations($top=1;$orderby=phenomenonTime desc)"
        expand = quote(f"Datastreams($expand={newest})")
        return lane.ask("GET", f"{root}/Things?$top=50&$orderby=id%20desc&$expand={expand}")

    return {
        "post_single": (single, LANES),
        f"post_array_of_{ARRAY_ROWS}": (array, 2),
        "get_1000_filtered": (page, 4),
        "expand_things_streams_newest": (things, 4),
    }


async def deep(server: Server, site: Site) -> dict[str, float]:
    """Median milliseconds of an early page and of one in the middle of all rows, in turns."""
    lane = Lane(server.port, site.token)
    await lane.open()
    path = f"/sta/v1.1/Datastreams({site.stream})/Observations?$top=100"
    first = json.loads(await lane.ask("GET", path))
    middle = BEGIN + timedelta(seconds=site.rows // 2)
    jump = f"{path}&$filter={quote(f'phenomenonTime lt {middle:%FT%TZ}')}"
    token = json.loads(await lane.ask("GET", jump))["@iot.nextLink"].partition("$skiptoken=")[2]
    second = first["@iot.nextLink"].partition("$skiptoken=")[2]
    times: dict[str, list[float]] = {"first": [], "middle": []}
    for _ in range(60):
        for name, mark in (("first", second), ("middle", token)):
            begin = time.perf_counter()
            await lane.ask("GET", f"{path}&$skiptoken={mark}")
            times[name].append((time.perf_counter() - begin) * 1000)
    found = {name: round(statistics.median(taken), 2) for name, taken in times.items()}
    begin = time.perf_counter()
    await lane.ask("GET", f"{path}&$skip={min(site.rows // 2, 1_000_000)}")
    found["skip_to_middle"] = round((time.perf_counter() - begin) * 1000, 2)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=6.0)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    django.setup()
    site = make(given.rows)
    figures: dict[str, Any] = {"rows": given.rows, "load": os.getloadavg()[0]}
    results: dict[str, dict[str, Any]] = {}
    for name, application, port in (
        ("floor", "sensorthings_floor:app", 18741),
        ("sensorthings", "sensorthings_app:app", 18742),
    ):
        with serving(name, application, port) as server:
            for what, (ask, lanes) in asks(site, floor=name == "floor").items():
                measured = asyncio.run(rate(server, site.token, ask, given.seconds, lanes))
                results.setdefault(what, {})[name] = measured
            if name == "sensorthings":
                figures["page_ms"] = asyncio.run(deep(server, site))
    for measured in results.values():
        ratio = measured["sensorthings"]["per_core_second"] / measured["floor"]["per_core_second"]
        measured["share_of_floor"] = round(ratio, 2)
    print(json.dumps({**figures, **results}, indent=1))


if __name__ == "__main__":
    main()
