"""Map views: tiles of every layer and the map's configuration."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.geo.config import map_config
from sen.kernel.geo.extent import extent
from sen.kernel.geo.goto import as_answer
from sen.kernel.geo.goto import goto as find_places
from sen.kernel.geo.layers import LayerError, layers
from sen.kernel.geo.tiles import Address, is_public_epoch, respond, tileset
from sen.kernel.problems import problem
from sen.lib.errors import InputError


@require_safe
def tile(request: HttpRequest, layer: str, epoch: str, z: int, x: int, y: int) -> HttpResponse:
    """One tile; ``?ids-of=<register>&…`` keeps only the rows that the register's list shows."""
    actor = ANONYMOUS if is_public_epoch(epoch) else actor_of(request)
    shown = tileset(layer, actor)
    if shown is None:
        return HttpResponse("Không có lớp bản đồ này.", status=404, content_type="text/plain")
    q = None
    try:
        if (one := layers.get(layer)) is not None:
            q = one.filter_query(request.GET)
    except LayerError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    return respond(request, Address(shown, epoch, z, x, y), q)


# A cached tile needs no transaction; drawing one opens its own.
tile.sen_no_transaction = True  # type: ignore[attr-defined]


@require_safe
def config(request: HttpRequest) -> HttpResponse:
    """What ``<sen-map>`` shows to this actor; ``?layers=a,b`` keeps only those."""
    names = [name for name in request.GET.get("layers", "").split(",") if name]
    response = JsonResponse(map_config(actor_of(request), names, get_language() or "vi"))
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def list_extent(request: HttpRequest, layer: str) -> HttpResponse:
    """The box around what ``?ids-of=<register>&…`` shows; null when there is nothing to show."""
    actor = actor_of(request)
    one = layers.get(layer)
    if one is None or one.basemap:
        return HttpResponse("Không có lớp bản đồ này.", status=404, content_type="text/plain")
    try:
        box = extent(one, actor, one.filter_query(request.GET))
    except LayerError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain")
    response = JsonResponse({"bounds": box})
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def go_to(request: HttpRequest) -> HttpResponse:
    """Places that ``?q=`` may mean: a chainage, coordinates in WGS 84 or VN-2000, a name."""
    try:
        places = find_places(request.GET.get("q", ""), actor_of(request))
    except InputError as error:
        return problem(request, InvalidInputError.of("q", error).as_problem())
    except SenError as error:
        return problem(request, error.as_problem())
    response = JsonResponse(as_answer(places))
    response["Cache-Control"] = "private, max-age=10"
    response["Vary"] = "Cookie, Accept-Language"
    return response


@require_safe
def public_map(request: HttpRequest) -> HttpResponse:
    """The map for everybody."""
    return render(request, "sen/map/public.html", _page())


@require_safe
def work_map(request: HttpRequest) -> HttpResponse:
    """The map of the working screens."""
    return render(request, "sen/map/work.html", _page())


def _page() -> dict[str, str]:
    return {"page_title": _("Bản đồ"), "config_url": reverse("map-config")}
