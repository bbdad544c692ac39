"""Faults of the network's topology, and what may be done about each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sen.lib.errors import gettext_noop


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


class Manoeuvre(StrEnum):
    """What one does at a junction."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"
    STRAIGHT = "STRAIGHT"
    BACK = "BACK"


class TurnKind(StrEnum):
    """What a sign forbids or orders: QCVN 41, signs P.123, P.124, P.137, R.301."""

    NO_LEFT = "NO_LEFT"
    NO_RIGHT = "NO_RIGHT"
    NO_STRAIGHT = "NO_STRAIGHT"
    NO_U_TURN = "NO_U_TURN"
    ONLY_LEFT = "ONLY_LEFT"
    ONLY_RIGHT = "ONLY_RIGHT"
    ONLY_STRAIGHT = "ONLY_STRAIGHT"

    @property
    def manoeuvre(self) -> Manoeuvre:
        word = self.value.partition("_")[2]
        return Manoeuvre.BACK if word == "U_TURN" else Manoeuvre(word)

    @property
    def is_order(self) -> bool:
        """Whether everything but the turn is forbidden."""
        return self.value.startswith("ONLY")


class Heading(StrEnum):
    """Which way one drives along a road: as its chainage rises, or as it falls."""

    UP = "UP"
    DOWN = "DOWN"

    @property
    def other(self) -> Heading:
        return Heading.DOWN if self is Heading.UP else Heading.UP


class VehicleKind(StrEnum):
    MOTORCYCLE = "MOTORCYCLE"
    CAR = "CAR"
    BUS = "BUS"
    TRUCK = "TRUCK"
    TRACTOR = "TRACTOR"


VEHICLE_NAMES: Final = {
    VehicleKind.MOTORCYCLE.value: gettext_noop("Mô tô, xe máy"),
    VehicleKind.CAR.value: gettext_noop("Ô tô con"),
    VehicleKind.BUS.value: gettext_noop("Xe khách"),
    VehicleKind.TRUCK.value: gettext_noop("Xe tải"),
    VehicleKind.TRACTOR.value: gettext_noop("Xe đầu kéo, sơ mi rơ moóc"),
}


class FaultStatus(StrEnum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
