"""Closed lists that others may know."""

from __future__ import annotations

from enum import StrEnum


class DutyKind(StrEnum):
    """What is owed."""

    UPDATE = "UPDATE"
    REPORT = "REPORT"
    PUBLISH = "PUBLISH"
    FAULT = "FAULT"


class Recurrence(StrEnum):
    """How often a duty comes back; the days are kept beside it."""

    YEARLY = "YEARLY"
    MONTHLY = "MONTHLY"
    ONCE = "ONCE"


class Shift(StrEnum):
    """Where a due day goes that is no working day."""

    NONE = "NONE"
    BEFORE = "BEFORE"
    AFTER = "AFTER"


class TaskStatus(StrEnum):
    """From the day on which a task can be done to its end."""

    OPEN = "OPEN"
    SUBMITTED = "SUBMITTED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class Outcome(StrEnum):
    """How a task was done."""

    NO_CHANGE = "NO_CHANGE"
    CHANGED = "CHANGED"
    REPORTED = "REPORTED"


class Stage(StrEnum):
    """Where a change-set stands."""

    DRAFT = "DRAFT"
    CHECKING = "CHECKING"
    APPROVING = "APPROVING"
    APPLIED = "APPLIED"
    REVERSED = "REVERSED"
    WITHDRAWN = "WITHDRAWN"


class Slice(StrEnum):
    """By what a register is cut into data sets."""

    WHOLE = "WHOLE"
    OWNER = "OWNER"
    AREA = "AREA"
