"""The operations screen, its fragments, and one figure with its past."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.domains.operations.models import ChartNote
from sen.domains.operations.web import blocks, happenings, past, tiles
from sen.domains.operations.web.charts import chart_of, note_key
from sen.domains.operations.web.moments import BOARD, moment_of
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, PermissionDeniedError
from sen.kernel.web.charts import Window, chart_response
from sen.kernel.web.kpis import Kpi, kpis

#: What the map of the board shows at first; layers that nobody contributes are left out.
LAYERS: Final = "roads,alarms,incidents,telemetry-things"

#: Streams after which the board is read anew, beside those that figures name.
TOPICS: Final = ("alarms", "incidents")


def actor_for_board(request: HttpRequest) -> Actor:
    """The actor, if the operations screen is for them.

    Raises:
        PermissionDeniedError: it is not.
    """
    actor = actor_of(request)
    if not actor.may(BOARD):
        raise PermissionDeniedError(BOARD)
    return actor


def board_context(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What every form of the board shows, now or at a moment of the past."""
    fault = ""
    moment: datetime | None = None
    try:
        moment = moment_of(request)
    except InvalidInputError as error:
        fault = " ".join(text for texts in error.fields.values() for text in texts)
    now = timezone.now()
    return {
        "moment": moment,
        "fault": fault,
        "now": moment or now,
        "today": now,
        "earliest": now - timedelta(days=366),
        "tiles": tiles.tiles(actor, moment, now),
        "quality": blocks.quality_lines(actor, moment),
        "duty": blocks.on_duty(actor, moment),
        "topics": blocks.live_topics(actor, TOPICS),
        "open_alarms": happenings.open_alarms(actor, moment),
        "incidents": happenings.incident_board(actor, moment),
        "map_layers": LAYERS,
        **_instruments(actor, moment),
    }


def _instruments(actor: Actor, moment: datetime | None) -> dict[str, Any]:
    """Health of sensors; of the past also what they said."""
    if moment is None:
        return {"health": happenings.sensor_health(actor)}
    told = past.told_at(actor, moment)
    return {"health": past.health_at(told), "told": past.worth_showing(actor, told, moment)}


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The operations screen; ``?luc=`` shows it as it was."""
    actor = actor_for_board(request)
    context = board_context(request, actor) | {
        "page_title": _("Điều hành"),
        "may_display": actor.may("operations.display.view"),
        "may_shift": actor.may("operations.shift.view"),
    }
    return render(request, "operations/board.html", context)


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The tiles alone, read anew by the board."""
    actor = actor_for_board(request)
    return render(request, "operations/tiles.html", board_context(request, actor))


@require_safe
def alarm_list(request: HttpRequest) -> HttpResponse:
    """The open alarms alone, read anew when one is raised or taken."""
    actor = actor_for_board(request)
    context = {"open_alarms": happenings.open_alarms(actor, None)}
    return render(request, "operations/alarms.html", context)


@require_safe
def incident_columns(request: HttpRequest) -> HttpResponse:
    """The incident board alone, read anew when an incident changes."""
    actor = actor_for_board(request)
    context = {"incidents": happenings.incident_board(actor, None)}
    return render(request, "operations/incidents.html", context)


@require_safe
def figures_json(request: HttpRequest) -> HttpResponse:
    """All figures of the actor for programs."""
    actor = actor_for_board(request)
    found = tiles.tiles(actor, None, timezone.now())
    return JsonResponse(
        {"figures": [tiles.as_json(tile) for tile in found]},
        headers={"Cache-Control": "private, no-store"},
    )


def kpi_for(actor: Actor, name: str) -> Kpi:
    """The figure of an address, if the actor has it.

    Raises:
        Http404: there is none of that name, or not for this actor.
    """
    item = kpis.get(name)
    if item is None or not item.is_for(actor):
        raise Http404(_("Không có chỉ số này."))
    return item


@require_safe
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """One figure: what it counts, who answers for it, its past, its notes."""
    actor = actor_for_board(request)
    item = kpi_for(actor, name)
    found = tiles.tiles(actor, None, timezone.now(), [item])
    if not found:
        raise Http404(_("Không có chỉ số này."))
    notes = (
        ChartNote.objects.visible_to(actor).filter(chart=note_key(item)).order_by("-at")[:50]
        if actor.may("operations.note.view")
        else []
    )
    context = {
        "page_title": item.title,
        "breadcrumbs": [{"title": _("Điều hành"), "url": "/ioc/"}, {"title": item.title}],
        "tile": found[0],
        "kpi": item,
        "notes": notes,
        "may_note": actor.may("operations.note.add"),
        "may_remove": actor.may("operations.note.delete"),
        "now": timezone.localtime(),
        "frame": request.build_absolute_uri(f"/ioc/o/{item.name}/"),
    }
    return render(request, "operations/figure.html", context)


@require_safe
def chart(request: HttpRequest, name: str) -> HttpResponse:
    """The past of a figure for ``<sen-chart>``, or as CSV."""
    actor = actor_for_board(request)
    item = kpi_for(actor, name)
    try:
        window = Window.asked(request.GET, usual=timedelta(days=30))
    except InvalidInputError as error:
        return JsonResponse(
            error.as_problem(), status=error.status, content_type="application/problem+json"
        )
    return chart_response(chart_of(item, actor, window), window, request.GET)
