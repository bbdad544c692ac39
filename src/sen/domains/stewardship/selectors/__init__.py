"""Reading of the domain."""

from __future__ import annotations

from sen.domains.stewardship.selectors.changes import (
    ShownItem,
    items_of,
    open_sets_of,
    pending_for,
)
from sen.domains.stewardship.selectors.work import (
    Board,
    board,
    data_sets_for,
    month_of,
    punctuality,
    unit_ids,
)

__all__ = [
    "Board",
    "ShownItem",
    "board",
    "data_sets_for",
    "items_of",
    "month_of",
    "open_sets_of",
    "pending_for",
    "punctuality",
    "unit_ids",
]
