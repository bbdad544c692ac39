"""Where sections lie: by their chainages, by their lines, or on roads made of their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from django.utils.translation import gettext as _
from pyproj import Geod

from sen.domains.network import api
from sen.domains.network.choices import ManagerClass
from sen.domains.network.data import RoadInput
from sen.domains.network.imports.common import (
    Defaults,
    Roads,
    areas_of,
    class_of,
    number_or_none,
    owner_of,
)
from sen.domains.network.models import Road
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import ImportRow, Outcome

_GEOD: Final = Geod(ellps="WGS84")
#: A section this much longer or shorter than its stretch of the road does not lie on it.
LENGTH_SLACK: Final = 0.2
LENGTH_SLACK_M: Final = 60.0
#: Ends of neighbouring sections closer than this are one.
SNAP_M: Final = 0.5


@dataclass(frozen=True, slots=True)
class Placed:
    road: str
    from_m: float
    to_m: float


def road_text(row: ImportRow) -> str:
    """What names the road of a section; a section without one is a road of its own."""
    return row.values.get("road") or row.values.get("code") or ""


def place_sections(
    actor: Actor,
    rows: Sequence[ImportRow],
    known: Roads,
    making: Defaults | None,
    outcome: Outcome,
) -> dict[int, Placed]:
    """The stretch of every section, by number of its row; faults go to the outcome.

    With ``making`` roads that nobody knows are made of the lines of their sections.

    Raises:
        RowFaultsError: such a road is refused.
    """
    roads: dict[int, Road] = {}
    unknown: list[ImportRow] = []
    for row in rows:
        road, text = known.find(road_text(row))
        if road is not None:
            roads[row.number] = road
        elif making is not None and row.shape is not None:
            unknown.append(row)
        else:
            outcome.fault(row, str(_("Tuyến")), text, road_text(row))
    if making is not None and unknown and not outcome.faults:
        roads |= _make_roads(actor, unknown, making, outcome)
    located = _locate([row for row in rows if _has_line_only(row)], roads, outcome)
    placed: dict[int, Placed] = {}
    for row in rows:
        road = roads.get(row.number)
        if road is None:
            continue
        ends = located.get(row.number) or (row.values.get("from_m"), row.values.get("to_m"))
        if None in ends:
            if row.shape is None:
                outcome.fault(
                    row, str(_("Từ lý trình")), _("Hãy ghi lý trình đầu và lý trình cuối.")
                )
            continue
        placed[row.number] = Placed(road.code, *ends)
    return placed


def _has_line_only(row: ImportRow) -> bool:
    return row.shape is not None and None in (row.values.get("from_m"), row.values.get("to_m"))


def _locate(
    rows: Sequence[ImportRow], roads: Mapping[int, Road], outcome: Outcome
) -> dict[int, tuple[float, float]]:
    """Labels of the ends of sections that are lines."""
    rows = [row for row in rows if row.number in roads]
    lines = [shapely.line_merge(shapely.from_wkb(row.shape)) for row in rows]
    points = [
        (float(x), float(y)) for line in lines for x, y in shapely.get_coordinates(line)[[0, -1]]
    ]
    places = api.chainages_of(
        points=points, road_ids=[roads[row.number].pk for row in rows for _end in (0, 1)]
    )
    found: dict[int, tuple[float, float]] = {}
    for i, (row, line) in enumerate(zip(rows, lines, strict=True)):
        ends = [place.chainage_m for place in places[i * 2 : i * 2 + 2] if place]
        length = _GEOD.geometry_length(line)
        stretch = _stretch(ends, length, roads[row.number])
        if stretch is None:
            outcome.fault(
                row,
                str(_("Hình")),
                _("Đoạn không nằm trên tuyến này; hãy kiểm tra mã tuyến hoặc hình của đoạn."),
                road_text(row),
            )
        else:
            found[row.number] = stretch
    return _snapped(found, roads)


def _stretch(ends: Sequence[float], length: float, road: Road) -> tuple[float, float] | None:
    """Labels of a section, the lower first; the whole road for a ring or a line of its length."""
    slack = max(LENGTH_SLACK_M, length * LENGTH_SLACK)
    if road.start_m is None or road.end_m is None or road.length_m is None or len(ends) < 2:
        return None
    low, high = min(ends), max(ends)
    if abs((high - low) - length) <= slack and high > low:
        return low, high
    if abs(float(road.length_m) - length) <= max(1.0, length * 0.01):
        return float(road.start_m), float(road.end_m)
    return None


def _snapped(
    found: Mapping[int, tuple[float, float]], roads: Mapping[int, Road]
) -> dict[int, tuple[float, float]]:
    """Neighbours meet exactly: ends that nearly agree take the lower of their labels."""
    by_road: defaultdict[int, set[float]] = defaultdict(set)
    for number, ends in found.items():
        by_road[roads[number].pk].update(ends)
    same: dict[tuple[int, float], float] = {}
    for pk, labels in by_road.items():
        last = -np.inf
        for label in sorted(labels):
            if label - last > SNAP_M:
                last = label
            same[pk, label] = round(float(last), 3)
    snapped = {}
    for number, (low, high) in found.items():
        pk = roads[number].pk
        snapped[number] = (same[pk, low], same[pk, high])
    return snapped


def _make_roads(
    actor: Actor, rows: Sequence[ImportRow], defaults: Defaults, outcome: Outcome
) -> dict[int, Road]:
    """Roads out of the lines of their sections; a road in several pieces becomes several."""
    groups: defaultdict[str, list[ImportRow]] = defaultdict(list)
    for row in rows:
        groups[road_text(row)].append(row)
    inputs: list[RoadInput] = []
    code_of: dict[int, str] = {}
    split: list[str] = []
    areas = dict(
        zip((row.number for row in rows), areas_of(rows, defaults, {}, outcome), strict=True)
    )
    for code, members in groups.items():
        pieces = _pieces(members)
        split += [code] if len(pieces) > 1 else []
        for number, (line, inside) in enumerate(pieces, 1):
            name = code if len(pieces) == 1 else f"{code}-{number}"
            inputs.append(_road_input(name, line, inside, areas, defaults, outcome))
            code_of |= {row.number: name for row in inside}
    if outcome.faults:
        return {}
    report = api.bulk_put_roads(actor=actor, rows=inputs, outside=defaults.outside)
    outcome.notes.append(
        _("Đã lập %(created)s tuyến từ hình của các đoạn.") % {"created": report.created}
    )
    if split:
        outcome.notes.append(
            _("%(n)s tuyến gồm các đoạn rời nhau, mỗi phần thành một tuyến riêng: %(codes)s.")
            % {"n": len(split), "codes": ", ".join(split[:20]) + ("…" if len(split) > 20 else "")}
        )
    made = Road.objects.visible_to(actor).filter(code__in=set(code_of.values())).defer("geom")
    by_code = {road.code: road for road in made}
    return {number: by_code[code] for number, code in code_of.items()}


def _pieces(rows: Sequence[ImportRow]) -> list[tuple[bytes, list[ImportRow]]]:
    """Unbroken lines that the sections join to, each with its sections."""
    lines = [shapely.from_wkb(row.shape) for row in rows]
    parts = [part for line in lines for part in shapely.get_parts(line)]
    merged = list(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts))))
    inside: list[list[ImportRow]] = [[] for _piece in merged]
    for row, line in zip(rows, lines, strict=True):
        middle = shapely.line_interpolate_point(shapely.get_parts(line)[0], 0.5, normalized=True)
        inside[int(np.argmin(shapely.distance(merged, middle)))].append(row)
    pieces: list[Any] = [
        (shapely.to_wkb(line), members)
        for line, members in zip(merged, inside, strict=True)
        if members
    ]
    return pieces


def _road_input(
    code: str,
    line: bytes,
    rows: Sequence[ImportRow],
    areas: Mapping[int, str],
    defaults: Defaults,
    outcome: Outcome,
) -> RoadInput:
    first = rows[0]
    number = number_or_none(first.values.get("number") or "") or ""
    places = {areas[row.number] for row in rows}
    return RoadInput(
        code=code,
        number=number,
        name=first.values.get("name") or number or code,
        manager_class=class_of(number) or ManagerClass.COMMUNE.value,
        owner_org=owner_of(first, defaults, "", outcome),
        area=places.pop() if len(places) == 1 else defaults.area,
        line=line,
        row=first.number,
    )
