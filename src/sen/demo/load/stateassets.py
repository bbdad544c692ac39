"""Cards of bridges, ferries, stations and the larger roads; a closed year, the next one open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from sen.demo.load.foundation import Ground
from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.stateassets import api as stateassets
from sen.domains.stateassets.choices import KIND_OF_TYPE
from sen.domains.stateassets.data import CardInput
from sen.kernel.access.scope import Actor

#: Everything was put on the books at the end of this year.
FIRST_YEAR: Final = 2024
#: Organisations whose year after it is closed.
CLOSED: Final = ("KQLDB4",)
#: Every so many assets one has no card yet.
MISSING: Final = 12
MILLION: Final = 10**6
#: What a square metre of a bridge, a metre of a road, and another work cost at first, in million.
BRIDGE_M2, ROAD_M, OTHER = 28, 42, 9_500
#: Percent a year of what the law takes for each kind, for what was lost before the books.
LOST_PCT: Final = {"ROAD": 25, "BRIDGE": 25, "FERRY": 50, "STATION": 40}


def load_cards(actor: Actor, ground: Ground) -> int:
    """Cards through the bulk service of imports, some movements, and a closed year."""
    rows = [*_works(actor), *_roads(actor)]
    made = stateassets.bulk_put_cards(actor=actor, rows=rows, is_demo=True)
    for code in CLOSED:
        stateassets.close_book(actor=actor, organisation=ground.org(code), year=FIRST_YEAR + 1)
    for card in stateassets.cards(actor).filter(kind="BRIDGE", owner_org__code="SXD")[:3]:
        stateassets.record_movement(
            actor=actor,
            card=card,
            kind="UPGRADE",
            on=date(2026, 5, 20),
            construction_vnd=1_850 * MILLION,
            document="QĐ 318/QĐ-SXD (minh họa)",
            note="Sửa chữa, tăng cường mặt cầu",
        )
    return made


def _lost(kind: str, cost: int, opened: int) -> int:
    """What was lost by the end of the first year, in tenths of a percent of the cost."""
    years = FIRST_YEAR + 1 - opened
    return min(cost, cost * LOST_PCT.get(kind, 40) * years // 1000)


def _works(actor: Actor) -> list[CardInput]:
    found: list[CardInput] = []
    rows = assets.assets(actor, type="").filter(type__in=list(KIND_OF_TYPE), opened_year__lte=2024)
    for number, row in enumerate(rows.select_related("owner_org", "area").order_by("code")):
        if number % MISSING == MISSING - 1:
            continue
        kind = KIND_OF_TYPE[row.type].value
        length = float(row.attributes.get("length_m") or 0)
        width = float(row.attributes.get("width_m") or 6)
        cost = int(length * width * BRIDGE_M2) if length else OTHER
        opened = max(row.opened_year or 2000, 1975)
        found.append(
            CardInput(
                code=f"TS-{row.code}",
                name=row.name,
                kind=kind,
                asset=row.code,
                quantity=Decimal(f"{length or 1:.3f}"),
                unit="m" if length else "công trình",
                in_use_at=date(opened, 6, 30),
                recorded_at=date(FIRST_YEAR, 12, 31),
                charged_through=FIRST_YEAR,
                construction_vnd=cost * MILLION,
                other_vnd=cost * MILLION // 20,
                accumulated_vnd=_lost(kind, cost * MILLION * 21 // 20, opened),
                document="Biên bản kiểm kê 2024 (minh họa)",
                document_date=date(FIRST_YEAR, 12, 20),
            )
        )
    return found


def _roads(actor: Actor) -> list[CardInput]:
    found: list[CardInput] = []
    rows = network.roads(actor).filter(manager_class__in=("NATIONAL", "PROVINCIAL"), part="MAIN")
    for number, road in enumerate(rows.order_by("code").defer("geom")):
        length = float(road.length_m or 0)
        if not length:
            continue
        opened = 1998 + number * 7 % 24
        cost = int(length * ROAD_M) * MILLION
        found.append(
            CardInput(
                code=f"TS-{road.code}",
                name=f"{road.number} {road.name}".strip(),
                kind="ROAD",
                road=road.code,
                quantity=Decimal(f"{length / 1000:.3f}"),
                unit="km",
                in_use_at=date(opened, 12, 1),
                recorded_at=date(FIRST_YEAR, 12, 31),
                charged_through=FIRST_YEAR,
                construction_vnd=cost,
                clearance_vnd=cost // 10,
                accumulated_vnd=_lost("ROAD", cost * 11 // 10, opened),
                document="Biên bản kiểm kê 2024 (minh họa)",
                document_date=date(FIRST_YEAR, 12, 20),
            )
        )
    return found
