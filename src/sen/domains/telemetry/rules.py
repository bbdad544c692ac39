"""What is pure in telemetry: how fresh a value is, and when a calibration runs out."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

#: A value is late when so many of its intervals went by, and never sooner than ``LEAST_S``.
MISSED: Final = 3
LEAST_S: Final = 120
#: A calibration is said to run out so many days ahead.
EXPIRING_DAYS: Final = 30


class Freshness(StrEnum):
    """How new the newest value of a stream is."""

    NONE = "NONE"
    FRESH = "FRESH"
    LATE = "LATE"


def freshness(at: datetime | None, interval_s: int | None, now: datetime) -> Freshness:
    """Whether a value is as new as its stream promises; without an interval it is never late."""
    if at is None:
        return Freshness.NONE
    if interval_s is None:
        return Freshness.FRESH
    late_after = max(MISSED * interval_s, LEAST_S)
    return Freshness.LATE if (now - at).total_seconds() > late_after else Freshness.FRESH


def expires(valid_to: date | None, today: date) -> str:
    """``EXPIRED``, ``SOON`` or nothing."""
    if valid_to is None:
        return ""
    if valid_to < today:
        return "EXPIRED"
    return "SOON" if (valid_to - today).days <= EXPIRING_DAYS else ""
