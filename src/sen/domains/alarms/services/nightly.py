"""What is judged at night on rollups: lasting shifts, channels that left their neighbours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sen.domains.alarms.choices import ACTIVE, RuleKind
from sen.domains.alarms.data import Finding
from sen.domains.alarms.engine.spec import MICRO, Spec
from sen.domains.alarms.models import Alarm
from sen.domains.alarms.runner.book import Book, Bound, read_book
from sen.domains.alarms.services.judging import note_finding
from sen.domains.telemetry import api as telemetry
from sen.domains.telemetry.choices import Step
from sen.kernel.access.scope import Actor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: So much of the past is looked at.
WINDOW: Final = timedelta(days=60)
#: A shift that is found again a little earlier or later is the same one.
SAME: Final = timedelta(days=4)
#: A shift that somebody took and that is as old as this is the new level.
SETTLED: Final = timedelta(days=14)
_HOUR_US: Final = 3_600 * MICRO


def judge_past(
    *, actor: Actor, until: datetime, say: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Judge every stream that has a nightly rule; the house acts.

    Returns:
        How many streams were looked at, alarms raised and cleared.
    """
    book = read_book(actor)
    done = {"streams": 0, "raised": 0, "cleared": 0, "kept": 0}
    for number, (stream_id, bounds) in enumerate(sorted(book.nightly.items())):
        past = _Past(actor, book, stream_id, until)
        for bound in bounds:
            shift = _FINDERS[bound.spec.kind](past, bound.spec)
            done[_note(actor, bound, stream_id, shift, until)] += 1
        done["streams"] += 1
        if say is not None:
            say(number + 1, len(book.nightly))
    return done


class _Past:
    """Means of hours of a stream and of those beside it on its work.

    Shapes:
        ``at``, ``values`` and what :meth:`beside` gives: (n,), NaN where an hour lacks.
    """

    def __init__(self, actor: Actor, book: Book, stream_id: int, until: datetime) -> None:
        import numpy as np

        self._actor, self._stream_id, self._until = actor, stream_id, until
        begin_us = int((until - WINDOW).timestamp()) * MICRO // _HOUR_US * _HOUR_US
        count = int(WINDOW.total_seconds()) * MICRO // _HOUR_US + 1
        self.at: NDArray[np.int64] = begin_us + np.arange(count, dtype=np.int64) * _HOUR_US
        self.values = self._hours(stream_id)

    def beside(self, spec: Spec) -> dict[str, NDArray[np.float64]]:
        others = telemetry.siblings(self._actor, self._stream_id, spec.explained_by)
        return {code: self._hours(pk) for code, pk in others.items() if pk != self._stream_id}

    def _hours(self, stream_id: int) -> NDArray[np.float64]:
        import numpy as np

        found = np.full(len(self.at), np.nan)
        rows = telemetry.buckets(
            self._actor, stream_id, self._until - WINDOW, self._until, Step.HOUR
        )
        for row in rows:
            place = (int(row.at.timestamp()) * MICRO - int(self.at[0])) // _HOUR_US
            if row.mean is not None and 0 <= place < len(found):
                found[place] = row.mean
        return found


def _shift(past: _Past, spec: Spec) -> tuple[int, float] | None:
    from sen.domains.alarms.engine.nightly import find_shift

    found = find_shift(past.at, past.values, past.beside(spec))
    return None if found is None else (found.at, found.size)


def _neighbour(past: _Past, spec: Spec) -> tuple[int, float] | None:
    from sen.domains.alarms.engine.nightly import RECENT_DAYS, lost_neighbour

    found = lost_neighbour(past.at, past.values, past.beside(spec))
    if found is None:
        return None
    _name, before, now = found
    return int(past.at[-1]) - RECENT_DAYS * 24 * _HOUR_US, abs(before) - abs(now)


_FINDERS: Final = {RuleKind.CHANGE: _shift, RuleKind.NEIGHBOUR: _neighbour}


def _note(
    actor: Actor,
    bound: Bound,
    stream_id: int,
    found: tuple[int, float] | None,
    until: datetime,
) -> str:
    """Raise what is new, clear what is no more; the same shift is told once."""
    at_us, size = found or (0, 0.0)
    reached = [level for level in bound.spec.levels if abs(size) >= level.raise_at]
    severity = reached[-1].severity if reached else 0
    at = datetime.fromtimestamp(at_us / MICRO, UTC)
    rows = Alarm.objects.visible_to(actor).filter(rule__code=bound.code, datastream_id=stream_id)
    if severity and (bound.spec.kind is RuleKind.CHANGE):
        known = rows.filter(first_at__gte=at - SAME, first_at__lte=at + SAME).order_by("-id")
        same = known.first()
        if same is not None:
            if same.state not in ACTIVE or not _is_settled(same, until):
                return "kept"
            severity = 0
    held = rows.filter(state__in=ACTIVE).order_by("-id").first()
    if severity and held is not None and held.severity >= severity:
        return "kept"
    if not severity and held is None:
        return "kept"
    finding = Finding(
        rule_id=bound.rule_id,
        datastream_id=stream_id,
        asset_id=None,
        at=at if severity else until,
        before=held.severity if held is not None else 0,
        after=severity,
        signal=size,
        value=size,
        peak=size,
    )
    note_finding(actor=actor, finding=finding)
    return "raised" if severity else "cleared"


def _is_settled(alarm: Alarm, until: datetime) -> bool:
    return alarm.acknowledged_at is not None and until - alarm.first_at >= SETTLED
