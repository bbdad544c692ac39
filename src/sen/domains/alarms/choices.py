"""Closed lists of alarms, and how an alarm goes from one state to the next."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Severity(IntEnum):
    """How grave; the levels of a structure's design are warning, alarm and action."""

    ADVISORY = 1
    WARNING = 2
    DANGER = 3
    EMERGENCY = 4


class RuleKind(StrEnum):
    """What a rule looks at."""

    THRESHOLD = "THRESHOLD"
    RATE = "RATE"
    PATTERN = "PATTERN"
    RELATION = "RELATION"
    DRIFT = "DRIFT"
    MISSING = "MISSING"
    FLAT = "FLAT"
    SPIKE = "SPIKE"
    RANGE = "RANGE"
    COMPOUND = "COMPOUND"
    CHANGE = "CHANGE"
    NEIGHBOUR = "NEIGHBOUR"


#: Kinds that are judged at night on rollups, not on the stream.
NIGHTLY: Final = frozenset({RuleKind.CHANGE, RuleKind.NEIGHBOUR})


class Concern(StrEnum):
    """What is suspected when a rule fires."""

    STRUCTURE = "STRUCTURE"
    SENSOR = "SENSOR"
    TRAFFIC = "TRAFFIC"
    ENVIRONMENT = "ENVIRONMENT"


class Direction(StrEnum):
    ABOVE = "ABOVE"
    BELOW = "BELOW"
    BOTH = "BOTH"


class RuleStatus(StrEnum):
    DRAFT = "DRAFT"
    IN_FORCE = "IN_FORCE"
    RETIRED = "RETIRED"


class State(StrEnum):
    """Where an alarm stands."""

    RAISED = "RAISED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    SHELVED = "SHELVED"
    ESCALATED = "ESCALATED"
    CLEARED = "CLEARED"
    CLOSED = "CLOSED"


class Act(StrEnum):
    """What is done to an alarm, by a person or by the process."""

    RAISE = "RAISE"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    SHELVE = "SHELVE"
    UNSHELVE = "UNSHELVE"
    ESCALATE = "ESCALATE"
    CLEAR = "CLEAR"
    CLOSE = "CLOSE"
    NOTE = "NOTE"


#: Where each act leads from each state; what is not listed is refused. A condition that comes
#: back raises its open alarm anew instead of making another.
#: Source: ANSI/ISA-18.2-2016, 10: alarm states and their changes.
TRANSITIONS: Final[dict[tuple[State, Act], State]] = {
    (State.RAISED, Act.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.RAISED, Act.SHELVE): State.SHELVED,
    (State.RAISED, Act.ESCALATE): State.ESCALATED,
    (State.RAISED, Act.CLEAR): State.CLEARED,
    (State.RAISED, Act.RAISE): State.RAISED,
    (State.ESCALATED, Act.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.ESCALATED, Act.SHELVE): State.SHELVED,
    (State.ESCALATED, Act.ESCALATE): State.ESCALATED,
    (State.ESCALATED, Act.CLEAR): State.CLEARED,
    (State.ESCALATED, Act.RAISE): State.ESCALATED,
    (State.ACKNOWLEDGED, Act.SHELVE): State.SHELVED,
    (State.ACKNOWLEDGED, Act.CLEAR): State.CLEARED,
    (State.ACKNOWLEDGED, Act.RAISE): State.RAISED,
    (State.SHELVED, Act.UNSHELVE): State.RAISED,
    (State.SHELVED, Act.CLEAR): State.CLEARED,
    (State.SHELVED, Act.RAISE): State.SHELVED,
    (State.CLEARED, Act.ACKNOWLEDGE): State.CLEARED,
    (State.CLEARED, Act.RAISE): State.RAISED,
    (State.CLEARED, Act.CLOSE): State.CLOSED,
}

#: States in which the condition still holds or nobody has looked at it yet.
OPEN: Final = (State.RAISED, State.ESCALATED, State.ACKNOWLEDGED, State.SHELVED, State.CLEARED)
ACTIVE: Final = (State.RAISED, State.ESCALATED, State.ACKNOWLEDGED, State.SHELVED)
