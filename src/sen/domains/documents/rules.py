"""Pure rules of keeping documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sen.domains.documents.choices import SignatureState
from sen.domains.documents.data import PartState

#: What the rule of retention says instead of years.
PERMANENT: Final = "PERMANENT"
LIFE_OF_WORK: Final = "LIFE_OF_WORK"


def destruction_due(kept_from: date | None, said: object) -> date | None:
    """The last day on which a document must be kept; None: no day is known, or for ever.

    Years count from the end of the year in which the matter was closed. What is kept as long as
    the work stands has no day before the work is gone.
    """
    if kept_from is None or isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return date(kept_from.year + int(said), 12, 31)


#: From the worst to the best; the whole is as bad as its worst signature.
_WORST_FIRST: Final = (
    SignatureState.ALTERED,
    SignatureState.UNREADABLE,
    SignatureState.INVALID,
    SignatureState.UNKNOWN_ROOT,
    SignatureState.TRUSTED,
)


def overall(states: Iterable[str]) -> SignatureState:
    """What the signatures say together."""
    found = set(states)
    return next((state for state in _WORST_FIRST if state.value in found), SignatureState.NONE)


def part_states(
    offered: Sequence[tuple[str, str, str]],
    required: Iterable[str],
    counts: Mapping[str, int],
    waived: Mapping[str, str],
) -> tuple[PartState, ...]:
    """The state of every part: those offered (code, name, group) and whatever else is there."""
    needed = set(required)
    known = {code for code, _name, _group in offered}
    more = [(code, code, "") for code in counts if code not in known]
    return tuple(
        PartState(code, name, group, code in needed, counts.get(code, 0), waived.get(code, ""))
        for code, name, group in [*offered, *more]
    )
