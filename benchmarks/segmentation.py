"""How long a segmentation of all roads takes: in memory with 200,000 records, and from a database.

Run: ``.venv/bin/python benchmarks/segmentation.py [--records 200000] [--demo]``. ``--demo`` also
segments every road of the database of ``DATABASE_URL`` by four layers. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

ROADS = 600
LAYERS = 4
ROUNDS = 3


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """The fastest of some rounds, in seconds, and what was found."""
    spent: list[float] = []
    found: Any = None
    for _round in range(ROUNDS):
        start = time.perf_counter()
        found = call()
        spent.append(time.perf_counter() - start)
    return min(spent), found


def invented(records: int) -> list[tuple[int, list[list[Any]]]]:
    """Roads with records end to end in each layer: (length in mm, layers)."""
    from sen.domains.network.segmentation import Band

    chance = random.Random(597)
    each = records // (ROADS * LAYERS)
    roads: list[tuple[int, list[list[Any]]]] = []
    for _road in range(ROADS):
        layers: list[list[Any]] = []
        for number in range(LAYERS):
            place, bands = 0, []
            for _record in range(each):
                end = place + chance.randrange(20_000, 180_000)
                value = chance.randrange(30_000) if number else chance.choice(("A", "B", "C"))
                bands.append(Band(place, end, value))
                place = end
            layers.append(bands)
        roads.append((max(layer[-1].to_mm for layer in layers), layers))
    return roads


def in_memory(records: int) -> dict[str, Any]:
    from sen.domains.network.segmentation import segment

    roads = invented(records)
    result: dict[str, Any] = {"records": records, "roads": ROADS, "layers": LAYERS}
    for name, step in (("every_100_m", 100_000), ("every_km", 1_000_000), ("at_changes", None)):

        def cut(step: int | None = step) -> int:
            return sum(len(segment(0, end, layers, step_mm=step)) for end, layers in roads)

        spent, count = timed(cut)
        result[name] = {"seconds": round(spent, 2), "segments": count}
    return result


def of_database() -> dict[str, Any]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
    django.setup()
    from sen.domains.network.models import Road
    from sen.domains.network.selectors.segments import (
        Question,
        layer_choice,
        segment_roads,
        segment_shapes,
    )
    from sen.kernel.access.context import as_system

    names = ("network.surface", "network.iri", "network.width", "network.speed_limit")
    question = Question(
        layers=tuple(layer_choice(name) for name in names),
        on=datetime.now(tz=UTC).date(),
        step_m=100,
    )
    with as_system("benchmark of segmentation") as actor:
        roads = list(Road.objects.defer("geom", "search").order_by("order_key"))
        spent, found = timed(lambda: list(segment_roads(actor, roads=roads, question=question)))
        rows = [
            (one.road.pk, row.from_mm / 1000, row.to_mm / 1000) for one in found for row in one.rows
        ]
        shaped, _shapes = timed(lambda: segment_shapes(rows, on=question.on))
    return {
        "roads": len(found),
        "segments": len(rows),
        "seconds": round(spent, 2),
        "shapes_seconds": round(shaped, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--demo", action="store_true")
    options = parser.parse_args()
    figures: dict[str, Any] = {"memory": in_memory(options.records)}
    if options.demo:
        figures["database"] = of_database()
    figures["load"] = round(os.getloadavg()[0], 1)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
