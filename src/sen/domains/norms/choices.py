"""Kinds of rules, how sure the house is of them, and the stages of their changes."""

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


class DraftAct(StrEnum):
    """What a draft does to the rules of a document."""

    AMEND = "AMEND"
    REPLACE = "REPLACE"
    CORRECT = "CORRECT"


class DraftStatus(StrEnum):
    EDITING = "EDITING"
    REVIEW = "REVIEW"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"
