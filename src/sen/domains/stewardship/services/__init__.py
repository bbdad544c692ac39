"""Use cases of the domain."""

from __future__ import annotations

from sen.domains.stewardship.services.changesets import (
    begin_set,
    drop_item,
    keep_proposals,
    renew_item,
    update_set,
)
from sen.domains.stewardship.services.datasets import (
    create_data_set,
    create_obligation,
    lay_out_data_sets,
    update_data_set,
    update_obligation,
)
from sen.domains.stewardship.services.deciding import (
    ItemsRefusedError,
    approve_set,
    check_set,
    comment_on_set,
    note_problems,
    refuse_approving,
    refuse_checking,
    submit_set,
    take_back,
    url_of,
    withdraw_set,
)
from sen.domains.stewardship.services.reminding import send_reminders, task_url
from sen.domains.stewardship.services.reversing import reverse_set
from sen.domains.stewardship.services.tasks import (
    assign_task,
    attach_set,
    bulk_record_done,
    cancel_task,
    confirm_task,
    hand_over_fault,
    make_tasks,
)

__all__ = [
    "ItemsRefusedError",
    "approve_set",
    "assign_task",
    "attach_set",
    "begin_set",
    "bulk_record_done",
    "cancel_task",
    "check_set",
    "comment_on_set",
    "confirm_task",
    "create_data_set",
    "create_obligation",
    "drop_item",
    "hand_over_fault",
    "keep_proposals",
    "lay_out_data_sets",
    "make_tasks",
    "note_problems",
    "refuse_approving",
    "refuse_checking",
    "renew_item",
    "reverse_set",
    "send_reminders",
    "submit_set",
    "take_back",
    "task_url",
    "update_data_set",
    "update_obligation",
    "update_set",
    "url_of",
    "withdraw_set",
]
