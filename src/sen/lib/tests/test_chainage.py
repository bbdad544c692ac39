from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.chainage import (
    MAX_CHAINAGE_M,
    Calibration,
    Chainage,
    ChainageError,
    ChainageRange,
    KmPost,
    format_chainage,
    parse_chainage,
    parse_range,
)

MILLIMETRES = st.integers(0, int(MAX_CHAINAGE_M * 1000))


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("Km12+500", 12_500),
        ("Km 12+500.5", 12_500.5),
        ("km12+050", 12_050),
        ("12+500", 12_500),
        ("  KM12 +  500,25 m ", 12_500.25),
        ("Km0+000", 0),
        ("Km12", 12_000),
        ("Km12+5", 12_005),
        ("Km1999+999.9996", 2_000_000),
    ],
)
def test_parse(text: str, metres: float) -> None:
    assert parse_chainage(text).metres == metres


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Chưa nhập"),
        ("12", "chưa rõ"),
        ("Km12-500", "thiếu dấu cộng"),
        ("Km12.500", "thiếu dấu cộng"),
        ("Km12+1050", "nhỏ hơn 1000"),
        ("Km12345+100", "quá 4 chữ số"),
        ("QL.30", "không phải là lý trình"),
        ("-1+000", "không phải là lý trình"),
    ],
)
def test_errors_say_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(ChainageError, match=reason) as caught:
        parse_chainage(text)
    assert str(caught.value) == caught.value.template % caught.value.params


def test_errors_travel_between_processes() -> None:
    error = ChainageError("“%(text)s” sai", text="x")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.params) == (ChainageError, "“x” sai", {"text": "x"})


@pytest.mark.parametrize("metres", [-0.001, float("nan"), float("inf"), 10_000_000])
def test_impossible_values(metres: float) -> None:
    with pytest.raises(ChainageError, match="ngoài khoảng"):
        Chainage(metres)


@pytest.mark.parametrize(
    ("metres", "text"),
    [(12_050, "Km12+050"), (0, "Km0+000"), (7.25, "Km0+007.25"), (999.9996, "Km1+000")],
)
def test_format(metres: float, text: str) -> None:
    assert format_chainage(metres) == text


@given(MILLIMETRES)
def test_format_comes_back(millimetres: int) -> None:
    place = Chainage(millimetres / 1000)
    assert Chainage.parse(str(place)) == place
    assert place.km * 1000 + place.metre_part == pytest.approx(place.metres, abs=1e-6)


@given(MILLIMETRES, MILLIMETRES)
def test_order_is_the_order_of_metres(one: int, other: int) -> None:
    assert (Chainage(one / 1000) < Chainage(other / 1000)) == (one < other)


@pytest.mark.parametrize(
    "text",
    [
        "Km12+500–Km13+200",
        "Km12+500 - 13+200",
        "km12+500 đến Km13+200",
        "12+500÷13+200",
        "Km12+500 -> Km13+200",
    ],
)
def test_ranges(text: str) -> None:
    found = parse_range(text)
    assert str(found) == "Km12+500–Km13+200"
    assert found.length_m == 700
    assert found.contains(Chainage(13_200))
    assert not found.contains(Chainage(13_200.001))


def test_overlap_needs_more_than_an_end() -> None:
    one, two, three = (
        ChainageRange.parse(text) for text in ("Km1–Km2", "Km2–Km3", "Km1+999–Km2+001")
    )
    assert not one.overlaps(two)
    assert one.overlaps(three)
    assert three.overlaps(two)


def test_bad_ranges() -> None:
    with pytest.raises(ChainageError, match=r"Km12\+000 nhỏ hơn điểm đầu Km13\+000"):
        parse_range("Km13–Km12")
    with pytest.raises(ChainageError, match="không phải là đoạn"):
        parse_range("Km13")
    with pytest.raises(ChainageError, match="thiếu dấu cộng"):
        parse_range("Km13+000 đến Km13.5")


POSTS = [KmPost(12_000, 180), KmPost(13_000, 1_230, "H13"), KmPost(14_000, 2_180)]
ROUTE = Calibration(POSTS, 3_000)


