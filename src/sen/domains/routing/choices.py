"""Faults of the network's topology, and what may be done about each."""

from __future__ import annotations

from enum import StrEnum


class FaultKind(StrEnum):
    """What is wrong where roads should meet.

    ``CROSSING``: two lines cross at the same level without a common vertex; the graph joins them,
    the lines do not say so.
    """

    DANGLING = "DANGLING"
    OVERSHOOT = "OVERSHOOT"
    CROSSING = "CROSSING"
    DUPLICATE = "DUPLICATE"
    ISOLATED = "ISOLATED"


class Repair(StrEnum):
    EXTEND = "EXTEND"
    CUT_BACK = "CUT_BACK"
    ADD_VERTEX = "ADD_VERTEX"
    MERGE = "MERGE"
    CONNECT = "CONNECT"


REPAIRS = {
    FaultKind.DANGLING: Repair.EXTEND,
    FaultKind.OVERSHOOT: Repair.CUT_BACK,
    FaultKind.CROSSING: Repair.ADD_VERTEX,
    FaultKind.DUPLICATE: Repair.MERGE,
    FaultKind.ISOLATED: Repair.CONNECT,
}


class FaultStatus(StrEnum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
