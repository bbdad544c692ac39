"""Use cases of scanning and reading."""

from __future__ import annotations

from sen.domains.digitisation.services.batches import (
    accept_part,
    add_files,
    close_batch,
    create_batch,
    delete_batch,
    give_part_back,
    note_survey,
    queue_part,
    update_batch,
)
from sen.domains.digitisation.services.cutting import (
    cut_before,
    describe_part,
    join_with_previous,
    set_role,
    turn_sheet,
)
from sen.domains.digitisation.services.readings import (
    ask_for_reading,
    forget_document,
    keep_reading,
    note_failure,
    put_back,
    renew_head,
    take_waiting,
)

__all__ = [
    "accept_part",
    "add_files",
    "ask_for_reading",
    "close_batch",
    "create_batch",
    "cut_before",
    "delete_batch",
    "describe_part",
    "forget_document",
    "give_part_back",
    "join_with_previous",
    "keep_reading",
    "note_failure",
    "note_survey",
    "put_back",
    "queue_part",
    "renew_head",
    "set_role",
    "take_waiting",
    "turn_sheet",
    "update_batch",
]
