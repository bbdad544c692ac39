"""Tiles and items against tipg 1.6 and pygeoapi 0.21, on the same rows of the same server.

Makes a database of its own, fills it with 200,000 road segments and 50,000 zones, installs the
peers into a virtual environment of their own, starts every server with two workers, and lets eight
clients work through the same lists of addresses in turns. Cold: the tile cache is emptied before
each turn. Printed are medians of requests a second and the ratio to tipg (tiles, items) and to
pygeoapi (items). tipg sends all attributes and transforms every geometry, as its default is; Sen
sends those that styling needs from a stored column: that choice is what is measured.

    DATABASE_SUPERUSER_URL=… DATABASE_OWNER_URL=… DATABASE_URL=… \
        python benchmarks/tiles.py [--rounds N] [--roads N] [--zones N] [--peers DIR] [--keep]

Exit status 1: a target was missed.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DATABASE = "sen_bench_tiles"


def of_benchmark(url: str) -> str:
    """The same server and role, the benchmark's database."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{DATABASE}", parts.query, ""))


for key in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    os.environ[key] = of_benchmark(os.environ[key])
os.environ["DJANGO_SETTINGS_MODULE"] = "tiles_app.settings"
os.environ.setdefault("SEN_SECRET_KEY", "benchmark-" * 6)
os.environ["SEN_VAR"] = tempfile.mkdtemp(prefix="sen-bench-")
os.environ["PYTHONPATH"] = f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
sys.path.insert(0, str(HERE))

import psycopg  # noqa: E402
from tiles_app.load import get, rate  # noqa: E402

SEN, TIPG, PYGEOAPI = 47411, 47412, 47413
LON, LAT = (105.25, 106.75), (10.18, 10.92)
#: Requests of a turn, by zoom: enough for a second or more of the slower one.
TURN = {12: 140, 14: 300, 16: 900}
TARGETS = {
    "z12": 3.0,
    "z14": 3.0,
    "z16": 5.0,
    "cached z14": 20.0,
    "items tipg": 15.0,
    "items pygeoapi": 30.0,
}


@dataclass(frozen=True)
class Figure:
    name: str
    sen: float
    peer: float
    target: float

    @property
    def ratio(self) -> float:
        return self.sen / self.peer

    def __str__(self) -> str:
        verdict = "ok" if self.ratio >= self.target else "MISSED"
        return (
            f"{self.name:16} {self.sen:9.1f} {self.peer:9.1f} {self.ratio:7.1f} x "
            f"(target {self.target:.0f}) {verdict}"
        )


def tiles_at(zoom: int, count: int, rng: random.Random) -> list[tuple[int, int]]:
    """Distinct tiles in the province."""
    found: set[tuple[int, int]] = set()
    while len(found) < count:
        lon, lat = rng.uniform(*LON), rng.uniform(*LAT)
        side = 1 << zoom
        y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
        found.add((int((lon + 180) / 360 * side), int(y * side)))
    return sorted(found, key=lambda _: rng.random())


def make_database(roads: int, zones: int) -> None:
    """A database as production makes it, with the two tables of the benchmark."""
    server = os.environ["DATABASE_SUPERUSER_URL"]
    owner = urlsplit(os.environ["DATABASE_OWNER_URL"]).username
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{DATABASE}" OWNER "{owner}"')
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from tiles_app.models import Road, Zone

    from sen.kernel.dbsync import prepare_extensions, prepare_functions, sync_database

    prepare_extensions()
    prepare_functions()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    with connections["owner"].schema_editor() as editor:
        editor.create_model(Road)
        editor.create_model(Zone)
    sync_database()
    from sen.kernel.access import rls
    from sen.kernel.dbsync import as_superuser

    as_superuser(rls.leakproof_sql())
    script = (HERE / "tiles_app" / "fill.sql").read_text(encoding="utf-8")
    script = script.replace(":roads", str(roads)).replace(":zones", str(zones))
    url = of_benchmark(server)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(script.encode())
        connection.execute("VACUUM ANALYZE")
    for connection in connections.all():
        connection.close()


