from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from sen.domains.routing.choices import FaultKind
from sen.domains.routing.rules import (
    EdgeDraft,
    Line,
    Network,
    build_edges,
    components,
    faults_of,
    isolated,
    joined,
)


def network(*shapes: list[tuple[float, float]], apart: Iterable[int] = ()) -> Network:
    lines = {
        pk: Line(pk, LineString(shape), pk in set(apart)) for pk, shape in enumerate(shapes, 1)
    }
    return Network(lines)


def edges(net: Network) -> list[EdgeDraft]:
    return build_edges(net, net.lines)


def kinds(net: Network) -> list[tuple[FaultKind, int, int | None]]:
    return sorted((f.kind, f.road_id, f.other_id) for f in faults_of(net, net.lines))


def test_an_end_within_three_metres_is_joined_to_the_road_it_meets() -> None:
    net = network([(0, 0), (1000, 0)], [(500, 2.5), (500, 400)])
    made = edges(net)
    assert len(made) == 3
    assert len(components(made)) == 1
    assert kinds(net) == []


def test_roads_that_cross_meet_and_the_missing_vertex_is_told() -> None:
    net = network([(0, 0), (1000, 0)], [(500, -400), (500, 400)])
    assert len(edges(net)) == 4
    assert kinds(net) == [(FaultKind.CROSSING, 1, 2)]
    with_vertex = network([(0, 0), (500, 0), (1000, 0)], [(500, -400), (500, 400)])
    assert kinds(with_vertex) == []


def test_an_expressway_and_a_flyover_pass_above() -> None:
    shapes = [(0.0, 0.0), (1000.0, 0.0)], [(500.0, -400.0), (500.0, 400.0)]
    assert len(edges(network(*shapes, apart=[1]))) == 2
    flown = Network(network(*shapes).lines, flyovers=[(510.0, 5.0)])
    assert len(build_edges(flown, flown.lines)) == 2
    assert faults_of(flown, flown.lines) == []


def test_a_ramp_joins_an_expressway_at_its_end() -> None:
    net = network([(0, 0), (1000, 0)], [(300, 200), (500, 0)], apart=[1])
    assert len(components(edges(net))) == 1


def test_a_dangling_end_is_told_with_the_gap_and_the_foot() -> None:
    net = network([(0, 0), (1000, 0)], [(500, 12), (500, 400)])
    (fault,) = faults_of(net, net.lines)
    assert (fault.kind, fault.road_id, fault.other_id) == (FaultKind.DANGLING, 2, 1)
    assert round(fault.distance_m) == 12
    assert fault.target == (500, 0)


def test_an_overshoot_is_told_with_its_length() -> None:
    net = network([(0, 0), (500, 0), (1000, 0)], [(500, -9), (500, 0), (500, 400)])
    (fault,) = faults_of(net, net.lines)
    assert (fault.kind, fault.road_id) == (FaultKind.OVERSHOOT, 2)
    assert round(fault.distance_m) == 9


def test_a_road_drawn_twice_is_one_fault_and_not_a_hundred_crossings() -> None:
    wobbly = [(x, 1.2 if x % 200 else -1.2) for x in range(0, 1001, 100)]
    net = network([(0, 0), (1000, 0)], [(float(x), y) for x, y in wobbly])
    assert [kind for kind, _one, _other in kinds(net)] == [FaultKind.DUPLICATE]


def test_a_part_that_cannot_be_reached_is_one_fault() -> None:
    net = network([(0, 0), (1000, 0)], [(500, 0), (500, 400)], [(5000, 0), (5000, 300)])
    (fault,) = isolated(edges(net))
    assert (fault.kind, fault.road_id, round(fault.distance_m)) == (FaultKind.ISOLATED, 3, 300)


def test_places_near_each_other_are_one_node() -> None:
    assert joined([(0, 0), (10, 0), (2, 0), (4, 0)], 2.5) == [0, 1, 0, 0]


GRID = st.lists(
    st.tuples(
        st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)
    ).filter(lambda ends: ends[:2] != ends[2:]),
    min_size=2,
    max_size=9,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(GRID, st.data())
def test_edges_cover_every_road_and_a_part_computed_anew_fits_the_rest(
    ends: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    net = network(*[[(a * 50.0, b * 50.0), (c * 50.0, d * 50.0)] for a, b, c, d in ends])
    whole = edges(net)
    for pk, line in net.lines.items():
        mine = [edge.shape.length for edge in whole if edge.road_id == pk]
        assert abs(sum(mine) - line.shape.length) < 1e-6
    changed = data.draw(st.sampled_from(sorted(net.lines)))
    chosen = net.neighbours([changed])
    kept = [edge for edge in whole if edge.road_id not in chosen]
    known: dict[int, tuple[float, float]] = {}
    for edge in kept:
        known[edge.source] = edge.shape.coords[0]
        known[edge.target] = edge.shape.coords[-1]
    again = kept + build_edges(net, chosen, known=known, first_id=max(known, default=0) + 1)
    assert shape_of(again) == shape_of(whole)


def shape_of(made: list[EdgeDraft]) -> set[tuple[int, tuple[float, ...], frozenset[int]]]:
    """Edges without the numbers of their nodes: which roads meet at both ends of each."""
    at: dict[int, set[int]] = {}
    for edge in made:
        at.setdefault(edge.source, set()).add(edge.road_id)
        at.setdefault(edge.target, set()).add(edge.road_id)
    return {
        (
            edge.road_id,
            tuple(round(value, 3) for value in edge.shape.bounds),
            frozenset(at[edge.source] | at[edge.target]),
        )
        for edge in made
    }
