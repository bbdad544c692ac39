"""Fairways of the larger rivers, red lines of some streets, and every corridor drawn."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.contrib.gis.geos import LineString

from sen.demo.load.foundation import Ground
from sen.demo.model import Province
from sen.domains.corridors import api as corridors
from sen.domains.network import api as network
from sen.kernel.access.scope import Actor

#: Classes of waterways as the facts count them.
GRADES: Final = ("special", "I", "II", "III", "IV", "V", "VI")
#: A fairway takes this part of the river, this much at most.
SHARE: Final = 0.5
WIDEST_M: Final = 150.0
#: Every so many urban roads one has a red line on record.
EVERY: Final = 4


def load_corridors(actor: Actor, data: Province, ground: Ground) -> int:
    """Fairways and red lines are entered; corridors are drawn from them, roads and works."""
    for water in data.waterways:
        if water.technical_class < len(GRADES):
            corridors.create_fairway(
                actor=actor,
                code=f"L-{water.code}",
                name=f"Luồng {water.name}",
                grade=GRADES[water.technical_class],
                width_m=round(min(WIDEST_M, water.width_m * SHARE), 1),
                geom=LineString(*water.line, srid=4326),
                owner_org=ground.org("SXD"),
                area=ground.province,
                is_demo=True,
            )
    urban = network.roads(actor).filter(technical_class="URBAN", geom__isnull=False)
    for road in urban.order_by("code")[::EVERY]:
        corridors.create_red_line(
            actor=actor,
            road=road,
            distance_m=round(float(road.width_m or 7) / 2 + 5, 1),
            decision="Quy hoạch phân khu (minh họa)",
            valid_from=date(2025, 1, 1),
            is_demo=True,
        )
    return corridors.draw_corridors(actor=actor).total
