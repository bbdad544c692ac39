"""The page that finds a way, and its answer for the map."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.domains.network import api as network
from sen.domains.routing.data import Route
from sen.domains.routing.questions import Wanted, leg_text, read_wanted
from sen.domains.routing.selectors import find_route, has_pgrouting
from sen.domains.routing.web.words import vehicle_names
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.numbers import number_text
from sen.kernel.web.register.links import PUBLIC, base_of
from sen.kernel.web.register.views import needs_sign_in, shell_of, to_sign_in

_ASKED = ("from", "to", "vehicle", "weight_t", "height_m")


@require_safe
def route_page(request: HttpRequest) -> HttpResponse:
    """The form, and the way that it asks for as text and on the map."""
    if needs_sign_in(request):
        return to_sign_in(request)
    query = request.GET
    base = base_of(request)
    context: dict[str, Any] = {
        "shell": shell_of(request),
        "is_public": base == PUBLIC,
        "base": base,
        "page_title": _("Tìm lộ trình"),
        "given": {name: query.get(name, "") for name in _ASKED},
        "vehicles": vehicle_names(),
        "is_missing": not has_pgrouting(),
    }
    status = 200
    if query.get("from") or query.get("to"):
        actor = actor_of(request)
        try:
            wanted = read_wanted(actor, query)
            route = _found(actor, wanted)
            context |= _shown(wanted, route, query.urlencode(), base)
        except SenError as error:
            context["error"], status = error, error.status
    return render(request, "routing/route.html", context, status=status)


def _found(actor: Actor, wanted: Wanted) -> Route:
    return find_route(
        actor,
        start=(wanted.start.lon, wanted.start.lat),
        end=(wanted.end.lon, wanted.end.lat),
        vehicle=wanted.vehicle,
    )


def km_text(metres: float) -> str:
    return f"{number_text(round(metres / 1000, 2))} km"


def _shown(wanted: Wanted, route: Route, query: str, base: str) -> dict[str, Any]:
    return {
        "route": route,
        "start": wanted.start,
        "end": wanted.end,
        "length": km_text(route.length_m),
        "legs": [
            {
                "text": leg_text(leg),
                "from": network.label(round(leg.from_m)),
                "to": network.label(round(leg.to_m)),
                "length": km_text(leg.length_m),
                "url": f"{base}network/roads/{leg.road_id}/",
            }
            for leg in route.legs
        ],
        "avoided": [
            {"obstacle": one, "why": why_text(one), "url": f"{base}{one.url}"}
            for one in route.avoided[:100]
        ],
        "far": [round(metres) for metres in route.access_m if metres > 100],
        "map_query": query,
    }


def why_text(obstacle: Any) -> str:
    """Why the vehicle may not pass: closed, or what is posted."""
    parts = [_("đang đóng")] if obstacle.closed else []
    if obstacle.limit_t is not None:
        parts.append(f"{number_text(obstacle.limit_t)} t")
    if obstacle.clearance_m is not None:
        parts.append(f"{number_text(obstacle.clearance_m)} m")
    return ", ".join(parts)


@require_safe
def route_map(request: HttpRequest) -> HttpResponse:
    """The way as GeoJSON for the map of the page."""
    if needs_sign_in(request):
        return HttpResponse(status=401)
    actor = actor_of(request)
    try:
        route = _found(actor, read_wanted(actor, request.GET))
    except SenError as error:
        return HttpResponse(
            orjson.dumps(error.as_problem()),
            status=error.status,
            content_type="application/problem+json",
        )
    body = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": route.geometry,
                "properties": {
                    "color": "#b4236a",
                    "title": _("Lộ trình"),
                    "text": km_text(route.length_m),
                },
            }
        ],
    }
    return HttpResponse(
        orjson.dumps(body),
        content_type="application/geo+json",
        headers={"Cache-Control": "private, no-store"},
    )
