"""Reading of the typed facts, and the numbers that chance decides."""

from __future__ import annotations

import csv
import random
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parent / "facts"
SEED = "Đồng Tháp"


@cache
def table(name: str) -> dict[str, Any]:
    """Read a TOML file of facts."""
    return tomllib.loads((FACTS / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Read a CSV file of facts."""
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def chance(topic: str) -> random.Random:
    """A generator of its own for each topic, the same on every run.

    One topic drawing more numbers does not change another one.
    """
    return random.Random(f"{SEED}/{topic}")  # noqa: S311 -- decoration, not a secret
