"""What happens to alarms and rules, told to other domains and to live screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sen.kernel.events import Event
from sen.kernel.live.topics import declare_topic

declare_topic("alarms", resource="alarms.alarm", hz=4)


@dataclass(frozen=True, kw_only=True)
class AlarmRaised(Event):
    """A rule fired, fired again, or became graver. ``is_quiet``: one of a storm, nobody rings."""

    type = "vn.dongthap.sen.alarms.alarm.raised.v1"
    live_topic = "alarms"
    live_urgent = True
    alarm_id: int
    code: str
    title: str
    severity: int
    suspect: str
    asset_id: int | None
    datastream_id: int | None
    first_at: datetime
    is_quiet: bool


@dataclass(frozen=True, kw_only=True)
class AlarmChanged(Event):
    """Somebody did something with an alarm, or its condition went."""

    type = "vn.dongthap.sen.alarms.alarm.changed.v1"
    live_topic = "alarms"
    live_urgent = True
    alarm_id: int
    code: str
    act: str
    state: str
    severity: int


@dataclass(frozen=True, kw_only=True)
class AlarmEscalated(Event):
    """Nobody took an alarm in time; the people of a step are to be told."""

    type = "vn.dongthap.sen.alarms.alarm.escalated.v1"
    alarm_id: int
    code: str
    title: str
    severity: int
    step: int


@dataclass(frozen=True, kw_only=True)
class RuleChanged(Event):
    """A rule came into force or ceased."""

    type = "vn.dongthap.sen.alarms.rule.changed.v1"
    rule_id: int
    code: str
    revision: int
    status: str
