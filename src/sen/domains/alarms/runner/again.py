"""Late observations: the stretch that they touch is judged again, from the store.

The store has everything in order of time, so a rule with a fresh memory that reads from a little
before the late observations comes to what it would have found had they been in time. What was not
told is told now and marked late; what does not hold any more is cleared.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import numpy as np

from sen.domains.alarms.choices import ACTIVE, RuleKind
from sen.domains.alarms.data import Finding
from sen.domains.alarms.engine.backtest import Episode, folded
from sen.domains.alarms.engine.evaluate import RuleState, feed
from sen.domains.alarms.engine.spec import MICRO, Spec
from sen.domains.alarms.engine.tails import Tail
from sen.domains.alarms.models import Alarm
from sen.domains.alarms.runner.book import Bound
from sen.domains.alarms.runner.judge import Judge
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.scope import Actor

#: A rule with an endless memory is not judged again; the nightly look finds what it missed.
ENDLESS: Final = frozenset({RuleKind.DRIFT})
#: Units: observations of one stretch.
MOST: Final = 100_000
_LEAST_US: Final = 3_600 * MICRO


def judge_again(house: Actor, judge: Judge, stream_id: int, *, is_whole: bool) -> None:
    """Judge the stretch of a stream that late observations touched; the judge keeps the findings.

    ``is_whole``: the store has all that the judge saw, so what it finds takes the place of what
    the judge remembers.
    """
    begin, end = judge.settle(stream_id)
    for bound in judge.book.judged.get(stream_id, ()):
        if bound.spec.kind not in ENDLESS:
            _again(house, judge, stream_id, bound, begin, end, is_whole)


def _again(
    house: Actor,
    judge: Judge,
    stream_id: int,
    bound: Bound,
    begin: int,
    end: int,
    is_whole: bool,
) -> None:
    live = judge.states.get((bound.rule_id, stream_id))
    if live is None:
        return
    reach = reach_of(bound.spec)
    rows = Alarm.objects.visible_to(house).filter(
        rule__code=bound.code, datastream_id=stream_id, last_at__gte=_at(begin - reach)
    ) | Alarm.objects.visible_to(house).filter(
        rule__code=bound.code, datastream_id=stream_id, state__in=ACTIVE
    )
    known = list(rows.order_by("first_at", "id"))
    active = [_us(alarm.first_at) for alarm in known if alarm.state in ACTIVE]
    start = min([begin, *active]) - 2 * reach
    read = telemetry.observations(house, stream_id, _at(start), _at(live.last + 1), limit=MOST)
    if not read:
        return
    is_whole = is_whole and len(read) < MOST
    state = RuleState()
    changes = feed(
        bound.spec,
        state,
        np.array([_us(row.at) for row in read], np.int64),
        np.array([np.nan if row.result is None else row.result for row in read], np.float64),
        np.array([int(row.quality) for row in read], np.uint8),
        _tails(house, stream_id, bound.spec, start, live.last),
    )
    found = folded(changes, state)
    touched = [e for e in found if e.begin <= end + reach and (e.end or live.last) >= begin]
    for episode in touched:
        if not any(_overlap(alarm, episode) for alarm in known) and (is_whole or episode.end):
            judge.findings.append(_finding(bound, stream_id, episode))
    if not is_whole:
        return
    for alarm in known:
        if (
            alarm.state in ACTIVE
            and _us(alarm.first_at) <= end + reach
            and not any(_overlap(alarm, episode) for episode in found)
        ):
            judge.findings.append(_gone(bound, stream_id, alarm, live.last))
    state.late = live.late
    judge.replace(bound, stream_id, state)


def reach_of(spec: Spec) -> int:
    """How far back an observation can matter to a rule.

    Units:
        microseconds.
    """
    found = spec.for_us + spec.clear_for_us + spec.gap_us
    if spec.kind is RuleKind.RATE:
        found += spec.window_us
    if spec.kind is RuleKind.FLAT:
        found += int(max(level.raise_at for level in spec.levels) * MICRO)
    if spec.model.references:
        found += spec.max_age_us
    return max(found, _LEAST_US)


def _tails(house: Actor, stream_id: int, spec: Spec, start: int, last: int) -> dict[str, Tail]:
    codes = [reference.by for reference in spec.model.references]
    found: dict[str, Tail] = {}
    for code, pk in telemetry.siblings(house, stream_id, codes).items():
        read = telemetry.observations(
            house, pk, _at(start - spec.max_age_us), _at(last + 1), limit=MOST
        )
        fit = [(_us(row.at), row.result) for row in read if row.result is not None]
        found[code] = Tail([at for at, _v in fit], [v for _at, v in fit])
    return found


def _overlap(alarm: Alarm, episode: Episode) -> bool:
    is_active = alarm.state in ACTIVE
    begins_before_end = episode.end is None or _us(alarm.first_at) <= episode.end
    return begins_before_end and (is_active or _us(alarm.last_at) >= episode.begin)


def _finding(bound: Bound, stream_id: int, episode: Episode) -> Finding:
    return Finding(
        rule_id=bound.rule_id,
        datastream_id=stream_id,
        asset_id=None,
        at=_at(episode.begin),
        before=0,
        after=episode.severity,
        signal=episode.value,
        value=episode.value,
        peak=episode.peak,
        is_late=True,
        ended_at=None if episode.end is None else _at(episode.end),
    )


def _gone(bound: Bound, stream_id: int, alarm: Alarm, at: int) -> Finding:
    return Finding(
        rule_id=bound.rule_id,
        datastream_id=stream_id,
        asset_id=None,
        at=_at(at),
        before=alarm.severity,
        after=0,
        signal=alarm.value,
        value=alarm.value,
        peak=alarm.peak,
        is_late=True,
    )


def due(judge: Judge, most: int) -> Iterable[int]:
    """Streams that wait to be judged again, in order, at most so many."""
    return sorted(judge.late)[:most]


def _at(us: int) -> datetime:
    return datetime.fromtimestamp(max(us, 0) / MICRO, UTC)


def _us(at: datetime) -> int:
    whole = int(at.replace(microsecond=0).timestamp())
    return whole * MICRO + at.microsecond
