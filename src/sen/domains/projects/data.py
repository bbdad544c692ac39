"""What `projects` computes with and tells other domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as far as curves need it; milestones weigh nothing."""

    id: int
    start: date
    finish: date
    weight: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a task was on a day.

    Units:
        ``pct``: percent of the task.
    """

    task_id: int
    on: date
    pct: int


@dataclass(frozen=True, slots=True)
class Paid:
    """Money paid out on a day.

    Units:
        ``amount_vnd``: đồng.
    """

    on: date
    amount_vnd: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The S-curve at the end of a day; None: that day has not come.

    Units:
        Percent of the whole, with one decimal.
    """

    on: date
    planned: float
    actual: float | None
    disbursed: float | None


@dataclass(frozen=True, slots=True)
class Money:
    """Planned, allocated and disbursed money of one source in one year, or of several together.

    Units:
        đồng. ``carried_vnd``: capital of former years that may still be spent.
    """

    planned_vnd: int = 0
    allocated_vnd: int = 0
    carried_vnd: int = 0
    disbursed_vnd: int = 0

    def __add__(self, other: Money) -> Money:
        return Money(
            self.planned_vnd + other.planned_vnd,
            self.allocated_vnd + other.allocated_vnd,
            self.carried_vnd + other.carried_vnd,
            self.disbursed_vnd + other.disbursed_vnd,
        )

    @property
    def available_vnd(self) -> int:
        return self.allocated_vnd + self.carried_vnd

    @property
    def available_billion(self) -> float:
        """What may be spent in tỷ đồng, for charts."""
        return self.available_vnd // 10**8 / 10

    @property
    def disbursed_billion(self) -> float:
        """What was disbursed in tỷ đồng, for charts."""
        return self.disbursed_vnd // 10**8 / 10

    @property
    def share_pct(self) -> float | None:
        """Disbursed in percent of what may be spent; None where nothing may be."""
        if not self.available_vnd:
            return None
        return (self.disbursed_vnd * 1000 // self.available_vnd) / 10


@dataclass(frozen=True, slots=True)
class FundingLine:
    """One line of the capital plan: a source in a year."""

    year: int
    source: str
    money: Money


@dataclass(frozen=True, slots=True)
class ProjectRef:
    """A project as other domains name it."""

    id: int
    code: str
    name: str
    step: str
    status: str
    pace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectInput:
    """A whole project with its history, as it comes from another system.

    ``owner_org``, ``area``, ``investor``, ``manager``, ``road`` and ``source`` are codes. Each
    list holds the values of one kind of part by the names of their fields; works name ``road`` and
    ``asset`` by code, contracts carry ``contractor`` and lists ``amendments``, ``warranties``;
    payments name ``contract``, ``source``, ``year``; tasks carry ``reports`` of (day, percent).
    """

    code: str
    name: str
    owner_org: str
    area: str
    investor: str
    manager: str = ""
    road: str = ""
    step: str = ""
    step_since: date | None = None
    status: str = "ACTIVE"
    data_class: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    decisions: Sequence[Mapping[str, Any]] = ()
    works: Sequence[Mapping[str, Any]] = ()
    fundings: Sequence[Mapping[str, Any]] = ()
    contracts: Sequence[Mapping[str, Any]] = ()
    payments: Sequence[Mapping[str, Any]] = ()
    tasks: Sequence[Mapping[str, Any]] = ()
    acceptances: Sequence[Mapping[str, Any]] = ()
    diary: Sequence[Mapping[str, Any]] = ()
    risks: Sequence[Mapping[str, Any]] = ()
