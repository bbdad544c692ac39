"""What other domains may ask of `stewardship`."""

from __future__ import annotations

from sen.domains.stewardship.services import (
    approve_set,
    begin_set,
    bulk_record_done,
    check_set,
    confirm_task,
    create_obligation,
    hand_over_fault,
    keep_proposals,
    lay_out_data_sets,
    make_tasks,
    send_reminders,
    submit_set,
)

__all__ = [
    "approve_set",
    "begin_set",
    "bulk_record_done",
    "check_set",
    "confirm_task",
    "create_obligation",
    "hand_over_fault",
    "keep_proposals",
    "lay_out_data_sets",
    "make_tasks",
    "send_reminders",
    "submit_set",
]
