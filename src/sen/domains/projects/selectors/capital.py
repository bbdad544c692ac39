"""Capital plans and disbursement in sums."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet, Sum

from sen.domains.projects.data import FundingLine, Money
from sen.domains.projects.models import Funding, Project
from sen.domains.projects.rules import Totals, totals
from sen.domains.projects.selectors.projects import parts_of
from sen.kernel.access.scope import Actor
from sen.kernel.memo import remembered

_SUMS = ("planned_vnd", "allocated_vnd", "carried_vnd", "disbursed_vnd")


@remembered
def capital_of(actor: Actor, project: Project) -> Totals:
    """The capital plan of one project in sums by year and source."""
    return totals(_lines(parts_of(actor, Funding, project).order_by("year", "source__code")))


def capital_lines(actor: Actor, **where: Any) -> list[FundingLine]:
    """The capital plans of all projects that the actor may see, one line a year and source."""
    rows = Funding.objects.visible_to(actor).filter(**where).order_by()
    sums = rows.values_list("year", "source__name").annotate(*(Sum(name) for name in _SUMS))
    return [FundingLine(year, source, Money(*money)) for year, source, *money in sums]


def year_sums(actor: Actor, year: int) -> Money:
    """All money of a plan year that the actor may see."""
    return totals(capital_lines(actor, year=year)).whole


def _lines(rows: QuerySet[Funding]) -> Iterable[FundingLine]:
    for year, source, *money in rows.values_list("year", "source__name", *_SUMS):
        yield FundingLine(year, source, Money(*money))
