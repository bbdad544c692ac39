"""Use cases on incidents and playbooks."""

from sen.domains.incidents.services.handling import (
    add_task,
    affect,
    cancel_incident,
    close_incident,
    contain_incident,
    finish_task,
    note_incident,
    reopen_incident,
    start_incident,
    update_task,
)
from sen.domains.incidents.services.opening import (
    open_from_alarm,
    report_incident,
    update_incident,
)
from sen.domains.incidents.services.playbooks import create_playbook, update_playbook

__all__ = [
    "add_task",
    "affect",
    "cancel_incident",
    "close_incident",
    "contain_incident",
    "create_playbook",
    "finish_task",
    "note_incident",
    "open_from_alarm",
    "reopen_incident",
    "report_incident",
    "start_incident",
    "update_incident",
    "update_playbook",
    "update_task",
]
