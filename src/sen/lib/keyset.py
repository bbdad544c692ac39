"""Opaque cursors for keyset paging.

A cursor holds the sort values of the last row of a page. It is written so that it can stand in an
address; it is not secret and not signed, so whoever reads it checks the values like any other input
and never trusts them beyond a comparison.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias
from uuid import UUID

from sen.lib.errors import InputError, gettext_noop

CursorValue: TypeAlias = str | int | float | bool | Decimal | dt.datetime | dt.date | UUID | None
"""What rows are sorted by."""

MAX_CURSOR_LENGTH: Final = 2_000
_DECIMAL, _DATETIME, _DATE, _UUID = "n", "t", "d", "u"


class CursorError(InputError):
    """A cursor was not made by `encode_cursor` or does not fit the list."""


def _pack(value: CursorValue) -> object:
    """Turn a value into JSON; what JSON does not know becomes a pair of tag and text."""
    match value:
        case Decimal():
            return [_DECIMAL, str(value)]
        case dt.datetime():
            return [_DATETIME, value.isoformat()]
        case dt.date():
            return [_DATE, value.isoformat()]
        case UUID():
            return [_UUID, value.hex]
        case _:
            return value


def _unpack(item: object) -> CursorValue:
    """Turn JSON back into a value."""
    if item is None or isinstance(item, str | int | float | bool):
        return item
    match item:
        case [str(tag), str(text)] if tag == _DECIMAL:
            return Decimal(text)
        case [str(tag), str(text)] if tag == _DATETIME:
            return dt.datetime.fromisoformat(text)
        case [str(tag), str(text)] if tag == _DATE:
            return dt.date.fromisoformat(text)
        case [str(tag), str(text)] if tag == _UUID:
            return UUID(hex=text)
        case _:
            raise ValueError("unknown kind of value")


def encode_cursor(values: Sequence[CursorValue]) -> str:
    """Return the cursor of a row: letters, digits, ``-`` and ``_``.

    Raises:
        ValueError: A number is not finite, or the values are longer than a cursor may be.
    """
    packed = json.dumps(
        [_pack(value) for value in values],
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )
    cursor = base64.urlsafe_b64encode(packed.encode()).rstrip(b"=").decode("ascii")
    if len(cursor) > MAX_CURSOR_LENGTH:
        raise ValueError(f"cursor of {len(cursor)} characters")
    return cursor


def _no_constant(name: str) -> float:
    """Refuse NaN and Infinity, which JSON does not know but Python reads."""
    raise ValueError(name)


def decode_cursor(cursor: str, length: int | None = None) -> tuple[CursorValue, ...]:
    """Return the values of a cursor.

    Args:
        cursor: What came with the request.
        length: How many values the list sorts by.

    Raises:
        CursorError: The text is no cursor, or has another number of values.
    """
    try:
        if len(cursor) > MAX_CURSOR_LENGTH:
            raise ValueError("too long")
        raw = base64.b64decode(
            cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        )
        items = json.loads(raw.decode(), parse_constant=_no_constant)
        if not isinstance(items, list):
            raise TypeError("not a list")
        values = tuple(_unpack(item) for item in items)
    except (ValueError, TypeError, binascii.Error, InvalidOperation, RecursionError) as error:
        raise CursorError(
            gettext_noop("Vị trí trang “%(cursor)s” không đọc được. Hãy mở lại danh sách từ đầu."),
            cursor=cursor[:60],
        ) from error
    if length is not None and len(values) != length:
        raise CursorError(
            gettext_noop(
                "Vị trí trang không khớp với cách sắp xếp: có %(found)s giá trị, cần %(wanted)s. "
                "Hãy mở lại danh sách từ đầu."
            ),
            found=len(values),
            wanted=length,
        )
    return values
