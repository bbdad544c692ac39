"""What other domains may ask of `incidents`."""

from __future__ import annotations

from sen.domains.incidents.models import Incident, IncidentTask
from sen.domains.incidents.selectors import (
    incident_of_alarm,
    incidents_of_asset,
    incidents_of_road,
    open_incidents,
)
from sen.domains.incidents.services import (
    close_incident,
    contain_incident,
    create_playbook,
    finish_task,
    open_from_alarm,
    report_incident,
    start_incident,
)

__all__ = [
    "Incident",
    "IncidentTask",
    "close_incident",
    "contain_incident",
    "create_playbook",
    "finish_task",
    "incident_of_alarm",
    "incidents_of_asset",
    "incidents_of_road",
    "open_from_alarm",
    "open_incidents",
    "report_incident",
    "start_incident",
]
