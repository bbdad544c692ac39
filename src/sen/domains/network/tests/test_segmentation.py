from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.domains.network import api
from sen.domains.network.choices import Side
from sen.domains.network.data import EventInput
from sen.domains.network.models import Road
from sen.domains.network.segmentation import Across, Band, Rule, Segment, cells_of, segment
from sen.domains.network.selectors.segments import (
    LayerChoice,
    Question,
    layer_choice,
    plain,
    segment_roads,
    segment_shapes,
)
from sen.kernel.access.context import as_system
from sen.kernel.errors import InvalidInputError

KM = 1_000_000


def bands(numbers: bool) -> st.SearchStrategy[list[Band]]:
    value = st.integers(0, 30_000) if numbers else st.sampled_from(["ASPHALT", "CONCRETE", "EARTH"])
    stretch = st.tuples(st.integers(-2 * KM, 8 * KM), st.integers(1, 3 * KM))
    return st.lists(
        st.builds(
            lambda ends, value, side, lane: Band(ends[0], ends[0] + ends[1], value, side, lane),
            stretch,
            value,
            st.sampled_from(list(Side)),
            st.integers(0, 3),
        ),
        max_size=12,
    )


QUESTIONS = st.tuples(
    st.integers(-KM, KM),
    st.integers(1, 6 * KM),
    st.lists(st.booleans().flatmap(bands), min_size=1, max_size=4),
    st.one_of(st.none(), st.sampled_from([100_000, KM, 37_001])),
    st.sampled_from(list(Across)),
)


def rows_across(rows: Sequence[Segment]) -> dict[tuple[Side, int], list[Segment]]:
    found: dict[tuple[Side, int], list[Segment]] = {}
    for row in rows:
        found.setdefault((row.side, row.lane), []).append(row)
    return found


@settings(max_examples=150, deadline=None)
@given(QUESTIONS)
def test_segments_cover_the_road_exactly_and_never_overlap(
    asked: tuple[int, int, list[list[Band]], int | None, Across],
) -> None:
    start, length, layers, step, across = asked
    end = start + length
    for rows in rows_across(segment(start, end, layers, step_mm=step, across=across)).values():
        assert rows[0].from_mm == start
        assert rows[-1].to_mm == end
        assert all(one.to_mm == other.from_mm for one, other in pairwise(rows))
        assert all(row.length_mm > 0 for row in rows)
        if step is not None:
            assert all(row.to_mm % step == 0 for row in rows[:-1])
            assert all(row.length_mm <= step for row in rows)


@settings(max_examples=150, deadline=None)
@given(QUESTIONS)
def test_segments_keep_length_and_length_times_value(
    asked: tuple[int, int, list[list[Band]], int | None, Across],
) -> None:
    start, length, layers, step, across = asked
    end = start + length
    rows = segment(start, end, layers, step_mm=step, across=across)
    inside = [
        band for bands_ in layers for band in bands_ if band.from_mm < end and band.to_mm > start
    ]
    cells = cells_of(inside, across)
    for number, layer in enumerate(layers):
        weight = area = 0
        covered: set[tuple[int, int, tuple[Side, int]]] = set()
        for band in layer:
            low, high = max(band.from_mm, start), min(band.to_mm, end)
            if low >= high:
                continue
            held = [cell for cell in cells if band.holds_in(cell)]
            weight += (high - low) * len(held)
            area += (high - low) * len(held) * (band.value if isinstance(band.value, int) else 0)
            covered |= {(low, high, cell) for cell in held}
        assert sum(row.figures[number].weight for row in rows) == weight
        assert sum(row.figures[number].area for row in rows) == area
        assert sum(row.figures[number].covered for row in rows) == union(covered)
        for row in rows:
            assert 0 <= row.coverage(number) <= 1


def union(pieces: set[tuple[int, int, tuple[Side, int]]]) -> int:
    total = 0
    for cell in {piece[2] for piece in pieces}:
        reached: int | None = None
        for low, high, _cell in sorted(piece for piece in pieces if piece[2] == cell):
            first = low if reached is None else max(low, reached)
            total += max(high - first, 0)
            reached = high if reached is None else max(reached, high)
    return total


def test_a_mean_is_weighted_by_length_and_exact() -> None:
    halves = [Band(0, 33_333, 2_000), Band(33_333, 100_000, 5_000)]
    (row,) = segment(0, 100_000, [halves], step_mm=KM)
    mean = row.figures[0].by(Rule.MEAN)
    assert mean == Fraction(33_333 * 2_000 + 66_667 * 5_000, 100_000)
    assert row.figures[0].by(Rule.DOMINANT) == 5_000
    assert (row.figures[0].by(Rule.MIN), row.figures[0].by(Rule.MAX)) == (2_000, 5_000)
    assert row.figures[0].by(Rule.LIST) == (2_000, 5_000)


