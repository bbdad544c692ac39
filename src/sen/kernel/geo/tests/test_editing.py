"""Drawing: shapes as text, what is said of them beside their neighbours, cutting and uniting."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sen.kernel.access.scope import DataClass
from sen.kernel.errors import InvalidInputError
from sen.kernel.geo.editing.cutting import amount, cut, unite
from sen.kernel.geo.editing.topology import (
    Fault,
    Near,
    Plane,
    gaps,
    loose_ends,
    overlaps,
    own_faults,
    same_lines,
)
from sen.kernel.geo.layers import GeometryKind
from sen.kernel.geo.shapes import ShapeError, read_shape, write_shape
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing

LINE = (GeometryKind.LINE,)
AREA = (GeometryKind.POLYGON,)
MULTIPLE = (
    '{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":'
    "[[[105.6,10.4],[105.7,10.5]]]}}"
)
PLANE = Plane(105.63, 10.46)


def box(west: float, south: float, east: float, north: float) -> Any:
    return shapely.box(west, south, east, north)


@pytest.mark.parametrize(
    ("text", "kinds", "wkt"),
    [
        ("LINESTRING (105.6 10.4, 105.7 10.5)", LINE, "LINESTRING (105.6 10.4, 105.7 10.5)"),
        ("SRID=4326;LINESTRING Z (105.6 10.4 3, 105.7 10.5 4)", LINE,
         "LINESTRING (105.6 10.4, 105.7 10.5)"),
        (MULTIPLE, LINE,
         "LINESTRING (105.6 10.4, 105.7 10.5)"),
        ("10.4, 105.6\n10.5, 105.7", LINE, "LINESTRING (105.6 10.4, 105.7 10.5)"),
        ("10.4, 105.6\n10.4, 105.7\n10.5, 105.7", AREA,
         "POLYGON ((105.6 10.4, 105.7 10.4, 105.7 10.5, 105.6 10.4))"),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_a_shape_is_read_however_it_is_written(
    text: str, kinds: tuple[GeometryKind, ...], wkt: str
) -> None:
    assert write_shape(read_shape(text, kinds)) == wkt


@pytest.mark.parametrize(
    ("text", "kinds", "said"),
    [
        ("LINESTRING (105.6 10.4, 105.7 10.5)", AREA, "một vùng"),
        ("POLYGON ((105 10, 106 11, 106 10, 105 11, 105 10))", AREA, "tự cắt tại: 10.5"),
        ("SRID=3405;LINESTRING (1 1, 2 2)", LINE, "WGS 84"),
        ("LINESTRING (569234 1156432, 569334 1156432)", LINE, "tính bằng độ"),
        ("xin chào", LINE, "Dòng 1"),
        ("10.4, 105.6", LINE, "hai điểm"),
        ("{", LINE, "Không đọc được hình"),
    ],
)
@pytest.mark.django_db
def test_what_is_no_shape_is_refused_in_words(
    text: str, kinds: tuple[GeometryKind, ...], said: str
) -> None:
    with pytest.raises(ShapeError, match=said):
        read_shape(text, kinds)


@pytest.mark.django_db
def test_vn2000_corners_land_within_a_centimetre() -> None:
    from sen.lib.vn2000 import from_wgs84

    east, north = from_wgs84(105.6331, 10.4512, 5897)
    text = "\n".join(f"X={north + step:.3f} Y={east:.3f}" for step in (0, 100))
    shape = shapely.from_wkb(bytes(read_shape(text, LINE).wkb))
    flat = PLANE.flat(shapely.LineString([(105.6331, 10.4512), shape.coords[0]]))
    assert flat.length < 0.01


def test_neighbours_that_overlap_gape_or_stop_short_are_named() -> None:
    near = [Near(7, "Lô 7", box(100, 0, 200, 100))]
    (found,) = overlaps(box(0, 0, 110, 100), near, PLANE)
    assert (found.fault, found.row_id, found.stops) == (Fault.OVERLAP, 7, False)
    assert "1.000 m²" in found.text
    (found,) = gaps(box(0, 0, 97, 100), near, PLANE)
    assert found.fault is Fault.GAP
    assert "300 m²" in found.text
    assert gaps(box(0, 0, 100, 100), near, PLANE) == []
    assert gaps(box(0, 0, 80, 100), near, PLANE) == [], "a street between two lots is no gap"

    road = [Near(9, "QL.30", shapely.LineString([(0, 0), (1000, 0)]))]
    (found,) = loose_ends(shapely.LineString([(500, 3), (500, 400)]), road, PLANE)
    assert "3 m" in found.text
    assert found.where is not None
    assert loose_ends(shapely.LineString([(500, 0), (500, 400)]), road, PLANE) == []
    (found,) = same_lines(shapely.LineString([(0, 0.5), (800, 0.5)]), road, PLANE)
    assert found.fault is Fault.SAME


def test_a_shape_that_crosses_itself_is_shown_where() -> None:
    (found,) = own_faults(shapely.LineString([(0, 0), (10, 0), (5, 5), (5, -5)]))
    assert found.where == {"type": "Point", "coordinates": [5.0, 0.0]}
    (found,) = own_faults(shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))
    assert found.stops


@given(at=st.floats(0.05, 0.95), angle=st.floats(20, 160), bends=st.integers(2, 40))
def test_a_cut_line_keeps_every_corner_and_its_length(at: float, angle: float, bends: int) -> None:
    points = [(105.6 + i * 0.001, 10.4 + 0.0004 * math.sin(i)) for i in range(bends + 1)]
    whole = shapely.LineString(points)
    middle = whole.interpolate(at, normalized=True)
    dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    knife = shapely.LineString(
        [(middle.x - dx * 0.0004, middle.y - dy * 0.0004),
         (middle.x + dx * 0.0004, middle.y + dy * 0.0004)]
    )  # fmt: skip
    line = GEOSGeometry(whole.wkt, srid=4326)
    try:
        pieces = cut(line, GEOSGeometry(knife.wkt, srid=4326))
    except InvalidInputError:
        # Beside the end of the line there is nothing to cut off.
        assert min(at, 1 - at) * amount(line) < 60
        return
    assert sum(map(amount, pieces)) == pytest.approx(amount(line), rel=1e-6)
    shapes = [shapely.from_wkb(bytes(piece.wkb)) for piece in pieces]
    corners = {tuple(xy) for shape in shapes for xy in shape.coords}
    assert set(points) <= corners
    joined = pieces[0]
    for piece in pieces[1:]:
        joined = unite(joined, piece)
    assert amount(joined) == pytest.approx(amount(line), rel=1e-6)


def test_areas_are_cut_and_united_only_where_they_touch() -> None:
    whole = GEOSGeometry("POLYGON ((0 0, 0.01 0, 0.01 0.01, 0 0.01, 0 0))", srid=4326)
    pieces = cut(whole, GEOSGeometry("LINESTRING (0.007 -1, 0.007 1)", srid=4326))
    assert amount(pieces[0]) > amount(pieces[1]), "the largest keeps the row"
    assert unite(*pieces).equals(whole)
    far = GEOSGeometry("POLYGON ((1 1, 2 1, 2 2, 1 1))", srid=4326)
    with pytest.raises(InvalidInputError, match="không giáp nhau"):
        unite(whole, far)
    with pytest.raises(InvalidInputError, match="cắt ngang"):
        cut(whole, GEOSGeometry("LINESTRING (0.007 -1, 0.007 0.005)", srid=4326))


def test_what_may_be_snapped_to_is_exact_and_seen_by_the_actor(
    things: dict[str, Thing], client: Client, make_account: MakeAccount
) -> None:
    url = "/map/snap?layers=things&bbox=105.6,10.43,105.66,10.49"
    public = client.get(url).json()
    assert [f["id"] for f in public["features"]] == [things["public"].pk]
    assert public["features"][0]["geometry"]["coordinates"] == [105.63, 10.46]
    clerk = make_account("guarded.thing.view", clearance=DataClass.INTERNAL)
    client.force_login(clerk)
    assert {f["id"] for f in client.get(url).json()["features"]} == {
        things["public"].pk,
        things["internal"].pk,
    }
    but = client.get(f"{url}&but=things:{things['public'].pk}").json()["features"]
    assert [f["id"] for f in but] == [things["internal"].pk]
    assert client.get("/map/snap?bbox=105,10,106,11").status_code == 422
    assert client.get("/map/snap?bbox=nan,nan,nan,nan").status_code == 422


def test_an_area_chooses_rows_that_the_actor_sees(
    things: dict[str, Thing], client: Client, make_account: MakeAccount
) -> None:
    area = {"type": "Polygon", "coordinates": [[[105, 10], [106, 10], [106, 11], [105, 10]]]}

    def ask(**body: Any) -> Any:
        return client.post(
            "/map/select", orjson.dumps({"layer": "things", **body}), "application/json"
        )

    assert ask(geometry=area).status_code == 403
    client.force_login(make_account("guarded.thing.view", clearance=DataClass.INTERNAL))
    found = ask(geometry=area).json()
    assert found["whole"]
    assert {f["properties"]["label"] for f in found["features"]} == {"Cầu Công", "Cầu Nội"}
    secret = things["secret"].pk
    assert ask(ids=[secret, things["far"].pk]).json()["features"][0]["id"] == things["far"].pk
    faults: list[dict[str, Any]] = [
        {"ids": ["x"]},
        {"geometry": {}},
        {"layer": "none", "ids": []},
        {"text": "x"},
    ]
    for wrong in faults:
        assert ask(**wrong).status_code in (404, 422), wrong


def test_a_check_reads_text_and_names_twins(
    things: dict[str, Thing], client: Client, make_account: MakeAccount
) -> None:
    client.force_login(make_account("guarded.thing.view"))
    point = {"type": "Point", "coordinates": [105.63, 10.46]}
    body = {"layer": "things", "geometry": point}
    found = client.post("/map/check", orjson.dumps(body), "application/json").json()
    assert "Cầu Công" in found["findings"][0]["text"]
    body = {"text": "10.46, 105.63\n10.47, 105.64", "kinds": ["line"]}
    found = client.post("/map/check", orjson.dumps(body), "application/json").json()
    assert found["geometry"]["type"] == "LineString"
    assert found["findings"] == []
