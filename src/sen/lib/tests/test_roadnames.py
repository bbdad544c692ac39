from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.roadnames import (
    READABLE_ROAD_NUMBER_PATTERN,
    ROAD_NUMBER_PATTERN,
    RoadClass,
    RoadNumber,
    RoadNumberError,
    find_road_numbers,
    parse_road_number,
    road_class_of,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("ql1", "QL.1"),
        ("Quốc lộ 1A", "QL.1"),
        ("QL.1", "QL.1"),
        ("Quốc lộ số 30", "QL.30"),
        ("QL 91 b", "QL.91B"),
        ("tinh lo 848", "ĐT.848"),
        ("DT 848", "ĐT.848"),
        ("ĐT.848", "ĐT.848"),
        ("TL848", "ĐT.848"),
        ("Đường tỉnh 0841", "ĐT.841"),
        ("ct1", "CT.01"),
        ("Đường cao tốc 01", "CT.01"),
        ("ĐĐT.05", "ĐĐT.05"),
        ("đường xã 12", "ĐX.12"),
        ("Hương lộ 8", "ĐH.8"),
        ("ĐH-64C", "ĐH.64C"),
    ],
)
def test_what_people_type(text: str, number: str) -> None:
    assert str(parse_road_number(text)) == number


@pytest.mark.parametrize("text", ["", "30", "QL", "QL.30BC", "N2", "đường Nguyễn Huệ", "XQL.30"])
def test_what_is_no_road_number(text: str) -> None:
    with pytest.raises(RoadNumberError, match="không phải là số hiệu"):
        parse_road_number(text)
    with pytest.raises(RoadNumberError):
        RoadNumber("QT", "1")


@given(
    st.sampled_from(["QL", "ĐT", "ĐĐT", "ĐX", "ĐH"]),
    st.integers(2, 9999),
    st.sampled_from(["", "B", "K"]),
)
def test_official_numbers_stay(prefix: str, digits: int, suffix: str) -> None:
    number = f"{prefix}.{digits}{suffix}"
    assert re.match(READABLE_ROAD_NUMBER_PATTERN, number)
    parsed = parse_road_number(number)
    assert str(parsed) == number
    assert parsed.is_legacy == (not re.match(ROAD_NUMBER_PATTERN, number)) == (prefix == "ĐH")


def test_classes_and_order() -> None:
    assert road_class_of("QL.30") is RoadClass.NATIONAL
    assert road_class_of("ct 01") is RoadClass.EXPRESSWAY
    numbers = [parse_road_number(text) for text in ("ĐX.1", "ĐT.1000", "ĐT.841", "QL.30B", "QL.30")]
    ordered = [str(number) for number in sorted(numbers, key=lambda number: number.sort_key)]
    assert ordered == ["QL.30", "QL.30B", "ĐT.841", "ĐT.1000", "ĐX.1"]


def test_numbers_in_a_sentence() -> None:
    text = "Sửa chữa QL30 (Km12+500), nút giao ĐT.841/quốc lộ 30 và tỉnh lộ 844B; SQL 5"
    assert [str(number) for number in find_road_numbers(text)] == ["QL.30", "ĐT.841", "ĐT.844B"]
