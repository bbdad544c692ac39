"""``Km12+500 QL.30`` typed into the map's search or the command palette."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext

from sen.domains.network.models import Road
from sen.domains.network.selectors import find_roads, label, points_at
from sen.kernel.access.scope import Actor
from sen.kernel.geo.goto import Place
from sen.kernel.web.palette.suggest import Suggestion
from sen.lib.chainage import ChainageError, parse_chainage
from sen.lib.errors import gettext_noop

_CHAINAGE: Final = re.compile(
    r"(?P<before>.*?)\s*(?P<km>km\s*\d{1,4}(?:\s*\+\s*\d{1,3}(?:[.,]\d+)?\s*m?)?)(?!\d)\s*(?P<after>.*)",
    re.IGNORECASE,
)
#: Words that stand between a chainage and a road in a sentence.
_BETWEEN: Final = re.compile(
    r"^(?:[\s,;:.()–-]+|(?:của|tại|trên|đường|tuyến)\s+)+|(?:[\s,;:()–-]+|\s(?:tại|ở|lý trình))+$",
    re.IGNORECASE,
)


def chainage_places(text: str, actor: Actor) -> Sequence[Place]:
    """``Km12+500 QL.30``, ``quoc lo 30 km12``: the place of a label on the roads so called.

    Raises:
        ChainageError: the label is no chainage, no road is called so, or none reaches so far.
    """
    match = _CHAINAGE.fullmatch(text.strip())
    if match is None:
        return []
    measure = parse_chainage(match["km"]).metres
    name = _BETWEEN.sub("", f"{match['before']} {match['after']}").strip()
    if not name:
        return []
    roads = find_roads(actor, name)
    if not roads:
        raise ChainageError(gettext_noop("Không tìm thấy tuyến đường “%(name)s”."), name=name)
    places = points_at(places=[(road.pk, measure) for road in roads])
    found = [
        Place(
            title=f"{label(measure)} {road.label}",
            subtitle=gettext("%(road)s · lý trình") % {"road": road.name},
            lon=round(place[0], 7),
            lat=round(place[1], 7),
        )
        for road, place in zip(roads, places, strict=True)
        if place is not None
    ]
    if not found:
        raise ChainageError(
            gettext_noop("%(place)s nằm ngoài tuyến: %(roads)s."),
            place=label(measure),
            roads="; ".join(_reach(road) for road in roads),
        )
    return found


def _reach(road: Road) -> str:
    if road.start_m is None or road.end_m is None:
        return road.label
    return f"{road.label} {label(float(road.start_m))}–{label(float(road.end_m))}"


def chainage_suggestions(text: str, actor: Actor) -> Sequence[Suggestion]:
    """The same places for the palette, which opens the map there; half a label is no error."""
    try:
        places = chainage_places(text, actor)
    except ChainageError:
        return []
    base = "/ql/ban-do/" if actor.is_authenticated else "/ban-do/"
    return [
        Suggestion(
            title=str(place.title),
            subtitle=str(place.subtitle),
            url=f"{base}#map={place.zoom:g}/{place.lat:.6f}/{place.lon:.6f}",
            icon="km-post",
            kind="network.chainage",
        )
        for place in places
    ]
