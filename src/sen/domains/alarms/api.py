"""What other domains may ask of `alarms`."""

from __future__ import annotations

from sen.domains.alarms.models import Alarm, ConcernChoices, Rule, SeverityChoices
from sen.domains.alarms.selectors import (
    active_alarms,
    alarms_of,
    entries_of,
    info_of,
    on_duty,
    open_alarms,
    people_on_duty,
    rosters_for,
    statistics,
)
from sen.domains.alarms.services import (
    acknowledge_alarm,
    close_alarm,
    create_roster,
    create_rule,
    create_shift,
    create_step,
    enforce_rule,
    note_alarm,
    note_finding,
)

__all__ = [
    "Alarm",
    "ConcernChoices",
    "Rule",
    "SeverityChoices",
    "acknowledge_alarm",
    "active_alarms",
    "alarms_of",
    "close_alarm",
    "create_roster",
    "create_rule",
    "create_shift",
    "create_step",
    "enforce_rule",
    "entries_of",
    "info_of",
    "note_alarm",
    "note_finding",
    "on_duty",
    "open_alarms",
    "people_on_duty",
    "rosters_for",
    "statistics",
]
