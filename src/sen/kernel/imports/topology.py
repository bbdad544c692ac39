"""What is wrong with the geometry of a file as a whole, and repairs that a person may accept.

Issues that keep a file out (an invalid shape) and those that merely look wrong (a line that ends
a metre before the next) stand in one report. Nothing is repaired unasked.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry.base import BaseGeometry as Shape

from sen.kernel.imports import mending

DEGREE_M: Final = 111_320.0
#: Ends nearer than this are meant to meet, when nobody says another distance.
SNAP_M: Final = 2.0
MOST_SNAP_M: Final = 50.0
#: A vertex where a line turns back by less than this is a spike.
SPIKE_COS: Final = math.cos(math.radians(2))
#: Overlaps below this share of the smaller polygon and this area are noise of drawing.
OVERLAP_M2: Final = 1.0
#: Comparing polygons with each other costs too much beyond this number.
MOST_POLYGONS: Final = 20_000
#: So many issues of one kind are shown; all are counted.
KEPT: Final = 500
_AT: Final = re.compile(r"\[(?P<x>[-+.\deE]+) (?P<y>[-+.\deE]+)")


class Kind(StrEnum):
    INVALID = "invalid"
    REPEATED = "repeated"
    SPIKE = "spike"
    CROSSING = "crossing"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"
    GAP = "gap"
    DANGLE = "dangle"
    OPEN = "open"


class Repair(StrEnum):
    MAKE_VALID = "make_valid"
    DROP_VERTICES = "drop_vertices"
    DROP_SPIKES = "drop_spikes"
    DROP_DUPLICATES = "drop_duplicates"
    CLIP = "clip"
    SNAP = "snap"
    CLOSE = "close"


KIND_LABELS: Final = {
    Kind.INVALID: gettext_lazy("Hình không hợp lệ (tự cắt, lỗ sai chỗ…)"),
    Kind.REPEATED: gettext_lazy("Đỉnh lặp lại"),
    Kind.SPIKE: gettext_lazy("Gai nhọn"),
    Kind.CROSSING: gettext_lazy("Đường tự cắt"),
    Kind.DUPLICATE: gettext_lazy("Hình trùng nhau"),
    Kind.OVERLAP: gettext_lazy("Vùng chồng lên nhau"),
    Kind.GAP: gettext_lazy("Vùng kề nhau nhưng hở"),
    Kind.DANGLE: gettext_lazy("Đầu đường chưa chạm đường khác"),
    Kind.OPEN: gettext_lazy("Đường khép kín thay cho vùng"),
}
REPAIR_LABELS: Final = {
    Repair.MAKE_VALID: gettext_lazy("Dựng lại hình hợp lệ"),
    Repair.DROP_VERTICES: gettext_lazy("Bỏ đỉnh lặp"),
    Repair.DROP_SPIKES: gettext_lazy("Cắt gai"),
    Repair.DROP_DUPLICATES: gettext_lazy("Bỏ dòng trùng, giữ dòng đầu"),
    Repair.CLIP: gettext_lazy("Cắt phần chồng khỏi dòng sau"),
    Repair.SNAP: gettext_lazy("Kéo cho khớp"),
    Repair.CLOSE: gettext_lazy("Đổi đường khép kín thành vùng"),
}
#: How each kind can be mended; a crossing is for the surveyor to judge.
REPAIR_OF: Final[dict[Kind, Repair]] = {
    Kind.INVALID: Repair.MAKE_VALID,
    Kind.REPEATED: Repair.DROP_VERTICES,
    Kind.SPIKE: Repair.DROP_SPIKES,
    Kind.DUPLICATE: Repair.DROP_DUPLICATES,
    Kind.OVERLAP: Repair.CLIP,
    Kind.GAP: Repair.SNAP,
    Kind.DANGLE: Repair.SNAP,
    Kind.OPEN: Repair.CLOSE,
}

Shapes = Sequence[Shape | None]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. ``row`` and ``other`` are places in the list of shapes.

    Units:
        ``lon``, ``lat``: degrees of WGS 84.
    """

    kind: Kind
    row: int
    lon: float
    lat: float
    text: str
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """Repairs that a person accepted: whole kinds, or ``kind:row number`` one by one."""

    kinds: frozenset[str] = frozenset()
    single: frozenset[str] = frozenset()
    snap_m: float = SNAP_M

    def rows(self, kind: Kind, numbers: Sequence[int]) -> Collection[int]:
        """Places of the rows in which this kind is to be mended."""
        if kind.value in self.kinds:
            return range(len(numbers))
        return {i for i, n in enumerate(numbers) if f"{kind.value}:{n}" in self.single}

    def __bool__(self) -> bool:
        return bool(self.kinds or self.single)


