"""What lies at a point that somebody picked on the map, in words.

A domain adds what it knows in ``web/layers.py``; empty when it knows nothing of the place::

    describers.add("assets.place", describe)  # def describe(lon, lat, actor) -> str
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store

Describer = Callable[[float, float, Actor], str]
describers: Final[Store[Describer]] = Store("describer of places")


def described(lon: float, lat: float, actor: Actor) -> str:
    """All that the domains say of a point, as far as the actor may know it."""
    return " · ".join(filter(None, (describe(lon, lat, actor) for describe in describers)))


@require_safe
def describe_point(request: HttpRequest) -> JsonResponse:
    """``/map/describe?lon=&lat=`` → ``{"label": …}``; scoped, so never cached by others."""
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError(lon, lat)
    except (KeyError, ValueError):
        detail = _("Cần lon và lat bằng độ, ví dụ ?lon=105.63&lat=10.46.")
        return JsonResponse({"detail": detail}, status=400)
    answer = JsonResponse({"label": described(lon, lat, actor_of(request))})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
