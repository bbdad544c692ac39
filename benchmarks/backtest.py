"""A rule tried on a year of minutes of one stream, from the database to the list of its firings.

    .venv/bin/python benchmarks/backtest.py [--days 365] [--rounds 5]

DATABASE_URL and DATABASE_SUPERUSER_URL name a prepared database that may be written to. It gets a
deflection and the temperature that explains it, with a minute each of the last year in the rollups;
the past is read as the page of the back-test reads it. Prints JSON, milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from typing import Any
from urllib.parse import urlsplit

import psycopg

HOURLY = [0.1 * hour for hour in range(24)]
FILL = """
INSERT INTO telemetry_rollup (datastream_id, step, at, n, min, max, mean, p05, p95, last)
SELECT %(stream)s, 1, date_trunc('minute', now()) - n * interval '1 minute', 2, v, v, v, v, v, v
FROM (SELECT n, %(base)s + 5 * sin(n * 6.2832 / 1440) + 3 * sin(n * 6.2832 / 525600)
    + random() + CASE WHEN n %% 20000 < 30 THEN 25 ELSE 0 END AS v
  FROM generate_series(1, %(minutes)s) n) x
ON CONFLICT DO NOTHING
"""
LEVEL = {"levels": [{"severity": 2, "raise": 40.0, "clear": 38.0}]}
RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "threshold_for_5_minutes": ("THRESHOLD", {**LEVEL, "for_s": 300}),
    "rate": ("RATE", {"levels": [{"severity": 2, "raise": 200.0, "clear": 100.0}]}),
    "drift": ("DRIFT", {"levels": [{"severity": 2, "raise": 500.0, "clear": 100.0}]}),
    "flat": ("FLAT", {"levels": [{"severity": 1, "raise": 3600, "clear": 60}]}),
    "missing": ("MISSING", {"levels": [{"severity": 1, "raise": 3600, "clear": 60}]}),
    "pattern": (
        "PATTERN",
        {
            "levels": [{"severity": 2, "raise": 20.0, "clear": 18.0}],
            "model": {"intercept": 20.0, "hourly": HOURLY, "sigma": 1.0, "n": 10_000},
        },
    ),
    "relation_to_temperature": (
        "RELATION",
        {
            "levels": [{"severity": 2, "raise": 20.0, "clear": 18.0}],
            "model": {
                "intercept": 20.0,
                "references": [{"by": "bench-temperature", "weight": 0.2, "center": 25.0}],
                "sigma": 1.0,
                "n": 10_000,
            },
        },
    ),
}


def make(days: int) -> int:
    """The id of a stream with a year, on a work whose temperature is known as well."""
    from django.contrib.gis.geos import MultiPolygon, Point, Polygon

    from sen.domains.assets import api as assets
    from sen.domains.places import api as places
    from sen.domains.places.choices import UnitKind
    from sen.domains.telemetry.models import Datastream, ObservedProperty
    from sen.domains.telemetry.tests.flowing import make_sender
    from sen.kernel.access.context import as_system

    sender = make_sender(f"BACK{int(time.time())}", streams=2)
    first, second = sender.streams
    with as_system("a benchmark makes what it measures") as house:
        mark, square = sender.device.code, Polygon.from_bbox((105.4, 10.2, 105.8, 10.4))
        ward = places.put_unit(
            actor=house,
            code=mark[-5:],
            name=mark,
            kind=UnitKind.WARD,
            area=first.area,
            owner_org=first.owner_org,
        )
        ward.geom = MultiPolygon(square, srid=4326)
        ward.save()
        first.thing.asset = assets.create_asset(
            actor=house,
            type="bridge",
            code=mark,
            name=mark,
            owner_org=first.owner_org,
            geom=Point(105.6, 10.3, srid=4326),
            attributes={"length_m": 40},
        )
        first.thing.save()
        warmth, _made = ObservedProperty.objects.get_or_create(
            code="bench-temperature",
            defaults={
                "name": "Nhiệt độ",
                "unit": "°C",
                "owner_org": first.owner_org,
                "area": first.area,
            },
        )
        Datastream.objects.filter(pk=second.pk).update(observed_property=warmth)
    path = urlsplit(os.environ["DATABASE_URL"]).path
    address = os.environ["DATABASE_SUPERUSER_URL"].rpartition("/")[0] + path
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("SELECT set_config('sen.system', 'on', false)")
        for stream, base in ((first.pk, 20.0), (second.pk, 25.0)):
            given = {"stream": stream, "base": base, "minutes": days * 1440}
            server.execute(FILL, given)
        server.execute("VACUUM ANALYZE telemetry_rollup")
    return first.pk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    import django

    django.setup()
    from sen.domains.alarms.engine.backtest import episodes
    from sen.domains.alarms.engine.spec import parse
    from sen.domains.alarms.history import load
    from sen.kernel.access.context import as_system

    stream = make(given.days)
    report: dict[str, Any] = {"load": os.getloadavg()[0]}
    for name, (kind, definition) in RULES.items():
        spec = parse(kind, definition)
        wanted = [reference.by for reference in spec.model.references]
        read, whole = [], []
        for _ in range(given.rounds):
            begin = time.perf_counter()
            with as_system("a benchmark reads the past") as house:
                past = load(house, stream, days=given.days, references=wanted)
            read.append((time.perf_counter() - begin) * 1000)
            found = episodes(spec, past.at, past.values, past.quality, past.tails)
            whole.append((time.perf_counter() - begin) * 1000)
        report[name] = {
            "minutes": len(past.at),
            "references": len(past.tails),
            "firings": len(found),
            "read_ms": round(statistics.median(read)),
            "whole_ms": round(statistics.median(whole)),
        }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