def test_the_two_sides_of_a_road_are_told_apart() -> None:
    iri = [Band(0, KM, 2_000, Side.LEFT), Band(0, KM, 6_000, Side.RIGHT)]
    surface = [Band(0, KM, "ASPHALT")]
    left, right = segment(0, KM, [iri, surface], step_mm=KM, across=Across.SIDE)
    assert (left.side, left.figures[0].by(Rule.MEAN)) == (Side.LEFT, 2_000)
    assert (right.side, right.figures[0].by(Rule.MEAN)) == (Side.RIGHT, 6_000)
    assert left.figures[1].by(Rule.DOMINANT) == "ASPHALT"
    (both,) = segment(0, KM, [iri, surface], step_mm=KM)
    assert both.figures[0].by(Rule.MEAN) == 4_000
    assert both.coverage(1) == 1


def test_a_lane_without_record_is_not_covered() -> None:
    rows = segment(0, KM, [[Band(0, KM, 3_000, Side.RIGHT, 2)]], step_mm=KM, across=Across.LANE)
    assert {(row.side, row.lane): row.coverage(0) for row in rows} == {
        (Side.LEFT, 1): 0,
        (Side.LEFT, 2): 0,
        (Side.RIGHT, 1): 0,
        (Side.RIGHT, 2): 1,
    }


@pytest.fixture
def road(make_road: Callable[..., Road]) -> Road:
    made = make_road()
    since = date(2024, 1, 1)
    rows = [
        EventInput(road=made.code, kind="iri", from_m=0, to_m=250, number=2, valid_from=since),
        EventInput(road=made.code, kind="iri", from_m=250, to_m=1000, number=6, valid_from=since),
        EventInput(
            road=made.code,
            kind="surface",
            from_m=0,
            to_m=5000,
            text="ASPHALT",
            valid_from=since,
            valid_to=date(2025, 1, 1),
        ),
        EventInput(
            road=made.code,
            kind="surface",
            from_m=0,
            to_m=5000,
            text="CONCRETE",
            valid_from=date(2025, 1, 1),
        ),
    ]
    with as_system("test data of network") as actor:
        api.bulk_put_events(actor=actor, rows=rows)
    return made


def ask(road: Road, *layers: LayerChoice, on: date, **more: object) -> list[Segment]:
    question = Question(layers=layers, on=on, **more)  # type: ignore[arg-type]
    with as_system("test reads roads") as actor:
        found = list(segment_roads(actor, roads=[road], question=question))
    return found[0].rows if found else []


def test_a_road_is_segmented_as_on_any_day(road: Road) -> None:
    layers = layer_choice("iri"), layer_choice("network.surface", "dominant")
    rows = ask(road, *layers, on=date(2024, 6, 1), step_m=500, to_m=1000.0)
    assert [(row.from_mm, row.to_mm) for row in rows] == [(0, 500_000), (500_000, KM)]
    assert [plain(row.figures[0].by(Rule.MEAN)) for row in rows] == [4.0, 6.0]
    assert rows[0].figures[1].by(Rule.DOMINANT) == "ASPHALT"
    rows = ask(road, *layers, on=date(2025, 6, 1), step_m=None, to_m=1000.0)
    assert [row.to_mm for row in rows] == [250_000, KM]
    assert rows[0].figures[1].by(Rule.DOMINANT) == "CONCRETE"


def test_only_what_passes_the_filter_is_kept(road: Road) -> None:
    rough = LayerChoice(layer_choice("iri").track, Rule.MEAN, low=5)
    rows = ask(road, rough, on=date(2025, 6, 1), step_m=500)
    assert [(row.from_mm, row.to_mm) for row in rows] == [(500_000, KM)]


def test_segments_have_their_place_on_the_map(road: Road) -> None:
    with as_system("test reads roads"):
        shapes = segment_shapes([(road.pk, 0, 500), (road.pk, 90_000, 91_000)], on=date(2025, 6, 1))
    assert set(shapes) == {0}
    assert '"MultiLineString"' in shapes[0]


def test_unknown_layers_and_rules_are_refused_in_words(road: Road) -> None:
    with pytest.raises(InvalidInputError, match=r"network\.iri"):
        layer_choice("độ nhám")
    with pytest.raises(InvalidInputError, match="dominant"):
        layer_choice("surface", "mean")
