from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.units import (
    NumberFormatError,
    decimal_mark_of,
    format_area,
    format_date,
    format_date_long,
    format_datetime,
    format_length,
    format_number,
    kmh_to_ms,
    kn_to_tonnes,
    knots_to_kmh,
    ms_to_kmh,
    number_readings,
    parse_date,
    parse_number,
    tonnes_to_kn,
)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_numbers_come_back(value: Decimal) -> None:
    assert parse_number(format_number(value), ",") == value


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.5, None, "1.234,5"),
        (1234, None, "1.234"),
        (Decimal("1234567.890"), None, "1.234.567,89"),
        (0.125, 2, "0,13"),
        (-0.001, 2, "0,00"),
        (5, 1, "5,0"),
        (1e-7, None, "0,0000001"),
        (Decimal("1E+3"), None, "1.000"),
    ],
)
def test_writing_numbers(value: float | Decimal, decimals: int | None, text: str) -> None:
    assert format_number(value, decimals) == text


def test_no_infinite_numbers() -> None:
    with pytest.raises(ValueError, match="finite"):
        format_number(float("inf"))


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1234", ["1234"]),
        ("1.234,5", ["1234.5"]),
        ("1,234.5", ["1234.5"]),
        ("1.234", ["1234", "1.234"]),
        ("1,234", ["1.234", "1234"]),
        ("0.125", ["0.125"]),
        ("12,5", ["12.5"]),
        ("1.234.567", ["1234567"]),
        ("1 234 567,5", ["1234567.5"]),
        ("1\u00a0234", ["1234"]),
        ("-1.234,5", ["-1234.5"]),
        ("\u22125", ["-5"]),
        ("1.23.456", []),
        ("1.234,5,6", []),
        ("1,23.5", []),
        ("12a", []),
        ("", []),
    ],
)
def test_readings(text: str, readings: list[str]) -> None:
    assert number_readings(text) == tuple(Decimal(reading) for reading in readings)


def test_known_mark_decides() -> None:
    assert parse_number("1.234") == 1234
    assert parse_number("1.234", ".") == Decimal("1.234")
    assert parse_number("1,234", ".") == 1234
    for text, mark in (("12,5", "."), ("12.5", ","), ("x", None)):
        with pytest.raises(NumberFormatError, match="không phải là số"):
            parse_number(text, "." if mark == "." else "," if mark else None)


def test_mark_of_a_column() -> None:
    assert decimal_mark_of(["1.234", "12,5", "7"]) == ","
    assert decimal_mark_of(["1,234", "12.5"]) == "."
    assert decimal_mark_of(["1.234.567", "1.234"]) == ","
    assert decimal_mark_of(["1,234,567"]) == "."
    assert decimal_mark_of(["1.234", "12"]) is None
    assert decimal_mark_of(["12.5", "12,5"]) is None


@pytest.mark.parametrize(
    ("length", "text"),
    [(0.456, "0,46 m"), (850, "850 m"), (12_345, "12,35 km"), (1_000, "1 km")],
)
def test_lengths(length: float, text: str) -> None:
    assert format_length(length) == text


@pytest.mark.parametrize(
    ("area", "text"),
    [(850, "850 m²"), (123_456, "12,35 ha"), (5_938_640_000, "5.938,64 km²")],
)
def test_areas(area: float, text: str) -> None:
    assert format_area(area) == text


def test_dates() -> None:
    assert format_date(dt.date(2026, 2, 5)) == "05/02/2026"
    assert format_date_long(dt.date(2026, 2, 5)) == "ngày 05 tháng 02 năm 2026"
    assert format_date_long(dt.date(2026, 3, 5)) == "ngày 05 tháng 3 năm 2026"
    assert format_date_long(dt.date(2026, 11, 23)) == "ngày 23 tháng 11 năm 2026"
    at = dt.datetime(2026, 11, 23, 14, 5, tzinfo=dt.UTC)
    assert format_datetime(at) == "14:05 23/11/2026"


@given(st.dates(dt.date(1000, 1, 1)))
def test_dates_come_back(day: dt.date) -> None:
    for text in (format_date(day), format_date_long(day), day.isoformat(), f"{day:%d-%m-%Y}"):
        assert parse_date(text) == day


def test_bad_dates() -> None:
    with pytest.raises(NumberFormatError, match="Không có ngày “31/11/2026”"):
        parse_date("31/11/2026")
    for text in ("", "11/2026", "23/11/26", "mai"):
        with pytest.raises(NumberFormatError, match="không phải là ngày"):
            parse_date(text)


def test_conversions() -> None:
    assert kmh_to_ms(90) == 25
    assert ms_to_kmh(25) == 90
    assert knots_to_kmh(10) == pytest.approx(18.52)
    assert kn_to_tonnes(tonnes_to_kn(10)) == pytest.approx(10)
    assert tonnes_to_kn(1) == pytest.approx(9.80665)
