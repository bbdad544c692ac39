"""States and conditions that all kinds of assets share."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where an asset stands in its life."""

    UNDER_CONSTRUCTION = "UNDER_CONSTRUCTION"
    IN_USE = "IN_USE"
    CLOSED = "CLOSED"
    REMOVED = "REMOVED"


NOT_IN_USE: Final = (Status.UNDER_CONSTRUCTION, Status.CLOSED, Status.REMOVED)


class Condition(StrEnum):
    """How an asset was found; the best comes first."""

    GOOD = "GOOD"
    FAIR = "FAIR"
    POOR = "POOR"
    BAD = "BAD"


#: Conditions that ask for repair.
IN_NEED: Final = (Condition.POOR, Condition.BAD)


class LocatedBy(StrEnum):
    """What holds when the road is calibrated anew: the chainage, or the surveyed point."""

    CHAINAGE = "CHAINAGE"
    SURVEY = "SURVEY"
