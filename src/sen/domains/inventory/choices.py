"""States of campaigns, visits and records."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class CampaignStatus(StrEnum):
    DRAFT = "DRAFT"
    RUNNING = "RUNNING"
    CLOSED = "CLOSED"


class VisitState(StrEnum):
    """Whether an asset of the list was seen, and whether what was recorded is taken over."""

    TODO = "TODO"
    RECORDED = "RECORDED"
    CONFLICT = "CONFLICT"
    ACCEPTED = "ACCEPTED"


class Outcome(StrEnum):
    """What somebody found on the spot."""

    FOUND = "FOUND"
    NOT_FOUND = "NOT_FOUND"
    NEW = "NEW"


class RecordState(StrEnum):
    """What became of a record: nothing is overwritten before somebody accepts it."""

    PENDING = "PENDING"
    CONFLICT = "CONFLICT"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    REPLACED = "REPLACED"


class ConflictReason(StrEnum):
    NONE = ""
    ASSET_CHANGED = "ASSET_CHANGED"
    TWO_RECORDS = "TWO_RECORDS"


#: Records that still count.
ALIVE: Final = (RecordState.PENDING, RecordState.CONFLICT, RecordState.ACCEPTED)
#: Fields of an asset that a record may change, beside its attributes.
PLAIN_FIELDS: Final = ("name", "condition", "opened_year")
