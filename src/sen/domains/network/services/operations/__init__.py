"""What may be done to a road as a whole, each with a preview that is the act itself undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sen.domains.network.choices import OperationKind
from sen.domains.network.models import RoadOperation
from sen.domains.network.services.operations.alignment import extend_road, realign_road
from sen.domains.network.services.operations.cutting import join_roads, split_road
from sen.domains.network.services.operations.decisions import decide
from sen.domains.network.services.operations.naming import close_road, renumber_road, reverse_road
from sen.domains.network.services.operations.running import preview

OPERATIONS: Final[dict[OperationKind, Callable[..., RoadOperation]]] = {
    OperationKind.REALIGN: realign_road,
    OperationKind.EXTEND: extend_road,
    OperationKind.SPLIT: split_road,
    OperationKind.JOIN: join_roads,
    OperationKind.RENUMBER: renumber_road,
    OperationKind.REVERSE: reverse_road,
    OperationKind.CLOSE: close_road,
}

__all__ = [
    "OPERATIONS",
    "close_road",
    "decide",
    "extend_road",
    "join_roads",
    "preview",
    "realign_road",
    "renumber_road",
    "reverse_road",
    "split_road",
]
