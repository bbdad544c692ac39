"""Finding roads by code, by number as people type it, or by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q, QuerySet

from sen.domains.network.choices import RoadPart
from sen.domains.network.models import Road, RouteEvent
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
    found = {road.pk: road for road in [*exact, *_numbered(known, text, limit)]}
    words = fold(text).split()
    if words and not found:
        named = known
        for word in words:
            named = named.filter(search__contains=word)
        found |= {road.pk: road for road in named[:limit]}
    return list(found.values())[:limit]


def _numbered(known: QuerySet[Road], text: str, limit: int) -> list[Road]:
    """Roads that bear a number, or that bore it when nobody does any more.

    A carriageway bears the number of its road and is meant only by its own code.
    """
    try:
        number = canonical_number(text)
    except RoadNumberError:
        return []
    if not number:
        return []
    main = known.exclude(part__in=[RoadPart.LEFT, RoadPart.RIGHT])
    bearing = list(main.filter(number=number)[:limit])
    if any(road.length_m is not None for road in bearing):
        return bearing
    former = main.filter(former_numbers__contains=number)[:limit]
    return [*(road for road in former if number in road.former_numbers.split()), *bearing]


def road_ids_by_code(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Code → id of the roads that the actor may see."""
    rows = Road.objects.visible_to(actor).filter(code__in=list(codes))
    return dict(rows.values_list("code", "id"))


def events_on(
    actor: Actor,
    *,
    kinds: Sequence[str],
    on: date,
    road_ids: Sequence[int] | None = None,
) -> QuerySet[RouteEvent]:
    """Records of some kinds that hold on a day, along the roads."""
    rows = RouteEvent.objects.visible_to(actor).filter(kind__in=list(kinds), valid_from__lte=on)
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=on))
    if road_ids is not None:
        rows = rows.filter(road_id__in=list(road_ids))
    found: QuerySet[RouteEvent] = rows.order_by("road_id", "from_m", "id")
    return found
