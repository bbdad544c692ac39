"""Segmentations of roads by the records of any tracks, on any day, with their places on the map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from sen.domains.network.choices import Side
from sen.domains.network.models import Road, RouteVersion
from sen.domains.network.segmentation import (
    NUMBER_RULES,
    SCALE,
    TEXT_RULES,
    Across,
    Band,
    Rule,
    Segment,
    Value,
    segment,
)
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.web.tracks import Inquiry, Mark, Track, tracks

MAX_LAYERS: Final = 8
MAX_ROADS: Final = 2_000
#: Steps offered on the page; any from 10 m on may be asked for.
STEPS_M: Final = (100, 500, 1_000)
LEAST_STEP_M: Final = 10
#: More rows than this are for several questions, not for one.
MAX_ROWS: Final = 200_000
_SIDES: Final = {side.value: side for side in Side}


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """A track, the rule by which its values are put together, and which rows are kept."""

    track: Track
    rule: Rule
    low: float | None = None
    high: float | None = None
    values: frozenset[str] = frozenset()

    @property
    def is_filter(self) -> bool:
        return self.low is not None or self.high is not None or bool(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be segmented.

    Units:
        ``step_m``: None cuts at every change. ``from_m``, ``to_m``: only this part of the roads.
    """

    layers: tuple[LayerChoice, ...]
    on: date
    step_m: int | None = 100
    across: Across = Across.ROAD
    from_m: float | None = None
    to_m: float | None = None


@dataclass(frozen=True, slots=True)
class RoadRows:
    """The segments of one road that the filters keep, and what all of its segments add up to."""

    road: Road
    from_m: float
    to_m: float
    rows: list[Segment]


def rules_of(track: Track) -> tuple[Rule, ...]:
    return NUMBER_RULES if track.is_number else TEXT_RULES


def layer_tracks() -> list[Track]:
    """Tracks that can be layers, in the order in which they are offered."""
    return sorted((t for t in tracks if t.is_layer), key=lambda t: (t.order, t.name))


def layer_choice(name: str, rule: str = "") -> LayerChoice:
    """A layer as it is named in an address: ``network.iri`` with ``mean``.

    Raises:
        InvalidInputError: no such layer, or it knows no such rule.
    """
    track = tracks.get(name) or tracks.get(f"network.{name}")
    if track is None or not track.is_layer:
        known = ", ".join(item.name for item in layer_tracks())
        raise InvalidInputError(
            {
                "layer": _("Không có lớp “%(name)s”; các lớp dùng được: %(known)s.")
                % {"name": name, "known": known}
            }
        )
    offered = rules_of(track)
    if not rule:
        return LayerChoice(track, offered[0])
    if rule not in {item.value for item in offered}:
        raise InvalidInputError(
            {
                "layer": _("Lớp “%(name)s” không có cách gộp “%(rule)s”; hãy dùng: %(known)s.")
                % {"name": name, "rule": rule, "known": ", ".join(offered)}
            }
        )
    return LayerChoice(track, Rule(rule))


def segment_roads(actor: Actor, *, roads: Sequence[Road], question: Question) -> Iterator[RoadRows]:
    """The segments of roads one road after another, in the order given."""
    ends = route_ends(actor, [road.pk for road in roads], question.on)
    inquiry = Inquiry(actor, [road.pk for road in roads], question.on)
    bands = [_by_road(choice.track, inquiry) for choice in question.layers]
    for road in roads:
        known = ends.get(road.pk)
        if known is None:
            continue
        low = max(known[0], question.from_m) if question.from_m is not None else known[0]
        high = min(known[1], question.to_m) if question.to_m is not None else known[1]
        rows = segment(
            thousandths(low),
            thousandths(high),
            [of_road.get(road.pk, ()) for of_road in bands],
            step_mm=question.step_m * SCALE if question.step_m else None,
            across=question.across,
        )
        kept = [row for row in rows if keeps(question.layers, row)]
        if kept:
            yield RoadRows(road, low, high, kept)


