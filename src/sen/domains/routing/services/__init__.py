"""What changes the graph, its faults and the turns that are allowed."""

from __future__ import annotations

from sen.domains.routing.services.following import TurnFollower, follow_calibration
from sen.domains.routing.services.graph import (
    changed_roads,
    judge_fault,
    mark_changed,
    rebuild,
)
from sen.domains.routing.services.turns import (
    create_turn,
    delete_turn,
    put_turns,
    update_turn,
)

__all__ = [
    "TurnFollower",
    "changed_roads",
    "create_turn",
    "delete_turn",
    "follow_calibration",
    "judge_fault",
    "mark_changed",
    "put_turns",
    "rebuild",
    "update_turn",
]