def find(
    shapes: Shapes, accepted: frozenset[str], *, snap_m: float = SNAP_M
) -> dict[Kind, list[Issue]]:
    """All issues by kind, in the order of the rows. ``accepted``: point, line, polygon."""
    array = np.array(shapes, dtype=object)
    found: dict[Kind, list[Issue]] = {}
    for check in (_open, _invalid, _repeated, _spikes, _crossings, _duplicates):
        for issue in check(array, accepted):
            found.setdefault(issue.kind, []).append(issue)
    for issue in (*_overlaps(array), *_gaps(array, snap_m), *_dangles(array, snap_m)):
        found.setdefault(issue.kind, []).append(issue)
    return found


def repair(
    shapes: Shapes, numbers: Sequence[int], accepted: Accepted, taken: frozenset[str]
) -> tuple[list[Shape | None], set[int]]:
    """The shapes after the accepted repairs, and the places of the rows that are left out.

    ``taken`` are the kinds of geometry that the importer takes.
    """
    made = list(shapes)
    left_out: set[int] = set()
    if not accepted:
        return made, left_out
    steps: tuple[tuple[Kind, Callable[[Shape], Shape]], ...] = (
        (Kind.REPEATED, mending.without_repeats),
        (Kind.SPIKE, lambda shape: mending.without_spikes(shape, SPIKE_COS)),
        (Kind.OPEN, mending.closed),
        (Kind.INVALID, lambda shape: mending.valid(shape, taken)),
    )
    for kind, mend in steps:
        for place in accepted.rows(kind, numbers):
            shape = made[place]
            if shape is not None:
                made[place] = mend(shape)
    again = find_pairs(made, accepted.snap_m)
    for kind in (Kind.DUPLICATE, Kind.OVERLAP, Kind.GAP, Kind.DANGLE):
        wanted = set(accepted.rows(kind, numbers))
        for issue in again.get(kind, ()):
            if issue.row in wanted:
                _mend_pair(made, issue, accepted.snap_m, left_out)
    return made, left_out


def find_pairs(shapes: Shapes, snap_m: float) -> dict[Kind, list[Issue]]:
    """The issues between two shapes alone."""
    array = np.array(shapes, dtype=object)
    found: defaultdict[Kind, list[Issue]] = defaultdict(list)
    for issue in (
        *_duplicates(array, frozenset()),
        *_overlaps(array),
        *_gaps(array, snap_m),
        *_dangles(array, snap_m),
    ):
        found[issue.kind].append(issue)
    return found


def _mend_pair(made: list[Shape | None], issue: Issue, snap_m: float, out: set[int]) -> None:
    shape = made[issue.row]
    other = None if issue.other is None else made[issue.other]
    if issue.kind is Kind.DUPLICATE:
        out.add(issue.row)
    elif shape is None or other is None or issue.other in out:
        return
    elif issue.kind is Kind.OVERLAP:
        made[issue.row] = mending.valid(shapely.difference(shape, other), frozenset({"polygon"}))
    elif issue.kind is Kind.GAP:
        snapped = shapely.snap(shape, other, snap_m / DEGREE_M)
        made[issue.row] = mending.valid(snapped, frozenset({"polygon"}))
    else:
        made[issue.row] = mending.end_moved(shape, other, (issue.lon, issue.lat), snap_m)


def _kinds(array: Any, *names: str) -> Any:
    wanted = [int(shapely.GeometryType[name].value) for name in names]
    return np.isin(shapely.get_type_id(array), wanted)


def _lines(array: Any) -> Any:
    return np.flatnonzero(_kinds(array, "LINESTRING", "MULTILINESTRING") & _sound(array))


def _polygons(array: Any) -> Any:
    good = _kinds(array, "POLYGON", "MULTIPOLYGON") & _sound(array)
    good[good] = shapely.is_valid(array[good])
    return np.flatnonzero(good)


def _sound(array: Any) -> Any:
    """Not empty, with coordinates that are numbers."""
    return ~shapely.is_empty(array) & np.isfinite(shapely.bounds(array)).all(axis=1)


def _middle(shape: Shape) -> tuple[float, float]:
    point = shapely.get_coordinates(shape)[0]
    return float(point[0]), float(point[1])


def _open(array: Any, accepted: frozenset[str]) -> Iterator[Issue]:
    if "polygon" not in accepted or "line" in accepted:
        return
    for place in np.flatnonzero(_kinds(array, "LINESTRING", "MULTILINESTRING")):
        if mending.can_close(array[place]):
            yield Issue(Kind.OPEN, int(place), *_middle(array[place]), _("Đường đã khép kín."))


def _invalid(array: Any, _accepted: frozenset[str]) -> Iterator[Issue]:
    bad = _sound(array) & ~shapely.is_valid(array)
    for place in np.flatnonzero(bad):
        why = str(shapely.is_valid_reason(array[place]))
        match = _AT.search(why)
        at = (float(match["x"]), float(match["y"])) if match else _middle(array[place])
        yield Issue(Kind.INVALID, int(place), *at, mending.said(why))