def route_ends(actor: Actor, road_ids: Sequence[int], on: date) -> dict[int, tuple[float, float]]:
    """The labels of both ends by road as on a day; before its first calibration as today."""
    found = {
        pk: (float(start or 0), float(end or 0))
        for pk, start, end in Road.objects.visible_to(actor)
        .filter(pk__in_array=list(road_ids), start_m__isnull=False, end_m__isnull=False)
        .values_list("id", "start_m", "end_m")
    }
    versions = RouteVersion.objects.visible_to(actor).filter(
        Q(valid_to=None) | Q(valid_to__gt=on), road_id__in_array=list(found), valid_from__lte=on
    )
    for road, start, end in versions.values_list("road_id", "start_m", "end_m"):
        found[road] = (round(start, 3), round(end, 3))
    return found


def _by_road(track: Track, inquiry: Inquiry) -> dict[int, list[Band]]:
    found: dict[int, list[Band]] = {}
    for mark in track.read(inquiry):
        if (value := value_of(track, mark)) is not None:
            found.setdefault(mark.road_id, []).append(
                Band(
                    thousandths(mark.from_m),
                    thousandths(mark.to_m),
                    value,
                    _SIDES[mark.side],
                    mark.lane,
                )
            )
    return found


def value_of(track: Track, mark: Mark) -> Value | None:
    if track.is_number:
        return None if mark.number is None else thousandths(mark.number)
    return mark.text or None


def thousandths(number: float) -> int:
    return round(number * SCALE)


def plain(value: Fraction | Value | tuple[Value, ...] | None) -> Any:
    """A value of a segment in its own unit: a number, a text, or a list of them.

    The mean is rounded to a thousandth here and nowhere before.
    """
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return round(float(value / SCALE), 3)
    return value / SCALE if isinstance(value, int) else value


def keeps(layers: Sequence[LayerChoice], row: Segment) -> bool:
    """Whether a segment passes the filters of all layers."""
    return all(
        _passes(layer, plain(row.figures[number].by(layer.rule)))
        for number, layer in enumerate(layers)
        if layer.is_filter
    )


def _passes(layer: LayerChoice, value: Any) -> bool:
    if value is None:
        return False
    found = value if isinstance(value, list) else [value]
    if layer.values:
        return any(item in layer.values for item in found)
    return any(
        (layer.low is None or item >= layer.low) and (layer.high is None or item <= layer.high)
        for item in found
    )


# Every road is cut in one walk over all of its segments; a day before the first calibration is
# read on the present line, as its ends are.
_SHAPES: Final = """
WITH q AS (
  SELECT * FROM unnest(%(roads)s::bigint[], %(starts)s::float8[], %(ends)s::float8[])
    WITH ORDINALITY AS t (road, a, b, place)),
v AS MATERIALIZED (
  SELECT DISTINCT ON (v.road_id) v.road_id, v.line_m, v.start_m, v.end_m
  FROM network_routeversion v
  WHERE v.road_id = ANY (SELECT road FROM q)
    AND (v.valid_to IS NULL
      OR (v.valid_from <= %(on)s::date AND v.valid_to > %(on)s::date))
  ORDER BY v.road_id, v.valid_from <= %(on)s::date AND
    coalesce(v.valid_to > %(on)s::date, true) DESC)
SELECT q.place, {output}
FROM q JOIN v ON v.road_id = q.road
CROSS JOIN LATERAL (SELECT ST_Transform(ST_Force2D(ST_Multi(ST_CollectionExtract(
    ST_LocateBetween(v.line_m, greatest(q.a, v.start_m), least(q.b, v.end_m)), 2))), 4326)
    AS shape) cut
WHERE q.a < v.end_m AND q.b > v.start_m AND NOT ST_IsEmpty(cut.shape)
ORDER BY q.place
"""
_OUTPUTS: Final[dict[str, str]] = {
    "geojson": "ST_AsGeoJSON(cut.shape, 6)",
    "wkb": "ST_AsBinary(cut.shape)",
}


def segment_shapes(
    places: Iterable[tuple[int, float, float]], *, on: date, output: str = "geojson"
) -> dict[int, Any]:
    """Position in ``places`` → the stretch (road id, from, to) as GeoJSON text or WKB."""
    listed = list(places)
    values: dict[str, Any] = {
        "roads": [road for road, _a, _b in listed],
        "starts": [a for _road, a, _b in listed],
        "ends": [b for _road, _a, b in listed],
        "on": on,
    }
    reads: Callable[[Any], Any] = bytes if output == "wkb" else str
    with connection.cursor() as cursor:
        cursor.execute(_SHAPES.format(output=_OUTPUTS[output]), values)
        return {int(place) - 1: reads(shape) for place, shape in cursor.fetchall()}
