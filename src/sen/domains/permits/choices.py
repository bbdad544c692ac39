"""States of permits and what happens to them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    RECEIVED = "RECEIVED"
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    CLOSED = "CLOSED"


class Act(StrEnum):
    """What was done with a permit."""

    ISSUED = "ISSUED"
    REFUSED = "REFUSED"
    EXTENDED = "EXTENDED"
    INSPECTED = "INSPECTED"
    REVOKED = "REVOKED"
    HANDED_BACK = "HANDED_BACK"
    EXPIRED = "EXPIRED"


class Result(StrEnum):
    """What an inspection of the site found."""

    GOOD = "GOOD"
    TO_MEND = "TO_MEND"
    STOPPED = "STOPPED"


#: From which states an act is possible, and the state after it (None: it stays).
MOVES: Final[dict[Act, tuple[frozenset[Status], Status | None]]] = {
    Act.ISSUED: (frozenset({Status.RECEIVED}), Status.ISSUED),
    Act.REFUSED: (frozenset({Status.RECEIVED}), Status.REFUSED),
    Act.EXTENDED: (frozenset({Status.ISSUED, Status.EXPIRED}), Status.ISSUED),
    Act.INSPECTED: (frozenset({Status.ISSUED, Status.EXPIRED, Status.REVOKED}), None),
    Act.REVOKED: (frozenset({Status.ISSUED}), Status.REVOKED),
    Act.HANDED_BACK: (
        frozenset({Status.ISSUED, Status.EXPIRED, Status.REVOKED}),
        Status.CLOSED,
    ),
    Act.EXPIRED: (frozenset({Status.ISSUED}), Status.EXPIRED),
}
