"""What a domain ships as data: loaded after the migrations, never over what people changed."""

from __future__ import annotations

from collections.abc import Callable

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store

Seed = Callable[[Actor], int]
seeds: Store[Seed] = Store("seed")


def seed(name: str) -> Callable[[Seed], Seed]:
    """Decorator for a domain's ``seeds.py``: idempotent, returns how many rows it wrote."""

    def decorate(function: Seed) -> Seed:
        return seeds.add(name, function)

    return decorate


def run_seeds() -> dict[str, int]:
    """Run every seed in the order of the domains; returns what each wrote."""
    written: dict[str, int] = {}
    for name in seeds.names():
        with as_system(f"dữ liệu kèm theo: {name}") as actor:
            written[name] = seeds[name](actor)
    return written
