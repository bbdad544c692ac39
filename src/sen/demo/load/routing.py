"""The routing graph over the demonstration roads, and turns that signs forbid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from sen.domains.network import api as network
from sen.domains.routing import api as routing
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError

#: On these roads some turns into roads that begin there are forbidden, each to other vehicles.
TRUNKS: Final = ("QL.1", "QL.30", "QL.80")
FORBIDDEN: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "NO_LEFT", "vehicles": ["TRUCK", "TRACTOR"], "above_t": 10},
    {"kind": "NO_RIGHT", "vehicles": ["TRACTOR"]},
    {"kind": "NO_LEFT", "vehicles": ["BUS", "TRUCK", "TRACTOR"]},
    {"kind": "NO_LEFT"},
)
BEGIN_M: Final = 5.0


def load_graph(actor: Actor) -> int:
    """Edges and connectivity faults, so that ways are found before the first job ran."""
    return routing.rebuild(actor=actor)["edges"]


def load_turns(actor: Actor) -> int:
    """One rule of each sort, at the first junctions where there is such a turn."""
    left = list(FORBIDDEN)
    for trunk, at_m, other in _junctions(actor):
        if not left:
            break
        for heading in ("UP", "DOWN"):
            values = left[0] | {"from_road": trunk, "at_m": round(at_m, 3), "to_road": other}
            try:
                routing.create_turn(
                    actor=actor,
                    heading=heading,
                    valid_from=date(2026, 1, 15),
                    basis="Quyết định minh họa 15/QĐ-SXD ngày 12/01/2026",
                    **values,
                )
            except InvalidInputError:
                continue
            left.pop(0)
            break
    return len(FORBIDDEN) - len(left)


def _junctions(actor: Actor) -> Iterator[tuple[Any, float, Any]]:
    trunks = list(network.roads(actor).filter(code__in=TRUNKS))
    roads = [road for road in network.roads(actor).filter(manager_class="PROVINCIAL") if road.geom]
    starts = [(x, y) for road in roads if road.geom is not None for x, y in road.geom.coords[:1]]
    for trunk in trunks:
        feet = network.chainages_of(
            points=starts,
            road_ids=[trunk.pk] * len(roads),
            within_m=BEGIN_M,
        )
        for road, foot in zip(roads, feet, strict=True):
            if foot is not None:
                yield trunk, foot.chainage_m, road
