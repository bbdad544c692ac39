"""``Km12+500 QL.30`` typed into the map's search or the command palette."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext

from sen.domains.network.data import Correspondence
from sen.domains.network.models import Road
from sen.domains.network.selectors import (
    NotOnRouteError,
    find_roads,
    label,
    old_place,
    points_at,
)
from sen.kernel.access.scope import Actor
from sen.kernel.geo.goto import Place
from sen.kernel.web.palette.suggest import Suggestion
from sen.lib.chainage import ChainageError, parse_chainage
from sen.lib.errors import gettext_noop

_CHAINAGE: Final = re.compile(
    r"(?P<before>.*?)\s*(?P<km>km\s*\d{1,4}(?:\s*\+\s*\d{1,3}(?:[.,]\d+)?\s*m?)?)(?!\d)\s*(?P<after>.*)",
    re.IGNORECASE,
)
#: ``lý trình cũ (2019)``, ``năm 2019``, ``ngày 31/12/2019``: labels of another day are meant.
_PAST: Final = re.compile(
    r"[\s,;(]*(?P<old>lý trình cũ|ly trinh cu|cũ)?[\s,;:(]*"
    r"(?:(?:năm|nam|ngày|ngay|vào)\s*)?"
    r"(?P<day>\d{1,2}/\d{1,2}/\d{4}|(?:19|20)\d{2}(?!\d))?\s*\)?",
    re.IGNORECASE,
)
#: Words that stand between a chainage and a road in a sentence.
_BETWEEN: Final = re.compile(
    r"^(?:[\s,;:.()–-]+|(?:của|tại|trên|đường|tuyến)\s+)+|(?:[\s,;:()–-]+|\s(?:tại|ở|lý trình))+$",
    re.IGNORECASE,
)


def chainage_places(text: str, actor: Actor) -> Sequence[Place]:
    """``Km12+500 QL.30``, ``quoc lo 30 km12``: the place of a label on the roads so called.

    ``Km12+500 lý trình cũ (2019) QL.30`` is the label of that year, and its place has a new one.

    Raises:
        ChainageError: the label is no chainage, no road is called so, or none reaches so far.
    """
    match = _CHAINAGE.fullmatch(text.strip())
    if match is None:
        return []
    measure = parse_chainage(match["km"]).metres
    words, past = _without_day(f"{match['before']} {match['after']}")
    name = _BETWEEN.sub("", words).strip()
    if not name:
        return []
    roads = find_roads(actor, name)
    if not roads:
        raise ChainageError(gettext_noop("Không tìm thấy tuyến đường “%(name)s”."), name=name)
    if past is not None:
        return _old_places(actor, roads, measure, past)
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


@dataclass(frozen=True, slots=True)
class Past:
    """Labels of another day are meant: of this day, or simply the old ones."""

    day: date | None

    def __str__(self) -> str:
        return "" if self.day is None else f"{self.day:%d/%m/%Y}"


def _without_day(text: str) -> tuple[str, Past | None]:
    """The text without the words that ask for another day, and that day."""
    for found in _PAST.finditer(text):
        if found["old"] or found["day"]:
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            return rest, Past(_day_of(found["day"]) if found["day"] else None)
    return text, None


def _day_of(text: str) -> date:
    """A day, or the last one of a year."""
    if "/" not in text:
        return date(int(text), 12, 31)
    day, month, year = (int(part) for part in text.split("/"))
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ChainageError(gettext_noop("Không có ngày %(day)s."), day=text) from error


def _old_places(actor: Actor, roads: Sequence[Road], measure: float, past: Past) -> Sequence[Place]:
    """Where labels of another day lie, and what the places are called now."""
    found: list[Place] = []
    complaint: NotOnRouteError | None = None
    for road in roads:
        try:
            place = old_place(road=road, old_m=measure, on=past.day)
        except NotOnRouteError as error:
            complaint = error
            continue
        found.append(
            Place(
                title=f"{label(measure)} {road.label}",
                subtitle=f"{_past_words(past)}: {_now_words(actor, place)}",
                lon=round(place.lon, 7),
                lat=round(place.lat, 7),
            )
        )
    if not found and complaint is not None:
        raise complaint
    return found


def _past_words(past: Past) -> str:
    if past.day is None:
        return gettext("Lý trình cũ")
    return gettext("Lý trình ngày %(day)s") % {"day": past}


def _now_words(actor: Actor, place: Correspondence) -> str:
    if place.new_road_id is None or place.new_m is None:
        return gettext("nay không còn trên tuyến nào")
    now = Road.objects.visible_to(actor).filter(pk=place.new_road_id).defer("geom").first()
    return gettext("nay là %(place)s %(road)s") % {
        "place": label(round(place.new_m)),
        "road": now.label if now is not None else "",
    }


def _reach(road: Road) -> str:
    if road.start_m is None or road.end_m is None:
        return road.label
    return f"{road.label} {label(float(road.start_m))}–{label(float(road.end_m))}"


def chainage_suggestions(text: str, actor: Actor) -> Sequence[Suggestion]:
    """The same places for the palette, which opens the map there; half a label is no error."""
    try:
        places = chainage_places(text, actor)
    except (ChainageError, NotOnRouteError):
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
