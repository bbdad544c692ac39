from __future__ import annotations

import base64
import datetime as dt
import re
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.keyset import MAX_CURSOR_LENGTH, CursorError, CursorValue, decode_cursor, encode_cursor

VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.dates(),
    st.uuids(),
)


@given(st.lists(VALUES, max_size=5))
def test_cursors_come_back(values: list[CursorValue]) -> None:
    cursor = encode_cursor(values)
    again = decode_cursor(cursor, len(values))
    assert again == tuple(values)
    assert [type(value) for value in again] == [type(value) for value in values]
    assert re.fullmatch("[A-Za-z0-9_-]*", cursor)


@given(st.text(max_size=60))
def test_garbage_never_breaks(text: str) -> None:
    try:
        values = decode_cursor(text)
    except CursorError:
        return
    assert decode_cursor(encode_cursor(values)) == values


def raw(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "đ",
        "!!!!",
        raw("{}"),
        raw("[NaN]"),
        raw("[[]]"),
        raw('[["x","1"]]'),
        raw('[["n","1.2.3"]]'),
        raw('[["u","12"]]'),
        raw('[["d","2026-13-01"]]'),
        raw("[" * 700),
        "A" * (MAX_CURSOR_LENGTH + 1),
        encode_cursor(["Mỹ Tho", 7])[:-3],
    ],
)
def test_garbage_is_named(cursor: str) -> None:
    with pytest.raises(CursorError, match="không đọc được"):
        decode_cursor(cursor)


def test_number_of_values_is_checked() -> None:
    cursor = encode_cursor(["Mỹ Tho", 7])
    with pytest.raises(CursorError, match="có 2 giá trị, cần 3"):
        decode_cursor(cursor, 3)


def test_limits() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode_cursor([float("nan")])
    with pytest.raises(ValueError, match="cursor of"):
        encode_cursor(["x" * MAX_CURSOR_LENGTH])


def test_cursors_are_stable() -> None:
    values: list[CursorValue] = [
        "QL.30",
        Decimal("1.50"),
        UUID(int=7),
        dt.date(2026, 11, 23),
    ]
    assert encode_cursor(values) == encode_cursor(decode_cursor(encode_cursor(values)))
