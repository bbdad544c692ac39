"""Figures that domains offer to desks, the portal and the operations centre.

A figure says what it counts, who answers for it, how old it may be and what it should be; it is
measured for the actor who looks. ``kpi_history`` keeps what was measured, so that a wall costs two
statements and any minute of the past can be shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypedDict, Unpack

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sen.kernel.access.scope import AccessRule, Actor, DataClass
from sen.kernel.memo import remembered
from sen.kernel.registry import Store
from sen.kernel.web.register.resource import Label

Measure = Callable[[Actor], int | float | None]
#: When the newest record behind a figure is from.
Sourced = Callable[[Actor], datetime | None]

FRESH: Final = timedelta(minutes=15)


class Period(TextChoices):
    """What stretch of time a figure speaks of."""

    NOW = "NOW", _("hiện tại")
    DAY = "DAY", _("trong ngày")
    MONTH = "MONTH", _("trong tháng")
    YEAR = "YEAR", _("trong năm")


class Standing(StrEnum):
    """How a figure stands to its goal."""

    NONE = ""
    MET = "ok"
    MISSED = "warn"
    FAR = "danger"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be: at most or at least ``value``; beyond ``far`` it is serious."""

    value: float
    at_least: bool = False
    far: float | None = None

    def standing(self, value: float) -> Standing:
        sign = 1 if self.at_least else -1
        if sign * value >= sign * self.value:
            return Standing.MET
        if self.far is not None and sign * value < sign * self.far:
            return Standing.FAR
        return Standing.MISSED


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure with its unit and the list behind it; computed for the actor who looks.

    ``rules`` are those of the rows that are counted: who has the same scope of them sees the same
    figure. Without them only those share it who hold the same rights in everything.
    ``live`` names topics of streams after whose messages the figure is measured anew.
    """

    name: str
    title: Label
    measure: Measure
    unit: str = ""
    icon: str = ""
    url: str = ""
    public: bool = False
    order: int = 100
    rules: tuple[AccessRule, ...] = ()
    definition: Label = ""
    owner: Label = ""
    period: Period = Period.NOW
    goal: Goal | None = None
    max_age: timedelta = FRESH
    sourced: Sourced | None = None
    live: tuple[str, ...] = ()
    data_class: DataClass = DataClass.INTERNAL
    wall: bool = True

    @property
    def domain(self) -> str:
        return self.name.partition(".")[0]

    @property
    def level(self) -> DataClass:
        """How widely the figure may be known."""
        return DataClass.PUBLIC if self.public else self.data_class

    def is_for(self, actor: Actor) -> bool:
        """Whether the actor is cleared for the figure; of which rows it tells is another matter."""
        return (
            actor.is_system
            or self.public
            or any(held.clearance >= self.data_class for held in actor.entitlements)
        )

    def owned_by(self) -> str:
        """Who answers for the figure: the unit named, else the owner of the domain."""
        if self.owner:
            return str(self.owner)
        return next((m.owner for m in settings.MANIFESTS if m.code == self.domain), "")

    @property
    def max_age_text(self) -> str:
        """How old the figure may be, in words."""
        minutes = int(self.max_age.total_seconds() // 60)
        if minutes < 180:
            return ngettext("%(n)d phút", "%(n)d phút", minutes) % {"n": minutes}
        hours = minutes // 60
        return ngettext("%(n)d giờ", "%(n)d giờ", hours) % {"n": hours}

    def scope_key(self, actor: Actor) -> str:
        """Equal for all actors for whom the figure is the same."""
        if not self.rules:
            return _rights_of(actor)
        return _scope_of(self.rules, actor)

    def standing(self, value: float | None) -> Standing:
        return Standing.NONE if self.goal is None or value is None else self.goal.standing(value)


kpis: Store[Kpi] = Store("KPI")


class Told(TypedDict, total=False):
    """What a domain may say of a figure beside its name and title; see :class:`Kpi`."""

    unit: str
    icon: str
    url: str
    public: bool
    order: int
    rules: tuple[AccessRule, ...]
    definition: Label
    owner: Label
    period: Period
    goal: Goal | None
    max_age: timedelta
    sourced: Sourced | None
    live: tuple[str, ...]
    data_class: DataClass
    wall: bool


def kpi(name: str, *, title: Label, **told: Unpack[Told]) -> Callable[[Measure], Measure]:
    """Decorator for a domain's ``kpis.py``: a function of the actor that returns the figure.

    It depends on the rights of the actor, not on the person: others of equal rights are shown
    what was measured for one of them.
    """

    def decorate(measure: Measure) -> Measure:
        kpis.add(name, Kpi(name=name, title=title, measure=measure, **told))
        return measure

    return decorate


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI as measured."""

    kpi: Kpi
    value: int | float


def figures(actor: Actor, *, public: bool = False) -> list[Figure]:
    """All KPIs that have a value for this actor, in order."""
    found: list[Figure] = []
    for item in in_order():
        if not item.is_for(actor) or (public and not item.public):
            continue
        value = item.measure(actor)
        if value is not None:
            found.append(Figure(item, value))
    return found


def in_order() -> list[Kpi]:
    """All KPIs as they stand on boards."""
    return sorted(kpis, key=lambda k: (k.order, k.name))


@remembered
def _scope_of(rules: tuple[AccessRule, ...], actor: Actor) -> str:
    parts = [
        f"{actor.scope(rule).digest}{int(actor.may(rule.permission('view')))}" for rule in rules
    ]
    return _short(" ".join(parts))


@remembered
def _rights_of(actor: Actor) -> str:
    held = sorted(
        repr(
            (
                sorted(e.permissions),
                e.clearance,
                e.orgs and sorted(e.orgs),
                e.areas and sorted(e.areas),
                e.orgs is None,
                e.areas is None,
            )
        )
        for e in actor.entitlements
    )
    limits = "" if actor.limits is None else repr(sorted(actor.limits))
    return _short(f"{actor.is_system}{held}{limits}")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
