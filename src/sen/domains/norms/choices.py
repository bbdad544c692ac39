"""Kinds of rules and how sure the house is of them."""

from __future__ import annotations

from enum import StrEnum


class Topic(StrEnum):
    LOADS = "LOADS"
    SPEED = "SPEED"
    CORRIDORS = "CORRIDORS"
    ROADS = "ROADS"
    ASSETS = "ASSETS"
    CALENDAR = "CALENDAR"
    DEADLINES = "DEADLINES"
    FINES = "FINES"
    FORMATS = "FORMATS"
    PLANNING = "PLANNING"


class Verification(StrEnum):
    """``UNVERIFIED`` rules work, but every page that uses one says «cần xác minh»."""

    VERIFIED = "VERIFIED"
    SECONDARY = "SECONDARY"
    UNVERIFIED = "UNVERIFIED"
