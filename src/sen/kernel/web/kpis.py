"""Figures that domains offer to desks, the portal and the operations centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store
from sen.kernel.web.register.resource import Label

Measure = Callable[[Actor], int | float | None]


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure with its unit and the list behind it; computed for the actor who looks."""

    name: str
    title: Label
    unit: str
    measure: Measure
    icon: str = ""
    url: str = ""
    public: bool = False
    order: int = 100


kpis: Store[Kpi] = Store("KPI")


def kpi(
    name: str,
    *,
    title: Label,
    unit: str = "",
    icon: str = "",
    url: str = "",
    public: bool = False,
    order: int = 100,
) -> Callable[[Measure], Measure]:
    """Decorator for a domain's ``kpis.py``: a function of the actor that returns the figure."""

    def decorate(measure: Measure) -> Measure:
        kpis.add(name, Kpi(name, title, unit, measure, icon, url, public, order))
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
    for item in sorted(kpis, key=lambda k: (k.order, k.name)):
        if public and not item.public:
            continue
        value = item.measure(actor)
        if value is not None:
            found.append(Figure(item, value))
    return found