@pytest.mark.parametrize(
    ("measure", "position"),
    [
        (12_000, 180),
        (12_500, 705),
        (13_000, 1_230),
        (13_500, 1_705),
        (14_800, 2_980),
        (11_900, 80),
        (11_820, 0),
        (14_820, 3_000),
    ],
)
def test_calibration_both_ways(measure: float, position: float) -> None:
    assert ROUTE.position_at(measure) == pytest.approx(position)
    assert ROUTE.measure_at(position) == pytest.approx(measure)


def test_ends_of_the_line() -> None:
    assert (ROUTE.start_m, ROUTE.end_m) == (11_820, 14_820)
    with pytest.raises(ChainageError, match=r"Km14\+821 nằm ngoài tuyến.*Km11\+820 đến Km14\+820"):
        ROUTE.position_at(14_821)
    with pytest.raises(ChainageError, match="ngoài tuyến"):
        ROUTE.position_at(-5)
    with pytest.raises(ChainageError, match=r"3000\.5 m nằm ngoài tuyến"):
        ROUTE.measure_at(3_000.5)
    assert ROUTE.position_at(14_820.000_5) == 3_000
    for nowhere in (float("nan"), float("-inf")):
        with pytest.raises(ChainageError, match="ngoài tuyến"):
            ROUTE.position_at(nowhere)
        with pytest.raises(ChainageError, match="ngoài tuyến"):
            ROUTE.measure_at(nowhere)


def test_line_without_posts() -> None:
    route = Calibration.uniform(500, start_m=2_000)
    assert route.position_at(2_250) == 250
    assert route.measure_at(500) == 2_500
    assert route.spans == ()


def test_doubtful_spans() -> None:
    route = Calibration([*POSTS, KmPost(15_000, 2_600)], 3_000)
    assert [str(span.end) for span in route.doubtful_spans()] == ["Km15+000"]
    assert [span.scale for span in ROUTE.spans] == [1.05, 0.95]


@pytest.mark.parametrize(
    ("posts", "reason"),
    [
        ([], "ít nhất một cọc"),
        ([KmPost(0, 0), KmPost(0, 10)], r"trùng lý trình: Km0\+000 \(0.0 m\), Km0\+000 \(10.0 m\)"),
        ([KmPost(0, 0), KmPost(1000, 3_001)], r"ngoài tuyến dài 3000\.0 m: Km1\+000"),
        (
            [KmPost(0, 0), KmPost(1_000, 2_000, "H1"), KmPost(2_000, 1_900, "H2")],
            r"không theo thứ tự dọc tuyến: H1 \(2000\.0 m\), H2 \(1900\.0 m\)",
        ),
        ([KmPost(0, 2_000), KmPost(1_000, 1_000), KmPost(2_000, 0)], "đảo chiều"),
    ],
)
def test_bad_posts_are_named(posts: list[KmPost], reason: str) -> None:
    with pytest.raises(ChainageError, match=reason):
        Calibration(posts, 3_000)


@st.composite
def routes(draw: st.DrawFn) -> Calibration:
    steps = draw(st.lists(st.tuples(st.integers(200, 1_500), st.integers(200, 1_500)), min_size=1))
    measure, position, posts = draw(st.integers(0, 50_000)), draw(st.integers(0, 900)), []
    for label, real in steps:
        measure, position = measure + label, position + real
        posts.append(KmPost(measure, position))
    shuffled = draw(st.permutations(posts))
    return Calibration(shuffled, position + draw(st.integers(0, 900)))


@given(routes(), st.floats(0, 1), st.floats(0, 1))
def test_calibration_inverts_and_keeps_the_order(
    route: Calibration, one: float, other: float
) -> None:
    first, second = sorted([one * route.length_m, other * route.length_m])
    assert route.position_at(route.measure_at(first)) == pytest.approx(first, abs=1e-6)
    assert route.measure_at(first) <= route.measure_at(second)
    assert route.start_m <= route.measure_at(first) <= route.end_m + 1e-6
