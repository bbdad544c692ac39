"""Pages on which a road is changed as a whole: choose, see what would become of all, do it."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from sen.domains.network.choices import OperationKind
from sen.domains.network.models import Decision, Road, RoadOperation
from sen.domains.network.services import OPERATIONS, preview
from sen.domains.network.web.operation_forms import ABOUT, FORMS, OperationForm
from sen.domains.network.web.pictures import picture_of
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import (
    crumbs,
    needs_sign_in,
    resource_for,
    row_for,
    to_sign_in,
)

#: Lines of a report that are shown; the operation keeps all of them.
SHOWN: Final = 60


def _road(request: HttpRequest, road_id: int) -> Road:
    row = row_for(resource_for(request, "network/roads"), actor_of(request), road_id, "reshape")
    if not isinstance(row, Road):
        raise TypeError("network.roads shows roads")
    return row


def _context(road: Road, title: str) -> dict[str, Any]:
    resource = resources["network.roads"]
    url = detail_url(resource, road.pk, WORK)
    return {
        "road": road,
        "road_url": url,
        "page_title": title,
        "page_sub": str(road),
        "breadcrumbs": [
            *crumbs(resource, WORK, link=True),
            {"title": road.label, "url": url},
            {"title": _("Thao tác trên tuyến"), "url": ""},
        ],
    }


@require_safe
def choose_page(request: HttpRequest, road_id: int) -> HttpResponse:
    """What may be done to a road, and what was done."""
    if needs_sign_in(request):
        return to_sign_in(request)
    road = _road(request, road_id)
    actor = actor_of(request)
    kinds = [
        {"code": kind.value.lower(), "title": name, "about": ABOUT[kind][0], "icon": ABOUT[kind][1]}
        for value, name in RoadOperation.Kind.choices
        for kind in (OperationKind(value),)
    ]
    done = RoadOperation.objects.visible_to(actor).filter(road=road).order_by("-id")[:20]
    context = _context(road, _("Thao tác trên tuyến %(road)s") % {"road": road.label})
    return render(
        request, "network/operations.html", context | {"kinds": kinds, "done": list(done)}
    )


@require_http_methods(["GET", "POST"])
def operate_page(request: HttpRequest, road_id: int, kind: str) -> HttpResponse:
    """The form of one operation; its preview is the operation itself, undone."""
    if needs_sign_in(request):
        return to_sign_in(request)
    road = _road(request, road_id)
    try:
        code = OperationKind(kind.upper())
    except ValueError as error:
        raise Http404(_("Không có thao tác này.")) from error
    actor = actor_of(request)
    form = FORMS[code](request.POST or None, actor=actor, road=road)
    context = _context(road, str(RoadOperation.Kind(code.value).label))
    status = 200
    if request.method == "POST" and form.is_valid():
        values = form.values() | {
            "actor": actor,
            "road": road,
            "version": _version(request, road),
        }
        try:
            if request.POST.get("act") == "run":
                done = OPERATIONS[code](**values)
                messages.success(request, done.title)
                return redirect(detail_url(resources["network.operations"], done.pk, WORK))
            context["report"] = report_of(preview(OPERATIONS[code], values))
            road.refresh_from_db()
        except SenError as error:
            status = error.status
            _show(form, error)
            context["error"] = error
    elif request.method == "POST":
        status = 422
    about, icon = ABOUT[code]
    context |= {"form": form, "fields": list(form), "about": about, "icon": icon}
    return render(request, "network/operate.html", context, status=status)


def _version(request: HttpRequest, road: Road) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else road.version


def _show(form: OperationForm, error: SenError) -> None:
    """Every fault beside its field, the others above the form."""
    for name, texts in error.fields.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


def report_of(operation: RoadOperation) -> dict[str, Any]:
    """What became, or would become, of everything on the road; for people."""
    detail = operation.detail
    records = detail.get("records", [])
    roads = {
        one["id"]: one["label"] for one in [*detail.get("before", []), *detail.get("after", [])]
    }
    return {
        "title": operation.title,
        "day": operation.valid_from,
        "picture": picture_of(detail.get("before", []), detail.get("after", [])),
        "before": detail.get("before", []),
        "after": detail.get("after", []),
        "pieces": [
            row | {"road": roads.get(row["road_id"], ""), "old_road": group["road"]}
            for group in detail.get("pieces", [])
            for row in group["rows"]
        ],
        "records": [one for one in records if one["to"]][:SHOWN],
        "ended": [one["title"] for one in records if not one["to"]][:SHOWN],
        "record_count": len(records),
        "stretched": detail.get("stretched", []),
        "shared": detail.get("shared", 0),
        "followed": [one for one in detail.get("followed", []) if one["count"]],
        "questions": detail.get("questions", []),
        "remarks": detail.get("remarks", []),
    }


@panel("network.operations", title=gettext_lazy("Kết quả"), order=10, wide=True)
def result(page: PanelContext) -> PanelBody | None:
    """What became of everything on the road."""
    row = page.row
    if not isinstance(row, RoadOperation) or "before" not in row.detail:
        return None
    waiting = (
        Decision.objects.visible_to(page.actor)
        .filter(operation=row, status=Decision.Status.OPEN)
        .count()
    )
    url = f"{base_of(page.request)}network/decisions/?status=OPEN"
    return PanelBody(
        "network/report.html", {"report": report_of(row), "waiting": waiting, "waiting_url": url}
    )


@panel("network.roads", title=gettext_lazy("Thao tác trên tuyến"), order=45)
def on_road(page: PanelContext) -> PanelBody | None:
    """The way to the operations, what was done last, and what waits for a decision."""
    road = page.row
    if not isinstance(road, Road) or base_of(page.request) != WORK:
        return None
    may = page.actor.may("network.road.reshape") and page.actor.scope(
        Road.access, "reshape"
    ).allows(road)
    done = list(RoadOperation.objects.visible_to(page.actor).filter(road=road).order_by("-id")[:5])
    waiting = (
        Decision.objects.visible_to(page.actor)
        .filter(road=road, status=Decision.Status.OPEN)
        .count()
    )
    if not may and not done:
        return None
    return PanelBody(
        "network/on_road.html",
        {
            "done": done,
            "waiting": waiting,
            "waiting_url": f"{WORK}network/decisions/?status=OPEN&road={road.pk}",
            "url": f"{detail_url(resources['network.roads'], road.pk, WORK)}thao-tac/"
            if may
            else "",
        },
    )