def _repeated(array: Any, _accepted: frozenset[str]) -> Iterator[Issue]:
    some = np.flatnonzero(~_kinds(array, "POINT", "MULTIPOINT") & _sound(array))
    if not len(some):
        return
    coordinates, owners = shapely.get_coordinates(array[some], return_index=True)
    same = (coordinates[1:] == coordinates[:-1]).all(axis=1) & (owners[1:] == owners[:-1])
    # Where one ring ends and the next begins two vertices may be equal without being repeated.
    firsts, counts = np.unique(owners[1:][same], return_counts=True)
    for owner, count in zip(firsts, counts, strict=True):
        shape = array[some[owner]]
        if shapely.get_num_coordinates(mending.without_repeats(shape)) < (
            shapely.get_num_coordinates(shape)
        ):
            at = coordinates[1:][same & (owners[1:] == owner)][0]
            text = _("%(n)s đỉnh trùng với đỉnh trước.") % {"n": int(count)}
            yield Issue(Kind.REPEATED, int(some[owner]), float(at[0]), float(at[1]), text)


def _spikes(array: Any, _accepted: frozenset[str]) -> Iterator[Issue]:
    some = np.flatnonzero(~_kinds(array, "POINT", "MULTIPOINT") & _sound(array))
    if not len(some):
        return
    for place, at in mending.spike_tips(array, some, SPIKE_COS):
        text = _("Đường gấp ngược lại gần như trên chính nó.")
        yield Issue(Kind.SPIKE, place, at[0], at[1], text)


def _crossings(array: Any, _accepted: frozenset[str]) -> Iterator[Issue]:
    lines = _lines(array)
    for place in lines[~shapely.is_simple(array[lines])]:
        at = mending.crossing(array[place])
        yield Issue(Kind.CROSSING, int(place), *at, _("Đường cắt chính nó."))


def _duplicates(array: Any, _accepted: frozenset[str]) -> Iterator[Issue]:
    some = np.flatnonzero(_sound(array))
    first: dict[bytes, int] = {}
    for place, key in zip(some, shapely.to_wkb(shapely.normalize(array[some])), strict=True):
        before = first.setdefault(key, int(place))
        if before != place:
            text = _("Trùng hình với một dòng trước.")
            yield Issue(Kind.DUPLICATE, int(place), *_middle(array[place]), text, before)


def _overlaps(array: Any) -> Iterator[Issue]:
    places = _polygons(array)
    if not 1 < len(places) <= MOST_POLYGONS:
        return
    tree = shapely.STRtree(array[places])
    left, right = tree.query(array[places], predicate="intersects")
    pairs = left < right
    one, other = array[places[left[pairs]]], array[places[right[pairs]]]
    shared = shapely.intersection(one, other)
    square_m = DEGREE_M**2 * np.cos(np.radians(shapely.get_y(shapely.point_on_surface(one))))
    areas = shapely.area(shared) * square_m
    for number in np.flatnonzero(areas > OVERLAP_M2):
        if shapely.equals(one[number], other[number]):
            continue
        at = shapely.get_coordinates(shapely.point_on_surface(shared[number]))[0]
        yield Issue(
            Kind.OVERLAP,
            int(places[right[pairs][number]]),
            float(at[0]),
            float(at[1]),
            _("Chồng %(area)s m².") % {"area": round(float(areas[number]))},
            int(places[left[pairs][number]]),
        )


def _gaps(array: Any, snap_m: float) -> Iterator[Issue]:
    """Neighbours whose borders run side by side without being the same."""
    places = _polygons(array)
    if not 1 < len(places) <= MOST_POLYGONS:
        return
    near = snap_m / DEGREE_M
    tree = shapely.STRtree(array[places])
    left, right = tree.query(array[places], predicate="dwithin", distance=near)
    for one, other in zip(left, right, strict=True):
        if one >= other or shapely.intersects(array[places[one]], array[places[other]]):
            continue
        line = shapely.shortest_line(array[places[one]], array[places[other]])
        x, y = shapely.get_coordinates(line)[0]
        text = _("Hở %(gap).1f m.") % {"gap": shapely.length(line) * DEGREE_M}
        yield Issue(Kind.GAP, int(places[other]), float(x), float(y), text, int(places[one]))


def _dangles(array: Any, snap_m: float) -> Iterator[Issue]:
    places = _lines(array)
    if len(places) < 2:
        return
    ends, owners = mending.ends(array[places])
    tree = shapely.STRtree(array[places])
    points = shapely.points(ends)
    at, line = tree.query(points, predicate="dwithin", distance=snap_m / DEGREE_M)
    others = owners[at] != line
    at, line = at[others], line[others]
    distances = shapely.distance(points[at], array[places[line]])
    joined = set(at[distances == 0].tolist())
    nearest: dict[int, tuple[float, int]] = {}
    for point, gap, other in zip(at.tolist(), distances.tolist(), line.tolist(), strict=True):
        if point not in joined and gap < nearest.get(point, (math.inf, 0))[0]:
            nearest[point] = (gap, other)
    for point, (gap, other) in sorted(nearest.items()):
        text = _("Cách đường khác %(gap).2f m.") % {"gap": gap * DEGREE_M}
        x, y = ends[point]
        row = int(places[owners[point]])
        yield Issue(Kind.DANGLE, row, float(x), float(y), text, int(places[other]))
