"""Finding roads by code, by number as people type it, or by name."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from sen.domains.network.models import Road
from sen.domains.network.rules import canonical_number
from sen.kernel.access.scope import Actor
from sen.lib.roadnames import RoadNumberError
from sen.lib.text import fold


def roads(actor: Actor) -> QuerySet[Road]:
    """All roads that the actor may see, as a list of roads is read."""
    return Road.objects.visible_to(actor).order_by("order_key", "id")


def find_roads(actor: Actor, text: str, *, limit: int = 20) -> list[Road]:
    """Roads meant by a code, a number (``quoc lo 30``, ``DT848``) or words of a name."""
    known = roads(actor).defer("geom")
    exact = known.filter(code__iexact=text.strip())[:1]
    try:
        numbered = list(known.filter(number=canonical_number(text) or "–")[:limit])
    except RoadNumberError:
        numbered = []
    found = {road.pk: road for road in [*exact, *numbered]}
    words = fold(text).split()
    if words and not found:
        named = known
        for word in words:
            named = named.filter(search__contains=word)
        found |= {road.pk: road for road in named[:limit]}
    return list(found.values())[:limit]


def road_ids_by_code(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Code → id of the roads that the actor may see."""
    rows = Road.objects.visible_to(actor).filter(code__in=list(codes))
    return dict(rows.values_list("code", "id"))
