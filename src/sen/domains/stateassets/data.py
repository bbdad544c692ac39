"""What `stateassets` tells other domains and takes from importers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInput:
    """One card of an import; found again by its ``code``. ``row`` is its line in the file.

    ``asset``, ``road``, ``owner_org`` and ``area`` are codes.

    Units:
        đồng; ``from_m`` and ``to_m`` as the km-posts count.
    """

    code: str
    name: str
    kind: str
    owner_org: str = ""
    area: str = ""
    asset: str = ""
    road: str = ""
    from_m: float | None = None
    to_m: float | None = None
    quantity: Decimal | None = None
    unit: str = ""
    origin: str = "SURVEY"
    in_use_at: date
    recorded_at: date
    charged_through: int | None = None
    construction_vnd: int = 0
    equipment_vnd: int = 0
    clearance_vnd: int = 0
    other_vnd: int = 0
    accumulated_vnd: int = 0
    document: str = ""
    document_date: date | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over cards.

    Units:
        đồng.
    """

    cards: int = 0
    original_vnd: int = 0
    accumulated_vnd: int = 0

    @property
    def residual_vnd(self) -> int:
        return self.original_vnd - self.accumulated_vnd
