"""100,000 rows of a GeoPackage into the register of traffic signs: entered, then all changed.

    python benchmarks/imports.py [--rows 100000]

Needs a prepared database with the demonstration province (DATABASE_URL, DATABASE_OWNER_URL); all is
rolled back. Measured end to end as a person waits for it: the file read by its process, the check
of the coordinate system (VN-2000 in the file), columns, typed cells, the rules of the catalogue,
the road and chainage of each point, its commune, writing, events, and in the second round the
former image of every row in the history. Then the whole import is undone. Prints JSON; memory is
the peak of this process and of the reading one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
django.setup()

import pyogrio.raw  # noqa: E402
import shapely  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from sen.domains.network.models import Road  # noqa: E402
from sen.kernel.access.context import as_system  # noqa: E402
from sen.kernel.imports.engine import Request, run  # noqa: E402
from sen.kernel.imports.importer import importers  # noqa: E402
from sen.kernel.imports.undo import undo_run  # noqa: E402
from sen.lib.vn2000 import from_wgs84_array  # noqa: E402

KIND = "signs"
SRID = 5897


def beside_roads(count: int) -> Any:
    """Points some metres beside the roads of the province, in VN-2000."""
    draw = np.random.default_rng(597)
    with as_system("roads to stand beside"):
        lines = [
            shapely.from_wkb(bytes(geom.wkb))
            for geom in Road.objects.exclude(geom=None).values_list("geom", flat=True)
        ]
    lengths = np.array([line.length for line in lines])
    chosen = draw.choice(len(lines), count, p=lengths / lengths.sum())
    spots = shapely.line_interpolate_point(
        np.array(lines, dtype=object)[chosen], draw.uniform(0.01, 0.99, count), normalized=True
    )
    east, north = from_wgs84_array(shapely.get_x(spots), shapely.get_y(spots), SRID)
    return shapely.points(east + draw.normal(0, 4, count), north + draw.normal(0, 4, count))


def write(path: Path, shapes: Any, year: int) -> None:
    count = len(shapes)
    columns: list[Any] = [
        np.array([f"BB{i:06d}" for i in range(count)], dtype=object),
        np.array([f"Biển số {i}" for i in range(count)], dtype=object),
        np.full(count, year, dtype="int32"),
        np.array(["P.127", "W.201a", "I.414"] * (count // 3 + 1), dtype=object)[:count],
        np.full(count, "SXD", dtype=object),
        np.array(["Tốt", "Trung bình", "Kém"] * (count // 3 + 1), dtype=object)[:count],
    ]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=columns,
        fields=["ma", "ten", "nam", "so_hieu", "don_vi", "tinh_trang"],
        geometry_type="Point",
        crs=f"EPSG:{SRID}",
    )


def processor_s() -> float:
    """Processor seconds of this process, of the readers that it waited for and of its backend."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ticks = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    backend = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return own.ru_utime + own.ru_stime + child.ru_utime + child.ru_stime + backend


def timed(path: Path, count: int, **expected: int) -> dict[str, Any]:
    started, worked = time.perf_counter(), processor_s()
    asked = Request(file=path, mapping={"sign_code": "so_hieu", "road": ""})
    with as_system("benchmark of imports") as actor:
        done = run(importer=importers[KIND], actor=actor, request=asked)
    seconds = time.perf_counter() - started
    assert (done.state, done.rows) == ("DONE", count), done.faults[:3]
    for name, value in expected.items():
        assert getattr(done, name) == value, (name, getattr(done, name))
    return {"seconds": round(seconds, 1), "cpu": round(processor_s() - worked, 1), "run": done}


def versions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM kernel_audit_rowversion WHERE table_name = 'assets_asset'"
            " AND txid = pg_current_xact_id()::text::bigint"
        )
        return int(cursor.fetchone()[0])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        shapes = beside_roads(count)
        first, second = Path(folder) / "bien.gpkg", Path(folder) / "bien-2.gpkg"
        write(first, shapes, 2020)
        write(second, shapes, 2021)
        entered = timed(first, count, created=count)
        changed = timed(second, count, updated=count)
        with as_system("count versions"):
            kept = versions()
        assert kept >= count, kept
        started = time.perf_counter()
        with as_system("benchmark of undoing") as actor:
            undone = undo_run(actor=actor, run=changed["run"], reason="benchmark")
        undoing = time.perf_counter() - started
        assert undone.restores == count
        transaction.set_rollback(True)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(
        json.dumps(
            {
                "rows": count,
                "entered_s": entered["seconds"],
                "entered_cpu_s": entered["cpu"],
                "changed_with_history_s": changed["seconds"],
                "changed_cpu_s": changed["cpu"],
                "undone_s": round(undoing, 1),
                "peak_mib": round(own / 1024),
                "before_mib": round(before / 1024),
                "reader_peak_mib": round(child / 1024),
                "load": round(os.getloadavg()[0], 1),
            }
        )
    )


if __name__ == "__main__":
    main()
