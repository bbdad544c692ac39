"""In which order files of tests run, so that all processes end at about the same time.

Dear files come first. While one process makes the database and loads the province, the others
have files that need neither. ``SEN_WRITE_COSTS=1 ./sen test`` renews what is known of the costs.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

COSTS: Final = Path(__file__).with_name("costs.json")
ROOT: Final = COSTS.parents[1]
#: Files that cost less are told apart by their number of tests.
WRITTEN_FROM_S: Final = 3
TEST_S: Final = 0.1
BROWSER_TEST_S: Final = 5.0
#: How long one process makes the database, then loads the province.
DATABASE_S: Final = 20.0
PROVINCE_S: Final = 70.0


def costs_s(items: Iterable[pytest.Item]) -> dict[Path, float]:
    """Seconds by file: as measured, else estimated."""
    known: dict[str, float] = json.loads(COSTS.read_text(encoding="utf-8"))
    found: dict[Path, float] = defaultdict(float)
    for item in items:
        found[item.path] += BROWSER_TEST_S if item.get_closest_marker("e2e") else TEST_S
    return {path: known.get(_name(path), cost) for path, cost in found.items()}


def order(items: list[pytest.Item], processes: int) -> dict[Path, int]:
    """Place of each file."""
    costs = costs_s(items)
    dear_first = sorted(costs, key=lambda path: (-costs[path], path))
    province = {item.path for item in items if "loaded_province" in _fixtures(item)}
    database = {item.path for item in items if "django_db_setup" in _fixtures(item)}
    database |= {item.path for item in items if item.get_closest_marker("django_db")} | province
    placed = [path for path in dear_first if path in province][:1]

    def fill(allowed: set[Path], seconds: float) -> None:
        taken = 0.0
        for path in dear_first:
            if taken < seconds and path in allowed and path not in placed:
                placed.append(path)
                taken += costs[path]

    if placed and processes > 1:
        fill(set(costs) - database, DATABASE_S * (processes - 1))
        fill(set(costs) - province, PROVINCE_S * (processes - 1))
    fill(set(costs), float("inf"))
    return {path: place for place, path in enumerate(placed)}


def write_costs(reports: Iterable[pytest.TestReport]) -> None:
    """Keep what the files of a whole run cost."""
    found: dict[str, float] = defaultdict(float)
    for report in reports:
        found[report.nodeid.partition("::")[0]] += report.duration
    kept = {name: round(cost) for name, cost in sorted(found.items()) if cost >= WRITTEN_FROM_S}
    COSTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def processes() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
