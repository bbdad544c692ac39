"""Where a typed text lies on the map: coordinates here, names and chainages from the domains.

A domain registers what it understands in ``web/goto.py``::

    @resolver("network.chainage")
    def chainage(actor: Actor, text: str) -> list[Place]: ...
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.geo.layers import Label
from sen.kernel.registry import Store
from sen.lib.vn2000 import CoordinateError, parse_coordinate

MOST: Final = 12
_LETTERS: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Place:
    """One place that a text may mean.

    Units:
        ``lon``, ``lat``: degrees of WGS 84.
    """

    title: Label
    lon: float
    lat: float
    subtitle: Label = ""
    zoom: float = 15

    def as_json(self) -> dict[str, Any]:
        return {
            "title": str(self.title),
            "subtitle": str(self.subtitle),
            "lon": self.lon,
            "lat": self.lat,
            "zoom": self.zoom,
        }


Resolver = Callable[[Actor, str], list[Place]]

#: Asked in the order of registration; each answers with what it understands, or with nothing.
goto_resolvers: Final[Store[Resolver]] = Store("map search")


def resolver(name: str) -> Callable[[Resolver], Resolver]:
    """Decorator for ``web/goto.py``."""

    def decorate(function: Resolver) -> Resolver:
        return goto_resolvers.add(name, function)

    return decorate


@resolver("geo.coordinates")
def coordinates(actor: Actor, text: str) -> list[Place]:
    """Coordinates in WGS 84 or VN-2000; a text with words in it is a name."""
    if _LETTERS.search(text) and "://" not in text:
        return []
    try:
        found = parse_coordinate(text)
    except CoordinateError:
        return []
    return [
        Place(f"{one.lat:.6f}, {one.lon:.6f}", one.lon, one.lat, one.label, 16) for one in found[:3]
    ]


@require_safe
def goto(request: HttpRequest) -> HttpResponse:
    """Places that ``?q=`` may mean, best first; an error of a resolver is said in its words."""
    text = " ".join(request.GET.get("q", "").split())[:200]
    actor = actor_of(request)
    found: list[Place] = []
    complaint: SenError | None = None
    for resolve in goto_resolvers if text else ():
        try:
            found += resolve(actor, text)
        except SenError as error:
            complaint = complaint or error
    if not found and complaint is not None:
        return _problem(complaint)
    response = JsonResponse({"items": [place.as_json() for place in found[:MOST]]})
    response["Cache-Control"] = "private, no-cache"
    return response


def _problem(error: SenError) -> HttpResponse:
    problem = {"title": _("Không tìm được vị trí."), **error.as_problem()}
    return JsonResponse(problem, status=error.status, content_type="application/problem+json")
