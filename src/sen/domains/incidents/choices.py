"""Closed lists of incidents, and how an incident goes from one state to the next."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What happened."""

    STRUCTURE = "STRUCTURE"
    TRAFFIC = "TRAFFIC"
    FLOOD = "FLOOD"
    LANDSLIDE = "LANDSLIDE"
    VESSEL = "VESSEL"
    OVERLOAD = "OVERLOAD"
    FIRE = "FIRE"
    DEVICE = "DEVICE"
    OTHER = "OTHER"


class Source(StrEnum):
    """How it became known."""

    ALARM = "ALARM"
    CALL = "CALL"
    REPORT = "REPORT"
    PATROL = "PATROL"


class State(StrEnum):
    """Where an incident stands."""

    REPORTED = "REPORTED"
    HANDLING = "HANDLING"
    CONTAINED = "CONTAINED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class Act(StrEnum):
    """What is done with an incident."""

    START = "START"
    CONTAIN = "CONTAIN"
    REOPEN = "REOPEN"
    CLOSE = "CLOSE"
    CANCEL = "CANCEL"


#: Where each act leads from each state; what is not listed is refused.
TRANSITIONS: Final[dict[tuple[State, Act], State]] = {
    (State.REPORTED, Act.START): State.HANDLING,
    (State.REPORTED, Act.CANCEL): State.CANCELLED,
    (State.HANDLING, Act.CONTAIN): State.CONTAINED,
    (State.HANDLING, Act.CANCEL): State.CANCELLED,
    (State.CONTAINED, Act.REOPEN): State.HANDLING,
    (State.CONTAINED, Act.CLOSE): State.CLOSED,
}

OPEN: Final = (State.REPORTED, State.HANDLING, State.CONTAINED)
