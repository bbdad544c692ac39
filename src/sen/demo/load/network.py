"""What is known of roads beside the facts: traffic, classes, and chainages of former days."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, Final

from sen.demo.source import chance
from sen.domains.network import api as network
from sen.domains.network.data import EventInput
from sen.kernel.access.scope import Actor

#: The road whose posts once were counted from another place, and by how much.
RENUMBERED: Final = "QL.30"
SHIFT_M: Final = 4_000
OLD_SINCE: Final = date(2012, 1, 1)
SINCE: Final = date(2025, 7, 1)
COUNTED: Final = date(2026, 3, 15)
STRETCH_M: Final = 8_000.0
#: Vehicles a day on a usual stretch, by managing class.
USUAL: Final = {"EXPRESSWAY": 24_000, "NATIONAL": 14_000}


def load_network_depth(actor: Actor) -> int:
    """Records by the metre on the main roads, and the former chainage of one."""
    rows: list[EventInput] = []
    for road in network.roads(actor).filter(manager_class__in=list(USUAL)).exclude(end_m=None):
        start, end = float(road.start_m or 0), float(road.end_m or 0)
        rows += [_class_of(road, start, end), *_traffic(road, start, end)]
    done = network.bulk_put_events(actor=actor, rows=rows, is_demo=True)
    network.keep_old_calibration(
        actor=actor,
        road=network.roads(actor).get(code=RENUMBERED),
        valid_from=OLD_SINCE,
        valid_to=SINCE,
        note="Lý trình ghi trên cọc trước khi đo lại",
    )
    return done.created + done.updated


def _class_of(road: Any, start: float, end: float) -> EventInput:
    return EventInput(
        road=road.code,
        kind="technical_class",
        from_m=start,
        to_m=end,
        text=road.technical_class,
        valid_from=SINCE,
        code=f"CKT-{road.code}",
    )


def _traffic(road: Any, start: float, end: float) -> list[EventInput]:
    draw = chance(f"traffic/{road.code}")
    count = max(1, round((end - start) / STRETCH_M))
    borders = [start + (end - start) * i / count for i in range(count + 1)]
    return [
        EventInput(
            road=road.code,
            kind="traffic",
            from_m=round(low, 3),
            to_m=round(high, 3),
            number=round(USUAL[road.manager_class] * draw.uniform(0.55, 1.5), -2),
            valid_from=COUNTED,
            code=f"LL-{road.code}-{number}",
        )
        for number, (low, high) in enumerate(pairwise(borders), 1)
    ]
