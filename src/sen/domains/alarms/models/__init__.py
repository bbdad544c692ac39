"""Rules, alarms, and who is on duty."""

from sen.domains.alarms.models.alarms import Alarm, AlarmEntry, AlarmGroup, Shelving
from sen.domains.alarms.models.duty import DutyRoster, DutyShift, EscalationStep
from sen.domains.alarms.models.rules import (
    ConcernChoices,
    Rule,
    RuleMemory,
    SeverityChoices,
)

__all__ = [
    "Alarm",
    "AlarmEntry",
    "AlarmGroup",
    "ConcernChoices",
    "DutyRoster",
    "DutyShift",
    "EscalationStep",
    "Rule",
    "RuleMemory",
    "SeverityChoices",
    "Shelving",
]
