"""Ids of observations: ``<stream>-<microseconds>``, the natural key written down."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_KEY: Final = re.compile(r"(\d{1,9})-(-?\d{1,17})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(microseconds_since: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds_since)


def observation_key(text: str) -> tuple[int, datetime] | None:
    """Stream and moment of an id; None when it is none."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    try:
        return int(match[1]), moment_of(int(match[2]))
    except OverflowError:
        return None
