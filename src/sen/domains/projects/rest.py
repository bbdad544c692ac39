"""The S-curve and the capital plan of a project, for other systems of the province."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.projects.models import Project
from sen.domains.projects.selectors import capital_of, curve_of
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import NotFoundError
from sen.kernel.rest.api import Audience, Schema, router


class CurvePointOut(Schema):
    """The S-curve at the end of a day, in percent of the whole."""

    on: date
    planned: float
    actual: float | None
    disbursed: float | None


class MoneyOut(Schema):
    """A line of the capital plan in đồng, and what was disbursed of it in percent."""

    year: int
    source: str
    planned_vnd: int
    allocated_vnd: int
    carried_vnd: int
    disbursed_vnd: int
    share_pct: float | None


def _project(request: HttpRequest, project_id: int) -> Project:
    row = Project.objects.visible_to(actor_of(request)).filter(pk=project_id).first()
    if row is None:
        raise NotFoundError(_("dự án"), project_id)
    return row


def curve(request: HttpRequest, project_id: int) -> Any:
    """Planned, actual and disbursed by month."""
    project = _project(request, project_id)
    return curve_of(actor_of(request), project, timezone.localdate())


def capital(request: HttpRequest, project_id: int) -> Any:
    """The capital plan by year and source."""
    sums = capital_of(actor_of(request), _project(request, project_id))
    return [
        {
            "year": year,
            "source": source,
            "planned_vnd": money.planned_vnd,
            "allocated_vnd": money.allocated_vnd,
            "carried_vnd": money.carried_vnd,
            "disbursed_vnd": money.disbursed_vnd,
            "share_pct": money.share_pct,
        }
        for (year, source), money in sums.cells.items()
    ]


for audience in (Audience.PARTNER, Audience.INTERNAL):
    made = router(audience, "projects")
    made.get("/projects/{project_id}/s-curve", response=list[CurvePointOut])(curve)
    made.get("/projects/{project_id}/capital", response=list[MoneyOut])(capital)