def peers(folder: Path) -> Path:
    """The virtual environment of the peers, made when missing; returns its ``bin``."""
    if not (folder / "bin" / "tipg-ready").exists():
        subprocess.run(["uv", "venv", "-q", "--python", "3.11", folder], check=True)
        wanted = [
            "tipg==1.6.*",
            "pygeoapi==0.21.*",
            "uvicorn",
            "gunicorn",
            "psycopg2-binary",
            "sqlalchemy",
            "geoalchemy2",
        ]
        python = folder / "bin" / "python"
        subprocess.run(["uv", "pip", "install", "-q", "--python", python, *wanted], check=True)
        (folder / "bin" / "tipg-ready").touch()
    return folder / "bin"


@contextlib.contextmanager
def serving(arguments: list[object], port: int, path: str, **env: str) -> Iterator[None]:
    """A server process that answers ``path``."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        raise SystemExit(f"port {port} is taken")
    log = Path(os.environ["SEN_VAR"]) / f"{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in arguments],
            stdout=output,
            stderr=output,
            env=os.environ | env,
            start_new_session=True,
        )
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    if get(port, path)[0] in (200, 204):
                        break
                if process.poll() is not None:
                    raise SystemExit(f"{arguments[0]}: {log.read_text()[-2000:]}")
                time.sleep(0.1)
            else:
                raise SystemExit(
                    f"{arguments[0]} does not answer {path}: {log.read_text()[-2000:]}"
                )
            yield
        finally:
            for ending in (signal.SIGTERM, signal.SIGKILL):
                # The second takes workers along that outlived their parent.
                with contextlib.suppress(subprocess.TimeoutExpired, ProcessLookupError):
                    os.killpg(process.pid, ending)
                    process.wait(10)


def pygeoapi_config() -> Path:
    parts = urlsplit(os.environ["DATABASE_SUPERUSER_URL"])
    config = f"""
server:
  bind: {{host: 127.0.0.1, port: {PYGEOAPI}}}
  url: http://127.0.0.1:{PYGEOAPI}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  languages: [en-US]
  limits: {{default_items: 100, max_items: 1000}}
  map: {{url: "http://127.0.0.1/", attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: b, description: b, keywords: [b], keywords_type: theme,
    terms_of_service: x, url: "http://127.0.0.1"}}
  license: {{name: x, url: "http://127.0.0.1"}}
  provider: {{name: x, url: "http://127.0.0.1"}}
  contact: {{name: x}}
