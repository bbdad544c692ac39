from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.money import (
    MoneyError,
    Rounding,
    format_vnd,
    number_in_words,
    parse_vnd,
    round_vnd,
    share_of,
    split_vnd,
    vnd_in_words,
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (4, "bốn"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (55, "năm mươi lăm"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (105, "một trăm linh năm"),
        (110, "một trăm mười"),
        (115, "một trăm mười lăm"),
        (221, "hai trăm hai mươi mốt"),
        (1_000, "một nghìn"),
        (1_005, "một nghìn không trăm linh năm"),
        (1_050, "một nghìn không trăm năm mươi"),
        (21_000, "hai mươi mốt nghìn"),
        (1_000_005, "một triệu không trăm linh năm"),
        (1_005_000, "một triệu không trăm linh năm nghìn"),
        (
            1_234_567,
            "một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi bảy",
        ),
        (2_000_000_000, "hai tỷ"),
        (1_000_000_001, "một tỷ không trăm linh một"),
        (5_938_640_000_000, "năm nghìn chín trăm ba mươi tám tỷ sáu trăm bốn mươi triệu"),
        (10**18, "một tỷ tỷ"),
        (-15, "âm mười lăm"),
    ],
)
def test_words(number: int, words: str) -> None:
    assert number_in_words(number) == words


def test_southern_words() -> None:
    assert number_in_words(1_005, "south") == "một ngàn không trăm lẻ năm"


def test_receipt() -> None:
    assert vnd_in_words(1_200_000) == "Một triệu hai trăm nghìn đồng"
    assert vnd_in_words(0) == "Không đồng"


VALUES = {
    word: value
    for value, words in enumerate(
        ["không", "một mốt", "hai", "ba", "bốn tư", "năm lăm", "sáu", "bảy", "tám", "chín"]
    )
    for word in words.split()
}


def listen(words: str) -> int:
    """Understand words of a number under 10¹⁸ in another way than they are made."""
    total, billions, group = 0, 0, 0
    for word in words.split():
        if word in VALUES:
            group += VALUES[word]
        elif word == "mười":
            group += 10
        elif word == "mươi":
            group += group % 10 * 9
        elif word == "trăm":
            group *= 100
        elif word in {"nghìn", "triệu"}:
            total, group = total + group * {"nghìn": 1_000, "triệu": 1_000_000}[word], 0
        elif word == "tỷ":
            billions, total, group = total + group, 0, 0
        else:
            assert word == "linh"
    return billions * 10**9 + total + group


@given(st.one_of(st.integers(0, 10**18 - 1), st.integers(0, 10**6)))
def test_words_are_understood(number: int) -> None:
    assert listen(number_in_words(number)) == number


@given(st.integers(-(10**15), 10**15))
def test_amounts_come_back(amount: int) -> None:
    assert parse_vnd(format_vnd(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234.567 đ", 1_234_567),
        ("1,234,567 VND", 1_234_567),
        ("1 234 567 đồng", 1_234_567),
        ("1234567", 1_234_567),
        ("50.000đ", 50_000),
        ("50,000", 50_000),
        ("1,5 triệu", 1_500_000),
        ("1,500 triệu", 1_500_000),
        ("1.500 triệu", 1_500_000_000),
        ("2 tỷ đồng", 2_000_000_000),
        ("2,75 Tỉ", 2_750_000_000),
        ("15 ngàn", 15_000),
    ],
)
def test_reading(text: str, amount: int) -> None:
    assert parse_vnd(text) == amount


@pytest.mark.parametrize("text", ["", "đ", "12,5 đ", "mười đồng", "1.23.4", "5 USD"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(MoneyError, match="không phải là số tiền"):
        parse_vnd(text)


@pytest.mark.parametrize(
    ("amount", "unit", "rounding", "result"),
    [
        (Decimal("1499.5"), 1, "half_up", 1_500),
        (Decimal("-0.5"), 1, "half_up", -1),
        (1_499, 1_000, "half_up", 1_000),
        (1_500, 1_000, "half_up", 2_000),
        (1_999, 1_000, "down", 1_000),
        (1_001, 1_000, "up", 2_000),
        (-1_001, 1_000, "up", -2_000),
        (Fraction(1, 3), 1, "down", 0),
    ],
)
def test_rounding(
    amount: Decimal | Fraction | int, unit: int, rounding: Rounding, result: int
) -> None:
    assert round_vnd(amount, unit, rounding) == result


def test_shares() -> None:
    assert share_of(1_000_000, Decimal("0.08")) == 80_000
    assert share_of(333, Fraction(1, 2), "down") == 166
    with pytest.raises(ValueError, match="positive"):
        round_vnd(1, 0)


def test_splitting() -> None:
    assert split_vnd(100, [1, 1, 1]) == [34, 33, 33]
    assert split_vnd(-100, [1, 2]) == [-33, -67]
    assert split_vnd(5, [0, 1]) == [0, 5]
    for weights in ([], [0], [2, -1]):
        with pytest.raises(ValueError, match="weights"):
            split_vnd(1, weights)


@given(
    st.integers(-(10**15), 10**15),
    st.lists(st.integers(0, 10**6), min_size=1).filter(lambda weights: sum(weights) > 0),
)
def test_parts_add_up(amount: int, weights: list[int]) -> None:
    parts = split_vnd(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
