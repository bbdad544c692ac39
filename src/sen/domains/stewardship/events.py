"""What others may hear of."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ChangeSetSubmitted(Event):
    """A change-set waits for its check."""

    type = "vn.dongthap.sen.stewardship.changeset.submitted.v1"
    change_set_id: int
    code: str
    item_count: int


@dataclass(frozen=True, kw_only=True)
class ChangeSetApplied(Event):
    """A change-set was approved; its changes are in the records now."""

    type = "vn.dongthap.sen.stewardship.changeset.applied.v1"
    change_set_id: int
    code: str
    registers: tuple[str, ...]
    item_count: int


@dataclass(frozen=True, kw_only=True)
class UpdateTaskDone(Event):
    """A unit did what it owed."""

    type = "vn.dongthap.sen.stewardship.task.done.v1"
    task_id: int
    obligation: str
    outcome: str
    on_time: bool
