"""CQL2 filters of OGC API Features part 3, in both languages, with the access rule and masks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.kernel.access.models import User
from sen.kernel.access.scope import DataClass
from sen.kernel.geo.ogc.cql2.reading import MAX_LENGTH
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House
from sen.lib.vn2000 import from_wgs84

ITEMS = "/ogc/collections/things/items"
VN2000 = "http://www.opengis.net/def/crs/EPSG/0/5897"
LATITUDE_FIRST = "http://www.opengis.net/def/crs/EPSG/0/4326"


@pytest.fixture
def rows(things: dict[str, Thing], house: House) -> dict[str, Thing]:
    house.thing(
        "K-5",
        name="Kênh Xáng",
        geom="SRID=4326;POINT(105.9 10.5)",
        length_m=75.5,
        opened_on=date(2020, 6, 1),
        attributes={"lanes": 4, "note": "bốn làn"},
    )
    house.thing(
        "K-6",
        name="kenh 100%",
        geom="SRID=4326;POINT(106.0 10.5)",
        length_m=None,
        opened_on=date(2010, 1, 31),
        attributes={"lanes": "hai"},
    )
    return things


def codes(client: Client, text: str, **more: str) -> list[str]:
    answer = client.get(ITEMS, {"filter": text, **more})
    assert answer.status_code == 200, answer.content.decode()
    return sorted(feature["properties"]["code"] for feature in answer.json()["features"])


def fault(client: Client, text: str, **more: str) -> str:
    answer = client.get(ITEMS, {"filter": text, **more})
    assert answer.status_code == 400, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    return str(answer.json()["detail"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("length_m > 100", "V-1"),
        ("length_m BETWEEN 30 AND 75.5", "K-5 V-4"),
        ("length_m NOT BETWEEN 30 AND 75.5", "V-1"),
        ("length_m IS NULL", "K-6"),
        ("NOT length_m IS NULL AND length_m <> 30", "K-5 V-1"),
        ("code = 'K-5' OR code = 'K-6' AND length_m > 1", "K-5"),
        ("(code = 'K-5' OR code = 'K-6') AND length_m > 1", "K-5"),
        ("code IN ('V-1', 'V-4', 'V-2')", "V-1 V-4"),
        ("name LIKE 'Cầu%'", "V-1 V-4"),
        ("name LIKE 'kenh 100\\%'", "K-6"),
        ("name LIKE '_ênh%'", "K-5"),
        ("CASEI(name) LIKE CASEI('KÊNH%')", "K-5"),
        ("ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('kênh%'))", "K-5 K-6"),
        ("ACCENTI(name) = ACCENTI('Cầu Xa')", "V-4"),
        ("length_m * 2 + 10 = 161", "K-5"),
        ("length_m / 0 > 1", ""),
        ("length_m DIV 50 = 1", "K-5"),
        ("length_m % 50 = 0", "V-1"),
        ("lanes = 4", "K-5"),
        ("lanes > 3.5", "K-5"),
        ("lanes = 'hai'", "K-6"),
        ("opened_on > DATE('2015-01-01')", "K-5"),
        ("opened_on = '2010-01-31'", "K-6"),
        ("opened_on < TIMESTAMP('2015-01-01T00:00:00Z')", "K-6"),
        ("T_AFTER(opened_on, DATE('2015-01-01'))", "K-5"),
        ("T_DURING(opened_on, INTERVAL('2010-01-01', '2011-01-01'))", "K-6"),
        ("T_INTERSECTS(opened_on, INTERVAL('..', '2011-01-01'))", "K-6"),
        ("T_BEFORE(updated_at, TIMESTAMP('2000-01-01T00:00:00Z'))", ""),
        ("S_INTERSECTS(geom, BBOX(105, 10, 105.7, 11))", "V-1"),
        ("S_DISJOINT(geom, BBOX(105, 10, 105.95, 11))", "K-6 V-4"),
        ("S_WITHIN(geom, POLYGON((105.8 10.4, 106.1 10.4, 106.1 10.6, 105.8 10.4)))", "K-6"),
        ("S_EQUALS(geometry, POINT(105.9 10.5))", "K-5"),
        ("NOT S_INTERSECTS(geom, BBOX(105, 10, 105.95, 11)) AND length_m = 30", "V-4"),
        ("TRUE", "K-5 K-6 V-1 V-4"),
        ("FALSE", ""),
        ("id > 0 AND code = name", ""),
    ],
)
def test_a_filter_finds_its_rows(
    rows: dict[str, Thing], client: Client, text: str, found: str
) -> None:
    assert codes(client, text) == found.split()


@pytest.mark.django_db
def test_json_says_the_same_as_text(rows: dict[str, Thing], client: Client) -> None:
    tree = {
        "op": "and",
        "args": [
            {"op": ">=", "args": [{"property": "length_m"}, 30]},
            {
                "op": "s_intersects",
                "args": [{"property": "geom"}, {"type": "Point", "coordinates": [106.36, 10.36]}],
            },
        ],
    }
    assert codes(client, json.dumps(tree), **{"filter-lang": "cql2-json"}) == ["V-4"]
    inside = json.dumps({"op": "in", "args": [{"property": "code"}, ["V-1", "K-5"]]})
    assert codes(client, inside, **{"filter-lang": "cql2-json"}) == ["K-5", "V-1"]


@pytest.mark.django_db
def test_coordinates_are_read_in_the_system_of_the_filter(
    rows: dict[str, Thing], client: Client
) -> None:
    east, north = from_wgs84(105.63, 10.46, 5897)
    box = f"S_INTERSECTS(geom, BBOX({east - 5}, {north - 5}, {east + 5}, {north + 5}))"
    assert codes(client, box, **{"filter-crs": VN2000}) == ["V-1"]
    flipped = "S_INTERSECTS(geom, BBOX(10, 105, 11, 105.7))"
    assert codes(client, flipped, **{"filter-crs": LATITUDE_FIRST}) == ["V-1"]


@pytest.mark.django_db
def test_a_filter_joins_the_other_parameters_and_the_pages(
    rows: dict[str, Thing], client: Client
) -> None:
    asked = {"filter": "length_m > 10", "bbox": "105,10,106,11", "limit": "1"}
    page = client.get(ITEMS, asked).json()
    assert page["numberMatched"] == 2
    (following,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
    rest = client.get(following).json()
    seen = {f["properties"]["code"] for f in [*page["features"], *rest["features"]]}
    assert seen == {"V-1", "K-5"}
    assert client.get(ITEMS, {"filter": "length_m > 10", "f": "html"}).status_code == 200


@pytest.mark.django_db
def test_a_filter_finds_nothing_that_may_not_be_seen(
    rows: dict[str, Thing],
    client: Client,
    make_account: MakeAccount,
    sign_in: Callable[[User], Client],
) -> None:
    assert codes(client, "code LIKE 'V-%' OR TRUE") == ["K-5", "K-6", "V-1", "V-4"]
    assert codes(client, "phone = '0277'") == []
    assert codes(client, "NOT phone = '0277'") == [], "nothing is known of a masked value"
    assert codes(client, "phone IS NULL") == ["K-5", "K-6", "V-1", "V-4"]
    clerk = sign_in(make_account("guarded.thing.view", clearance=DataClass.SECRET))
    assert codes(clerk, "phone = '0277'") == ["V-1"]
    assert "V-3" in codes(clerk, "code LIKE 'V-%'")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("length_m >", "không đúng cú pháp CQL2 ở dòng 1"),
        ("name = 'mở", "gần “'mở”"),
        ("height = 3", "không có thuộc tính “height”"),
        ("length_m = 'dài'", "không so sánh được"),
        ("name > 3", "không so sánh được"),
        ("opened_on = DATE('2026-13-45')", "không phải ngày"),
        ("T_AFTER(opened_on, TIMESTAMP('hôm qua'))", "không phải thời điểm"),
        ("name LIKE 3", "cần một chuỗi chữ"),
        ("S_INTERSECTS(name, POINT(1 2))", "cần một hình"),
        ("geom = POINT(105 10)", "S_EQUALS"),
        ("S_DWITHIN(geom, POINT(105 10), 5)", "không có phép “s_dwithin”"),
        ("A_CONTAINS(lanes, (1, 2))", "không có phép “a_contains”"),
        ("sin(length_m) = 0", "không có hàm “sin”"),
        ("length_m = 1e300", "số quá lớn"),
        ("S_INTERSECTS(geom, BBOX(1000, 10, 1001, 11))", "kinh độ từ -180"),
        ("S_INTERSECTS(geom, POLYGON((105 10)))", "hình không đúng"),
        ("length_m ^ 100000 > 1", "vượt giới hạn"),
        ("name", "cần một điều kiện"),
        ("(" * 60 + "TRUE" + ")" * 60, "lồng nhau quá"),
        ("TRUE " * MAX_LENGTH, "dài quá"),
    ],
)
def test_a_filter_that_makes_no_sense_is_a_400_that_says_why(
    rows: dict[str, Thing], client: Client, text: str, said: str
) -> None:
    assert said in fault(client, text)


@pytest.mark.django_db
def test_wrong_parameters_beside_a_filter_are_named(rows: dict[str, Thing], client: Client) -> None:
    assert "cql2-text, cql2-json" in fault(client, "TRUE", **{"filter-lang": "ecql"})
    assert "không phải JSON" in fault(client, "TRUE", **{"filter-lang": "cql2-json"})
    assert "hệ tọa độ" in fault(client, "TRUE", **{"filter-crs": "EPSG:5897"})
    alone = client.get(ITEMS, {"filter-lang": "cql2-text"})
    assert alone.status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("node", [None, [], {}, {"op": 3}, {"op": "and"}, {"op": "=", "args": 1}])
def test_trees_of_any_shape_are_refused_in_words(
    rows: dict[str, Thing], client: Client, node: Any
) -> None:
    fault(client, json.dumps(node), **{"filter-lang": "cql2-json"})


@pytest.mark.django_db
def test_queryables_say_what_may_be_asked(rows: dict[str, Thing], client: Client) -> None:
    answer = client.get("/ogc/collections/things/queryables")
    assert answer["Content-Type"] == "application/schema+json"
    document = answer.json()
    assert document["properties"]["length_m"]["type"] == "number"
    assert document["properties"]["geom"]["x-ogc-role"] == "primary-geometry"
    assert client.get("/ogc/collections/things/queryables?f=html").status_code == 200
    described = client.get("/ogc/collections/things").json()
    rels = [link["rel"] for link in described["links"]]
    assert "http://www.opengis.net/def/rel/ogc/1.0/queryables" in rels


NUMBERS = st.sampled_from([-1.0, 0.0, 20.0, 30.0, 75.5, 150.0])
LEAVES = st.builds(
    lambda op, number: {"op": op, "args": [{"property": "length_m"}, number]},
    st.sampled_from(["=", "<>", "<", ">", "<=", ">="]),
    NUMBERS,
) | st.just({"op": "isNull", "args": [{"property": "length_m"}]})
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(
            lambda op, args: {"op": op, "args": args},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | st.builds(lambda arg: {"op": "not", "args": [arg]}, inner)
    ),
    max_leaves=8,
)
LENGTHS = {"V-1": 150.0, "V-4": 30.0, "K-5": 75.5, "K-6": None}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": math.isclose,
    "<>": lambda a, b: not math.isclose(a, b),
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def holds(node: dict[str, Any], length: float | None) -> bool | None:
    """What the tree says in the logic of SQL, where None is unknown."""
    name, arguments = node["op"], node["args"]
    if name == "isNull":
        return length is None
    if name == "not":
        inner = holds(arguments[0], length)
        return None if inner is None else not inner
    if name in ("and", "or"):
        parts = [holds(argument, length) for argument in arguments]
        decisive = bool(name == "or")
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    return None if length is None else bool(COMPARE[name](length, arguments[1]))


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tree=TREES)
def test_any_combination_finds_what_logic_says(
    rows: dict[str, Thing], client: Client, tree: dict[str, Any]
) -> None:
    expected = sorted(code for code, length in LENGTHS.items() if holds(tree, length))
    assert codes(client, json.dumps(tree), **{"filter-lang": "cql2-json"}) == expected
