"""Capital plans and disbursement of all projects that one may see, by year and source."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.domains.projects.data import Money
from sen.domains.projects.models import Funding, Project
from sen.domains.projects.rules import totals
from sen.domains.projects.selectors import capital_lines
from sen.domains.projects.web.panels.overview import billions
from sen.kernel.access.middleware import actor_of
from sen.kernel.web.register.links import WORK
from sen.kernel.web.register.views import needs_sign_in, to_sign_in

SHOWN_PROJECTS = 15


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Sums by year, and for the chosen year by source with the projects that are behind most."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    if not actor.may(Funding.access.permission("view")):
        raise Http404
    sums = totals(capital_lines(actor))
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else timezone.localdate().year
    of_year = [
        {"source": source, "money": money}
        for (at, source), money in sorted(sums.cells.items())
        if at == year
    ]
    money = sums.by_year.get(year, Money())
    context = {
        "page_title": _("Vốn và giải ngân"),
        "year": year,
        "import_url": f"{WORK}projects/fundings/nhap/"
        if actor.may(Funding.access.permission("import"))
        else "",
        "years": [
            {"title": str(at), "url": f"?year={at}", "active": at == year} for at in sums.by_year
        ],
        "by_year": [{"year": at, "money": found} for at, found in sums.by_year.items()],
        "by_source": of_year,
        "money": money,
        "given": billions(money.available_vnd),
        "paid": billions(money.disbursed_vnd),
        "left": billions(money.available_vnd - money.disbursed_vnd),
        "behind": _behind(request, year),
        "list": f"{WORK}projects/fundings/?year_min={year}&year_max={year}",
    }
    return render(request, "projects/money.html", context)


def _behind(request: HttpRequest, year: int) -> list[dict[str, object]]:
    """Projects with the most money of the year that is not disbursed."""
    actor = actor_of(request)
    rows = (
        Funding.objects.visible_to(actor)
        .filter(year=year)
        .values_list("project_id", "allocated_vnd", "carried_vnd", "disbursed_vnd")
    )
    found: dict[int, Money] = {}
    for project_id, allocated, carried, paid in rows:
        found[project_id] = found.get(project_id, Money()) + Money(0, allocated, carried, paid)
    worst = sorted(found.items(), key=lambda item: item[1].disbursed_vnd - item[1].available_vnd)[
        :SHOWN_PROJECTS
    ]
    names = {
        row.pk: row
        for row in Project.objects.visible_to(actor).filter(pk__in=[pk for pk, _m in worst])
    }
    return [
        {"row": names[pk], "money": money, "url": f"{WORK}projects/projects/{pk}/"}
        for pk, money in worst
        if pk in names and money.available_vnd > money.disbursed_vnd
    ]
