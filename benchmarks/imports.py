"""100,000 rows of a GeoPackage in VN-2000 through an importer that only counts them.

    python benchmarks/imports.py [--rows 100000]

Needs a prepared database (DATABASE_URL, DATABASE_OWNER_URL); nothing is kept in it. What is
measured is the engine: reading, the check of the coordinate system, columns, typed cells, geometry
to WGS 84 with its checks, the report. Prints JSON; memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
django.setup()

import pyogrio.raw  # noqa: E402
import shapely  # noqa: E402
from django.db import transaction  # noqa: E402

from sen.kernel.access.context import as_system  # noqa: E402
from sen.kernel.access.scope import Actor  # noqa: E402
from sen.kernel.imports.engine import Request, make_plan, run  # noqa: E402
from sen.kernel.imports.importer import (  # noqa: E402
    FieldKind,
    Importer,
    ImportField,
    ImportRow,
    Outcome,
)


class Counting(Importer):
    kind = "counting"
    title = "Đếm"
    permission = "benchmark.row.import"
    key = "code"
    fields = (
        ImportField("code", "Mã", required=True),
        ImportField("name", "Tên"),
        ImportField("length_m", "Chiều dài", FieldKind.NUMBER),
        ImportField("opened_on", "Ngày mở", FieldKind.DATE),
        ImportField("surface", "Mặt", FieldKind.CHOICE, choices={"ASPHALT": "Bê tông nhựa"}),
    )
    shapes = frozenset({"line"})

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        return Outcome(created=len(rows))


def write(path: Path, count: int) -> None:
    draw = np.random.default_rng(597)
    starts = draw.uniform((560_000, 1_140_000), (640_000, 1_190_000), (count, 1, 2))
    lines = shapely.linestrings(starts + np.cumsum(draw.normal(0, 40, (count, 12, 2)), axis=1))
    columns: list[Any] = [
        [f"D{i:06d}" for i in range(count)],
        [f"Đoạn đường số {i}" for i in range(count)],
        draw.uniform(10, 5000, count),
        np.array(["2026-11-23"] * count, dtype="datetime64[D]"),
        ["bê tông nhựa"] * count,
    ]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(lines),
        field_data=[c if isinstance(c, np.ndarray) else np.array(c, dtype=object) for c in columns],
        fields=["ma", "ten", "chieu_dai", "ngay_mo", "mat"],
        geometry_type="LineString",
        crs="EPSG:5897",
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    importer = Counting()
    mapping = {"code": "ma", "name": "ten", "length_m": "chieu_dai"}
    mapping |= {"opened_on": "ngay_mo", "surface": "mat"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "doan.gpkg"
        write(path, count)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        asked = Request(file=path, mapping=mapping)
        started = time.perf_counter()
        plan = make_plan(importer, asked)
        read = time.perf_counter() - started
        with transaction.atomic(), as_system("benchmark of imports") as actor:
            done = run(importer=importer, actor=actor, request=asked, plan=plan)
            transaction.set_rollback(True)
        total = time.perf_counter() - started
    assert (done.state, done.rows, done.fault_count) == ("DONE", count, 0), done.faults[:3]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "rows": count,
                "read_s": round(read, 2),
                "check_s": round(total - read, 2),
                "total_s": round(total, 2),
                "rows_a_second": round(count / total),
                "peak_mib": round(peak / 1024),
                "before_mib": round(before / 1024),
                "load": round(os.getloadavg()[0], 1),
            }
        )
    )


if __name__ == "__main__":
    main()
