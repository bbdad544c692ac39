"""What happens to incidents, told to other domains and to live screens."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events import Event
from sen.kernel.live.topics import declare_topic

declare_topic("incidents", resource="incidents.incident", hz=2)


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(Event):
    """An incident was opened, by a person or out of an alarm."""

    type = "vn.dongthap.sen.incidents.incident.opened.v1"
    live_topic = "incidents"
    live_urgent = True
    incident_id: int
    code: str
    title: str
    kind: str
    severity: int
    alarm_id: int | None


@dataclass(frozen=True, kw_only=True)
class IncidentMoved(Event):
    """An incident went from one state to the next."""

    type = "vn.dongthap.sen.incidents.incident.moved.v1"
    live_topic = "incidents"
    live_urgent = True
    incident_id: int
    code: str
    from_state: str
    to_state: str


@dataclass(frozen=True, kw_only=True)
class TaskAssigned(Event):
    """Somebody was given a task of an incident."""

    type = "vn.dongthap.sen.incidents.task.assigned.v1"
    task_id: int
    incident_id: int
