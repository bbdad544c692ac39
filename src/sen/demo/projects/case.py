"""What the parts of a demonstration project are computed from."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MILLION: Final = 10**6
SEED: Final = 597
DAY: Final = timedelta(days=1)
PMU: Final = "BQLDA"
FIRMS: Final = ("DN-XDCL", "DN-XDTM", "DN-XDSH", "DN-BTSH", "DN-BTTG")
DESIGNERS: Final = ("DN-TVTK", "DN-TVKD")
SUPERVISORS: Final = ("TT-KDCLXD", "DN-TVGS")
SOURCES: Final = ("NSTW-MT", "NSDP-CD", "NSDP-XSKT", "NSDP-DAT")
PEOPLE: Final = (
    "Nguyễn Hoàng Phúc",
    "Trần Quốc Khánh",
    "Lê Thị Kim Chi",
    "Phạm Minh Trí",
    "Huỳnh Tấn Lộc",
    "Võ Thị Ngọc Hân",
)
STEPS: Final = (
    "PROPOSAL",
    "POLICY",
    "APPRAISAL",
    "APPROVED",
    "BIDDING",
    "CONSTRUCTION",
    "COMPLETION",
    "HANDOVER",
    "SETTLEMENT",
    "WARRANTY",
    "CLOSED",
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A road as far as projects need it: its code, number, ends in metres, who manages it."""

    code: str
    number: str
    start_m: float
    end_m: float
    manager: str


@dataclass(frozen=True, slots=True)
class Idea:
    """What a project is: its name with a hole for the road, kind, field, step, cost in tỷ đồng."""

    name: str
    kind: str
    field: str
    step: str
    cost: int
    road: str
    works: str
    pace: int = 0


class Case:
    """One project; its random choices depend on its number alone."""

    def __init__(self, number: int, idea: Idea, road: Stretch, today: date) -> None:
        self.idea, self.road, self.today = idea, road, today
        self.dice = random.Random(SEED * 1000 + number)  # noqa: S311  no secret
        self.position = STEPS.index(idea.step)
        self.total = idea.cost * 1000 * MILLION
        self.code = f"DA-{2023 + number % 4}-{number:03d}"
        self.is_commune = False
        self.length = 900 if idea.cost > 400 else 720 if idea.cost > 100 else 420
        # What is being built is somewhere in the middle; what is built ended some months ago.
        elapsed = self.length * (35 + number * 7 % 50) // 100
        if self.position > STEPS.index("CONSTRUCTION"):
            elapsed = self.length + 60 + number * 5
        elif self.position < STEPS.index("CONSTRUCTION"):
            elapsed = -60 - number
        self.start = first_of_month(today - timedelta(days=elapsed))
        self.end = self.start + timedelta(days=self.length)
        self.is_built = self.position >= STEPS.index("COMPLETION")
        self.firm = FIRMS[number % len(FIRMS)]
        self.number = number

    def done_share(self, on: date) -> float:
        """How much is done by a day: the plan, shifted by what the idea is behind or ahead."""
        if self.is_built:
            return 1.0
        planned = min(max((on - self.start).days / self.length, 0.0), 1.0)
        return min(max(planned * (1 + self.idea.pace / 100 * 2.2), 0.0), 0.97)


def first_of_month(day: date) -> date:
    return day.replace(day=1)
