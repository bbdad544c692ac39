"""What `network` itself knows along roads, as marks of tracks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from django.db.models import Q

from sen.domains.network.choices import EVENT_KINDS
from sen.domains.network.models import Road, RouteEvent
from sen.domains.network.selectors.lrs import points_at
from sen.domains.places import api as places
from sen.kernel.web.tracks import Inquiry, Mark

#: How far apart a road is asked in which commune it runs, and how exactly a border is found.
COMMUNE_STEP_M: Final = 100.0
COMMUNE_EXACT_M: Final = 10.0


def event_marks(inquiry: Inquiry, kind: str) -> Iterator[Mark]:
    """Records of one kind that hold on the day, in the order of their roads and starts."""
    rows = (
        RouteEvent.objects.visible_to(inquiry.actor)
        .filter(
            Q(valid_to=None) | Q(valid_to__gt=inquiry.on),
            kind=kind,
            valid_from__lte=inquiry.on,
            road_id__in_array=list(inquiry.road_ids),
        )
        .order_by("road_id", "from_m", "to_m", "id")
        .values_list(
            "id", "road_id", "from_m", "to_m", "side", "lane", "value_number", "value_text"
        )
    )
    base = f"network/{EVENT_KINDS[kind].code.replace('_', '-')}/"
    for pk, road, start, end, side, lane, number, text in rows.iterator(chunk_size=10_000):
        yield Mark(
            road_id=road,
            from_m=float(start),
            to_m=float(end),
            number=None if number is None else float(number),
            text=text,
            side=side,
            lane=lane,
            url=f"{base}{pk}/",
        )


def road_marks(inquiry: Inquiry, field: str) -> Iterator[Mark]:
    """What the register says of whole roads: their class, their authority."""
    rows = Road.objects.visible_to(inquiry.actor).filter(
        pk__in_array=list(inquiry.road_ids), start_m__isnull=False, end_m__isnull=False
    )
    for pk, start, end, value in rows.values_list("id", "start_m", "end_m", field):
        if value not in (None, ""):
            number = None if isinstance(value, str) else float(value)
            text = value if isinstance(value, str) else ""
            yield Mark(pk, float(start), float(end), number=number, text=text)


def commune_marks(inquiry: Inquiry) -> Iterator[Mark]:
    """The communes through which roads run, borders to within ten metres."""
    rows = Road.objects.visible_to(inquiry.actor).filter(
        pk__in_array=list(inquiry.road_ids), start_m__isnull=False, end_m__isnull=False
    )
    for road, start, end in rows.values_list("id", "start_m", "end_m"):
        yield from _communes_of(road, float(start or 0), float(end or 0))


def _communes_of(road: int, start: float, end: float) -> Iterator[Mark]:
    coarse = _asked(road, list(_steps(start, end, COMMUNE_STEP_M)))
    between = [
        measure
        for (a, unit), (b, other) in pairwise(coarse)
        if unit != other
        for measure in list(_steps(a, b, COMMUNE_EXACT_M))[1:-1]
    ]
    known = sorted({**dict(coarse), **dict(_asked(road, between))}.items())
    opened = start
    for (a, unit), (b, other) in pairwise(known):
        if unit != other:
            border = (a + b) / 2
            yield from _commune(road, opened, border, unit)
            opened = border
    if known:
        yield from _commune(road, opened, end, known[-1][1])


Named = tuple[int, str] | None


def _asked(road: int, measures: Sequence[float]) -> list[tuple[float, Named]]:
    """Measure → (id, name) of the commune; places without a point are left out."""
    points = points_at(places=[(road, measure) for measure in measures])
    found = [(m, point) for m, point in zip(measures, points, strict=True) if point is not None]
    units = places.units_at([point for _m, point in found])
    return [
        (m, None if unit is None else (unit.unit_id, unit.name))
        for (m, _point), unit in zip(found, units, strict=True)
    ]


def _commune(road: int, start: float, end: float, unit: Named) -> Iterable[Mark]:
    if unit is None or end <= start:
        return ()
    return (Mark(road, start, end, text=unit[1], url=f"places/units/{unit[0]}/"),)


def _steps(start: float, end: float, step: float) -> Iterator[float]:
    measure = start
    while measure < end:
        yield measure
        measure += step
    yield end
