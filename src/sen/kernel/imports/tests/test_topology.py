"""Topology of a file: what is found, and what the accepted repairs make of it."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.kernel.imports.topology import Accepted, Kind, find, repair

M = 1 / 111_320
POLYGON, LINE = frozenset({"polygon"}), frozenset({"line"})


def square(x: float, y: float, size: float = 100) -> shapely.Polygon:
    return shapely.box(105 + x * M, 10 + y * M, 105 + (x + size) * M, 10 + (y + size) * M)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(105 + x * M, 10 + y * M) for x, y in points])


BOW = shapely.Polygon([(105, 10), (105.001, 10.001), (105.001, 10), (105, 10.001)])
SPIKED = line((0, 0), (100, 0), (100, 300), (100.01, 0), (200, 0))
CASES = [
    (Kind.INVALID, [BOW], POLYGON),
    (Kind.SPIKE, [SPIKED], LINE),
    (Kind.REPEATED, [line((0, 0), (50, 0), (50, 0), (100, 0))], LINE),
    (Kind.DUPLICATE, [square(0, 0), square(500, 0), square(0, 0)], POLYGON),
    (Kind.OVERLAP, [square(0, 0), square(90, 0)], POLYGON),
    (Kind.GAP, [square(0, 0), square(101, 0)], POLYGON),
    (Kind.DANGLE, [line((0, 0), (100, 0)), line((50, 1), (50, 80))], LINE),
    (Kind.OPEN, [line((0, 0), (100, 0), (100, 100), (0, 0))], POLYGON),
]


@pytest.mark.parametrize(("kind", "shapes", "taken"), CASES)
def test_each_kind_is_found_and_gone_after_its_repair(
    kind: Kind, shapes: list[shapely.Geometry], taken: frozenset[str]
) -> None:
    found = find(shapes, taken)
    assert list(found) == [kind]
    accepted = Accepted(kinds=frozenset({kind.value}))
    made, left_out = repair(shapes, list(range(1, len(shapes) + 1)), accepted, taken)
    kept = [None if i in left_out else shape for i, shape in enumerate(made)]
    assert kind not in find(kept, taken)
    assert all(shape is None or shapely.is_valid(shape) for shape in kept)


def test_nothing_is_repaired_unasked_and_single_rows_can_be() -> None:
    shapes = [BOW, shapely.transform(BOW, lambda at: at + 0.01)]
    assert repair(shapes, [1, 2], Accepted(), POLYGON) == (shapes, set())
    one = Accepted(single=frozenset({"invalid:2"}))
    made, _out = repair(shapes, [1, 2], one, POLYGON)
    assert (shapely.is_valid(made[0]), shapely.is_valid(made[1])) == (False, True)


def test_a_crossing_is_shown_where_it_is_and_left_to_the_surveyor() -> None:
    found = find([line((0, 0), (100, 100), (100, 0), (0, 100))], LINE)
    (issue,) = found[Kind.CROSSING]
    assert (issue.lon, issue.lat) == pytest.approx((105 + 50 * M, 10 + 50 * M), abs=1e-7)


def test_an_overlap_is_taken_from_the_later_row_alone() -> None:
    shapes = [square(0, 0), square(90, 0)]
    made, _out = repair(shapes, [1, 2], Accepted(frozenset({"overlap"})), POLYGON)
    assert shapely.equals(made[0], shapes[0])
    assert shapely.area(made[1]) == pytest.approx(shapely.area(shapes[1]) * 0.9, rel=1e-6)


def test_ends_snap_within_the_distance_and_no_further() -> None:
    shapes = [line((0, 0), (100, 0)), line((50, 3), (50, 80))]
    assert find(shapes, LINE, snap_m=2) == {}
    accepted = Accepted(frozenset({"dangle"}), snap_m=5)
    made, _out = repair(shapes, [1, 2], accepted, LINE)
    assert shapely.distance(made[0], made[1]) * 111_320 < 1e-3


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=4, max_size=9))
def test_make_valid_always_gives_a_valid_polygon_or_nothing(
    points: list[tuple[int, int]],
) -> None:
    ring = shapely.Polygon([(105 + x * M, 10 + y * M) for x, y in points])
    accepted = Accepted(frozenset({"invalid", "repeated"}))
    made, _out = repair([ring], [1], accepted, POLYGON)
    assert shapely.is_empty(made[0]) or shapely.is_valid(made[0])
