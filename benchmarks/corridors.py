"""Safety corridors of the whole province: drawing, asking, listing conflicts, another day's law.

Reads the database of ``DATABASE_URL`` (the demonstration is enough) and writes nothing that was
not there: drawing again leaves rows that stay as they are. Printed are the fastest of the rounds.

    DATABASE_URL=postgres://… python benchmarks/corridors.py [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import date

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")

import django

django.setup()

from django.contrib.gis.geos import Point  # noqa: E402

from sen.domains.corridors import api  # noqa: E402
from sen.domains.corridors.selectors import conflicts, drawn_on  # noqa: E402
from sen.kernel.access.context import as_system  # noqa: E402
from sen.kernel.access.scope import Actor  # noqa: E402

DAY = date(2026, 11, 23)
OTHER_DAY = date(2025, 6, 1)


def fastest(rounds: int, act: Callable[[Actor], object]) -> tuple[float, object]:
    """Seconds of the fastest round, and what it gave."""
    best, found = float("inf"), None
    for _round in range(rounds):
        with as_system("benchmark of corridors") as actor:
            started = time.perf_counter()
            found = act(actor)
            best = min(best, time.perf_counter() - started)
    return best, found


def ask(actor: Actor) -> int:
    """A hundred places along the widest corridors; returns how many lie inside."""
    rows = api.corridors(actor).filter(geom__isnull=False).order_by("-reach_m", "id")[:100]
    spots = [Point(*row.geom.centroid.coords, srid=4326) for row in rows]
    return sum(any(f.is_inside for f in api.findings_at(actor, spot, DAY)) for spot in spots)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    for name, act in (
        ("draw everything again", lambda actor: api.draw_corridors(actor=actor)),
        ("100 questions", ask),
        ("conflicts", lambda actor: len(conflicts(actor))),
        ("polygons by another day's law", lambda a: sum(1 for _ in drawn_on(a, OTHER_DAY))),
    ):
        seconds, found = fastest(rounds, act)
        print(f"{name}: {seconds:.2f} s ({found})")


if __name__ == "__main__":
    main()
