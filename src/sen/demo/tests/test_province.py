"""The demonstration province is complete, consistent and the same on every run."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

import pytest
from shapely import LineString, Point, union_all

from sen.demo.generate import build_province, fingerprint, province
from sen.demo.model import RESTRICTED, Bridge, Culvert, KmPost, Province, Sign
from sen.demo.plane import line_to_plane, to_plane
from sen.demo.territory import Locator, plane_shape

WEST, SOUTH, EAST, NORTH = 105.18, 10.12, 106.82, 10.98


@pytest.fixture(scope="module")
def built() -> Province:
    return province()


def _collections(built: Province) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for field in fields(built):
        value = getattr(built, field.name)
        if isinstance(value, tuple):
            yield field.name, value


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))


def test_two_runs_are_equal_even_in_another_process(built: Province) -> None:
    expected = fingerprint(built)
    assert fingerprint(build_province()) == expected
    script = (
        "from sen.demo.generate import *; import sys; sys.stdout.write(fingerprint(province()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
    )
    assert run.stdout == expected


def test_counts(built: Province) -> None:
    kinds = [commune.kind for commune in built.communes]
    assert (kinds.count("xã"), kinds.count("phường")) == (82, 20)
    assert sum(commune.area_km2 for commune in built.communes) == pytest.approx(5938.6, abs=2.0)
    assert len(built.bridges) == 300
    assert len(built.culverts) == 1500
    assert len(built.signs) == 900
    assert len(built.devices) == 120
    assert len(built.junctions) == 40
    assert len(built.accounts) == 12
    assert len({account.role for account in built.accounts}) == 11
    local = [r for r in built.roads if r.manager_class in ("commune", "urban", "district")]
    assert 480 <= len(local) <= 540
    assert sum(r.manager_class == "provincial" for r in built.roads) >= 45


def test_codes_are_unique(built: Province) -> None:
    for name, items in _collections(built):
        codes = [getattr(i, "code", None) or getattr(i, "username", None) for i in items]
        known = [code for code in codes if code]
        assert len(known) == len(set(known)), name


def test_references_exist(built: Province) -> None:
    communes = {commune.code for commune in built.communes}
    bodies = {organisation.code for organisation in built.organisations}
    roads = {road.code for road in built.roads}
    for name, items in _collections(built):
        for item in items:
            if getattr(item, "commune_code", ""):
                assert item.commune_code in communes, (name, item)
            if getattr(item, "road_code", ""):
                assert item.road_code in roads, (name, item)
            for key in ("manager", "parent", "organisation", "inspector"):
                if getattr(item, key, ""):
                    assert getattr(item, key) in bodies, (name, item)


def test_every_text_is_composed_unicode(built: Province) -> None:
    for name, items in _collections(built):
        for text in _texts(items):
            assert unicodedata.is_normalized("NFC", text), (name, text)


def test_everything_lies_in_the_province(built: Province) -> None:
    outside = []
    for name, items in _collections(built):
        if name in ("areas", "waterways"):
            continue
        for item in items:
            points = list(getattr(item, "line", ()))
            points += [p for polygon in getattr(item, "boundary", ()) for p in polygon[0]]
            points += [item.position] if hasattr(item, "position") else []
            outside += [
                (name, item, p) for p in points if not (WEST < p[0] < EAST and SOUTH < p[1] < NORTH)
            ]
    assert not outside


def test_communes_are_a_coverage_that_holds_their_centres(built: Province) -> None:
    shapes = [plane_shape(commune.boundary) for commune in built.communes]
    assert all(shape.is_valid for shape in shapes)
    whole = union_all(shapes)
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    locator = Locator(built.communes)
    right = [locator.commune_at(to_plane(c.centre)).code == c.code for c in built.communes]
    assert sum(right) / len(right) > 0.95


def test_km_posts_rise_and_are_not_a_kilometre_apart(built: Province) -> None:
    by_road: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for post in built.km_posts:
        by_road[post.road_code].append((post.km, post.distance_m))
    gaps = []
    for posts in by_road.values():
        for (km, at), (next_km, next_at) in pairwise(posts):
            assert next_km == km + 1
            assert next_at > at
            gaps.append(next_at - at)
    assert max(gaps) > 1_080.0
    assert min(gaps) < 920.0
    assert sum(abs(gap - 1_000.0) < 30.0 for gap in gaps) > 0.9 * len(gaps)
    assert any(posts[0][0] > 1_000 for posts in by_road.values())


def test_bridges_culverts_and_posts_lie_on_their_road(built: Province) -> None:
    lines = {road.code: LineString(line_to_plane(road.line)) for road in built.roads}
    items: list[Bridge | Culvert | KmPost] = [*built.bridges, *built.culverts, *built.km_posts]
    for item in items:
        assert lines[item.road_code].distance(Point(to_plane(item.position))) < 1.0, item


def test_chainages_lie_within_their_road(built: Province) -> None:
    roads = {road.code: road for road in built.roads}
    items: list[Bridge | Culvert | Sign] = [*built.bridges, *built.culverts, *built.signs]
    for item in items:
        road = roads[item.road_code]
        assert road.start_m <= item.chainage_m <= road.end_m, item
    for event in built.road_events:
        road = roads[event.road_code]
        assert road.start_m <= event.from_m < event.to_m <= road.end_m + 0.1, event


def test_large_bridges_are_where_they_should_be(built: Province) -> None:
    names = {bridge.name: bridge for bridge in built.bridges if bridge.length_m > 900.0}
    assert set(names) == {
        "Cầu Mỹ Thuận",
        "Cầu Mỹ Thuận 2",
        "Cầu Cao Lãnh",
        "Cầu Vàm Cống",
        "Cầu Rạch Miễu",
        "Cầu Rạch Miễu 2",
        "Cầu Mỹ Lợi",
    }
    for bridge in names.values():
        assert sum(bridge.spans_m) == pytest.approx(bridge.length_m, abs=85.0), bridge.name


def test_ordinary_names_carry_the_chainage(built: Province) -> None:
    pattern = re.compile(r"^Cầu .+ \(Km\d+\+\d{3} [^)]+\)$")
    for bridge in built.bridges:
        assert bridge.length_m > 900.0 or pattern.match(bridge.name), bridge.name


def test_a_little_is_not_public(built: Province) -> None:
    classes = [
        i.data_class for _, items in _collections(built) for i in items if hasattr(i, "data_class")
    ]
    assert 0 < sum(c > 0 for c in classes) < 0.1 * len(classes)
    assert {r.data_class for r in built.roads} == {0, 2, 3}
    assert all(d.data_class == RESTRICTED for d in built.devices if d.kind == "wim")
