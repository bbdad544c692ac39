"""The lake: bytes an observation takes, and the hourly analysis over a month of many streams.

    .venv/bin/python benchmarks/lake.py [--streams 1000] [--a-day 400] [--rounds 5]

Writes the days of a month with the writer of the lake into a temporary folder (values of a day's
course with noise, to two decimals, as instruments give them; received a moment later) and runs the
shipped analysis ``hourly`` over it by the door's own engine. No database is needed. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

BEGIN = datetime(2026, 9, 30, 17, tzinfo=UTC)
DAYS = 30
_ROWS = """
COPY (
  SELECT s::INTEGER, at_us, round(20 + s % 40 + 5 * sin(n * 6.2832 / {a_day}) + random() / 2, 2),
    0, at_us + 200000 + (random() * 800000)::BIGINT, NULL, (hash(s, n) >> 2)::BIGINT
  FROM (SELECT s, n, {begin} + (n * 86400000000 // {a_day}) + (s % 97) * 1000000 AS at_us
    FROM range(1, {streams} + 1) x(s), range({a_day}) y(n)))
TO '{path}' (FORMAT csv, HEADER false, NULLSTR '')
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1_000)
    parser.add_argument("--a-day", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    import django

    django.setup()
    from sen.domains.telemetry.lake import parquet
    from sen.domains.telemetry.lake.analyses import built
    from sen.domains.telemetry.lake.door import Sources
    from sen.domains.telemetry.lake.engines import compute, duckdb_table

    with TemporaryDirectory() as folder:
        work = Path(folder)
        files, rows, spent = [], 0, 0.0
        for day in range(DAYS):
            source, target = work / "day.csv", work / f"{day}.parquet"
            begin = BEGIN + timedelta(days=day)
            with parquet.engine(work) as db:
                db.execute(
                    _ROWS.format(
                        begin=int(begin.timestamp()) * 1_000_000,
                        streams=given.streams,
                        a_day=given.a_day,
                        path=source,
                    )
                )
            started = time.process_time()
            rows += parquet.write(work, source, target).rows
            spent += time.process_time() - started
            files.append(target)
        hot = work / "hot.csv"
        hot.touch()
        streams = tuple(range(1, given.streams + 1))
        sources = Sources(tuple(files), hot, streams, BEGIN, BEGIN + timedelta(days=DAYS))
        taken, used, whole = [], [], []
        for _ in range(given.rounds):
            at, cpu = time.perf_counter(), time.process_time()
            with duckdb_table(sources) as observations:
                built("hourly", observations, {}).to_pyarrow()
            taken.append(time.perf_counter() - at)
            used.append(time.process_time() - cpu)
            at = time.perf_counter()
            found = compute("hourly", sources, {})
            whole.append(time.perf_counter() - at)
        size = sum(file.stat().st_size for file in files)
    report = {
        "load": os.getloadavg()[0],
        "observations": rows,
        "bytes_each": round(size / rows, 2),
        "written_per_core_s": round(rows / spent),
        "hours": len(found),
        "hourly_median_s": round(statistics.median(taken), 2),
        "hourly_core_s": round(statistics.median(used), 2),
        "as_rows_of_python_median_s": round(statistics.median(whole), 2),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
