"""Closed lists of the operations centre."""

from __future__ import annotations

from enum import StrEnum


class Post(StrEnum):
    """For what somebody is on duty."""

    LEADER = "LEADER"
    OPERATOR = "OPERATOR"
    TECHNICIAN = "TECHNICIAN"


class EntryKind(StrEnum):
    """What an entry of the shift log tells."""

    EVENT = "EVENT"
    ORDER = "ORDER"
    REPORT = "REPORT"
    NOTE = "NOTE"