resources:
  road:
    type: collection
    title: road
    description: road
    keywords: [road]
    extents: {{spatial: {{bbox: [105, 10, 107, 11],
      crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data: {{host: {parts.hostname}, port: {parts.port or 5432}, dbname: {DATABASE},
          user: {parts.username}, password: "{parts.password or "none"}", search_path: [peer]}}
        id_field: id
        table: road
        geom_field: geom
"""
    path = Path(os.environ["SEN_VAR"]) / "pygeoapi.yml"
    path.write_text(config, encoding="utf-8")
    return path


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[str]:
    """All three; yields the epoch of the road layer's public tiles."""
    box = "bbox=105.6,10.4,105.62,10.42&limit=10"
    binaries = peers(folder)
    url = of_benchmark(os.environ["DATABASE_SUPERUSER_URL"]).replace("postgres://", "postgresql://")
    config = pygeoapi_config()
    openapi = config.with_name("openapi.yml")
    environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    subprocess.run(
        [binaries / "pygeoapi", "openapi", "generate", config, "--output-file", openapi],
        check=True,
        env=os.environ | environment,
        capture_output=True,
    )
    granian = [
        Path(sys.executable).parent / "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        SEN,
        "--workers",
        2,
        "--blocking-threads",
        4,
        "--no-ws",
        "sen.project.wsgi:application",
    ]
    tipg = [
        binaries / "uvicorn",
        "tipg.main:app",
        "--port",
        TIPG,
        "--workers",
        2,
        "--log-level",
        "error",
    ]
    gunicorn = [
        binaries / "gunicorn",
        "-w",
        2,
        "-b",
        f"127.0.0.1:{PYGEOAPI}",
        "pygeoapi.flask_app:APP",
    ]
    with (
        serving(granian, SEN, "/ogc/collections/road/items?limit=1"),
        serving(
            tipg,
            TIPG,
            "/collections/peer.road/items?limit=1",
            DATABASE_URL=url,
            TIPG_DB_SCHEMAS='["peer"]',
        ),
        serving(gunicorn, PYGEOAPI, f"/collections/road/items?f=json&{box}", **environment),
    ):
        status, body = get(SEN, "/map/config.json?layers=road")
        if status != 200:
            raise SystemExit(body.decode())
        import json

        yield json.loads(body)["layers"][0]["tiles"].split("/")[3]


def forget_tiles() -> None:
    shutil.rmtree(Path(os.environ["SEN_VAR"]) / "tiles", ignore_errors=True)


def tile_figures(epoch: str, rounds: int) -> list[Figure]:
    rng = random.Random(597)
    found: list[Figure] = []
    for zoom, count in TURN.items():
        places = tiles_at(zoom, count, rng)
        ours = [f"/tiles/road/{epoch}/{zoom}/{x}/{y}.mvt" for x, y in places]
        theirs = [f"/collections/peer.road/tiles/WebMercatorQuad/{zoom}/{x}/{y}" for x, y in places]
        check_filled(ours[:30], theirs[:30])
        cold, peer, cached = [], [], []
        for _ in range(rounds):
            forget_tiles()
            cold.append(rate(SEN, ours))
            peer.append(rate(TIPG, theirs))
            cached.append(rate(SEN, ours * max(1, 3000 // count)))
        middle = [statistics.median(each) for each in (cold, peer, cached)]
        found.append(Figure(f"z{zoom}", middle[0], middle[1], TARGETS[f"z{zoom}"]))
        if zoom == 14:
            found.append(Figure("cached z14", middle[2], middle[1], TARGETS["cached z14"]))
    return found


def check_filled(ours: list[str], theirs: list[str]) -> None:
    """Both servers have something to say: an empty answer would be a quick one."""
    for port, paths in ((SEN, ours), (TIPG, theirs)):
        answers = [get(port, path) for path in paths]
        if any(status not in (200, 204) for status, _ in answers):
            raise SystemExit(f"{paths[0]}: {answers[0]}")
        if sum(len(body) for _, body in answers) < 100 * len(paths) / 3:
            raise SystemExit(f"{paths[0]} and others are empty")


def item_figures(rounds: int) -> list[Figure]:
    rng = random.Random(598)
    boxes = [(rng.uniform(105.25, 106.7), rng.uniform(10.2, 10.85)) for _ in range(60)]
    queries = [f"bbox={x:.4f},{y:.4f},{x + 0.02:.4f},{y + 0.02:.4f}&limit=100" for x, y in boxes]
    paths = {
        SEN: [f"/ogc/collections/road/items?{query}" for query in queries * 5],
        TIPG: [f"/collections/peer.road/items?{query}&f=geojson" for query in queries],
        PYGEOAPI: [f"/collections/road/items?{query}&f=json" for query in queries[:12]],
    }
    turns: dict[int, list[float]] = {port: [] for port in paths}
    for _ in range(rounds):
        for port, asked in paths.items():
            turns[port].append(rate(port, asked))
    sen, tipg, pygeoapi = (statistics.median(turns[port]) for port in (SEN, TIPG, PYGEOAPI))
    return [
        Figure("items tipg", sen, tipg, TARGETS["items tipg"]),
        Figure("items pygeoapi", sen, pygeoapi, TARGETS["items pygeoapi"]),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--roads", type=int, default=200_000)
    parser.add_argument("--zones", type=int, default=50_000)
    parser.add_argument("--peers", type=Path, default=ROOT / "var" / "bench-peers")
    parser.add_argument("--keep", action="store_true", help="leave the database behind")
    options = parser.parse_args()
    try:
        make_database(options.roads, options.zones)
        with servers(options.peers) as epoch:
            print(f"{'requests/s':16} {'Sen':>9} {'peer':>9}")
            figures = tile_figures(epoch, options.rounds) + item_figures(options.rounds)
            for figure in figures:
                print(figure)
    finally:
        shutil.rmtree(os.environ["SEN_VAR"], ignore_errors=True)
        if not options.keep:
            with psycopg.connect(os.environ["DATABASE_SUPERUSER_URL"], autocommit=True) as server:
                server.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    return int(any(figure.ratio < figure.target for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
