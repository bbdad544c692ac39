"""Judges batches in memory; what it remembers is written with the offset, all or nothing.

What a batch changes depends on what was remembered and on the batch alone. So after a crash the
process takes what was written last, judges the messages after it again, and comes to the same
findings: none is lost and none made twice.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import numpy as np

from sen.domains.alarms.data import Finding
from sen.domains.alarms.engine import machine
from sen.domains.alarms.engine.evaluate import Change, RuleState, feed, feed_one
from sen.domains.alarms.engine.machine import Times
from sen.domains.alarms.engine.spec import MICRO
from sen.domains.alarms.engine.tails import Tail
from sen.domains.alarms.runner.book import Book, Bound
from sen.domains.telemetry.api import Batch

#: The rule id under which the newest values of explaining streams are remembered.
TAILS: Final = 0
#: And that under which stretches wait that late observations touched.
LATE: Final = -1

Key = tuple[int, int]


class Judge:
    """The rules with all that they remember."""

    def __init__(self, book: Book, remembered: dict[Key, bytes], *, away_us: int = 0) -> None:
        """``away_us``: how long nobody listened; silence in that time says nothing."""
        self.book = book
        self.states: dict[Key, RuleState] = {}
        self.tails: dict[int, dict[str, Tail]] = defaultdict(dict)
        self.dirty: set[Key] = set()
        self.findings: list[Finding] = []
        #: First and last late observation of a stream since it was judged again.
        self.late: dict[int, tuple[int, int]] = {}
        #: Streams on which a rule fires, by rule code and asset; for compounds.
        self.firing: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
        self._due: list[tuple[int, int, int]] = []
        self._recall(remembered, away_us)

    def watch(self, now_us: int) -> None:
        """Begin to wait for streams that were never heard of."""
        for stream_id, bounds in self.book.silent.items():
            for bound in bounds:
                state = self._state(bound, stream_id)
                if not state.memory:
                    state.memory = [now_us]
                    self.dirty.add((bound.rule_id, stream_id))
                self._await(bound, stream_id, state)

    def take(self, batch: Batch) -> None:
        """Judge one message; its observations are put in order of stream and time."""
        ids = batch.stream_ids()
        at, values, flags = batch.times(), batch.numbers(), batch.flags()
        if len(ids) == 1:
            self._take_one(int(ids[0]), int(at[0]), float(values[0]), int(flags[0]), batch)
            return
        order = np.lexsort((at, ids))
        ids, at, values, flags = ids[order], at[order], values[order], flags[order]
        starts = np.flatnonzero(np.diff(ids, prepend=-1))
        ends = np.append(starts[1:], len(ids))
        parts = list(zip(ids[starts].tolist(), starts.tolist(), ends.tolist(), strict=True))
        for stream_id, begin, end in parts:
            if stream_id in self.book.explains:
                self._tail(stream_id).extend(at[begin:end], values[begin:end])
        for stream_id, begin, end in parts:
            self._heard(stream_id, batch.received_us)
            tails = self._tails_of(stream_id)
            for bound in self.book.judged.get(stream_id, ()):
                state = self._state(bound, stream_id)
                part = slice(begin, end)
                self._note_late(state, stream_id, at[part])
                changes = feed(bound.spec, state, at[part], values[part], flags[part], tails)
                self.dirty.add((bound.rule_id, stream_id))
                for change in changes:
                    self._found(bound, stream_id, change)
        for stream_id, _begin, _end in parts:
            if stream_id in self.book.explains:
                self._tail(stream_id).trim()

    def _take_one(self, stream_id: int, at: int, value: float, flag: int, batch: Batch) -> None:
        if stream_id in self.book.explains:
            tail = self._tail(stream_id)
            tail.extend(batch.times(), batch.numbers())
            tail.trim()
        self._heard(stream_id, batch.received_us)
        bounds = self.book.judged.get(stream_id)
        if not bounds:
            return
        tails = self._tails_of(stream_id)
        for bound in bounds:
            state = self._state(bound, stream_id)
            self._note_late(state, stream_id, batch.times())
            change = feed_one(bound.spec, state, at, value, flag, tails)
            self.dirty.add((bound.rule_id, stream_id))
            if change is not None:
                self._found(bound, stream_id, change)

    def tick(self, now_us: int) -> None:
        """Find the streams that have been silent for too long."""
        while self._due and self._due[0][0] <= now_us:
            _due, rule_id, stream_id = heapq.heappop(self._due)
            state = self.states.get((rule_id, stream_id))
            bound = next(
                (b for b in self.book.silent.get(stream_id, ()) if b.rule_id == rule_id), None
            )
            if state is None or bound is None:
                continue
            silence = state.peak = (now_us - state.memory[0]) / MICRO
            before = state.severity(bound.spec)
            for level, m in zip(bound.spec.levels, state.machines, strict=True):
                m[0] = bool(m[0]) or silence >= level.raise_at
            after = state.severity(bound.spec)
            if after != before:
                self.dirty.add((rule_id, stream_id))
                change = Change(now_us, before, after, silence, silence, silence)
                self._found(bound, stream_id, change)
            self._await(bound, stream_id, state)

    def settle(self, stream_id: int) -> tuple[int, int]:
        """Take the stretch of a stream that is judged again now."""
        self.dirty.add((LATE, stream_id))
        return self.late.pop(stream_id)

    def replace(self, bound: Bound, stream_id: int, state: RuleState) -> None:
        """Remember what was found with late observations in their places."""
        self.states[bound.rule_id, stream_id] = state
        self.dirty.add((bound.rule_id, stream_id))
        asset_id = self.book.streams[stream_id].asset_id
        if asset_id is not None:
            streams = self.firing[bound.code, asset_id]
            (streams.add if state.severity(bound.spec) else streams.discard)(stream_id)

    def _note_late(self, state: RuleState, stream_id: int, at: Times) -> None:
        """Remember what comes after newer observations were judged; it is looked at again."""
        if state.last == machine.NEVER or int(at[0]) > state.last:
            return
        late = at[at <= state.last]
        begin, end = self.late.get(stream_id, (int(late[0]), int(late[-1])))
        self.late[stream_id] = (min(begin, int(late[0])), max(end, int(late[-1])))
        self.dirty.add((LATE, stream_id))

    def everything(self) -> dict[Key, bytes]:
        """All that is remembered, for a judge with other rules."""
        tails = ((TAILS, s) for s in self.book.explains)
        return self.packed({*self.states, *tails, *((LATE, s) for s in self.late)})

    def packed(self, of: Iterable[Key] | None = None) -> dict[Key, bytes]:
        """What is to be written: what changed since, or the given keys."""
        found: dict[Key, bytes] = {}
        for key in tuple(self.dirty) if of is None else of:
            rule_id, target = key
            if rule_id == TAILS:
                found[key] = msgspec.msgpack.encode(self._tail(target).packed())
            elif rule_id == LATE:
                found[key] = msgspec.msgpack.encode(self.late.get(target, ()))
            else:
                found[key] = msgspec.msgpack.encode(self.states[key].packed())
        return found

    def _recall(self, remembered: dict[Key, bytes], away_us: int) -> None:
        for (rule_id, target), data in remembered.items():
            if not self._is_known((rule_id, target)):
                continue
            content = msgspec.msgpack.decode(data)
            self._remember(rule_id, target, content)
        for stream_id, bounds in self.book.judged.items():
            for bound in bounds:
                self._recall_firing(bound, stream_id)
        for stream_id, bounds in self.book.silent.items():
            for bound in bounds:
                state = self.states.get((bound.rule_id, stream_id))
                if state is not None:
                    state.memory[0] += away_us
                    self.dirty.add((bound.rule_id, stream_id))
                    self._recall_firing(bound, stream_id)
                    self._await(bound, stream_id, state)

    def _remember(self, rule_id: int, target: int, content: list[Any]) -> None:
        if rule_id == TAILS:
            asset_id, by = self.book.explains[target]
            self.tails[asset_id][by] = Tail(*content)
        elif rule_id == LATE:
            if content:
                self.late[target] = (content[0], content[1])
        else:
            self.states[rule_id, target] = RuleState.unpacked(content)

    def _recall_firing(self, bound: Bound, stream_id: int) -> None:
        state = self.states.get((bound.rule_id, stream_id))
        asset_id = self.book.streams[stream_id].asset_id
        if state is not None and asset_id is not None and state.severity(bound.spec):
            self.firing[bound.code, asset_id].add(stream_id)

    def _is_known(self, key: Key) -> bool:
        rule_id, target = key
        if rule_id == TAILS:
            return target in self.book.explains
        if rule_id == LATE:
            return target in self.book.judged
        return rule_id in self.book.rule_ids

    def _state(self, bound: Bound, target: int) -> RuleState:
        state = self.states.get((bound.rule_id, target))
        if state is None:
            state = self.states[bound.rule_id, target] = RuleState()
            state.machines = [machine.fresh() for _level in bound.spec.levels]
        return state

    def _tail(self, stream_id: int) -> Tail:
        asset_id, by = self.book.explains[stream_id]
        self.dirty.add((TAILS, stream_id))
        return self.tails[asset_id].setdefault(by, Tail())

    def _tails_of(self, stream_id: int) -> dict[str, Tail]:
        stream = self.book.streams.get(stream_id)
        if stream is None or stream.asset_id is None:
            return {}
        return self.tails.get(stream.asset_id, {})

    def _heard(self, stream_id: int, received_us: int) -> None:
        for bound in self.book.silent.get(stream_id, ()):
            state = self._state(bound, stream_id)
            before = state.severity(bound.spec)
            state.memory = [max(received_us, state.memory[0] if state.memory else 0)]
            self.dirty.add((bound.rule_id, stream_id))
            if before:
                silence = float(state.peak)
                for m in state.machines:
                    m[0] = False
                change = Change(received_us, before, 0, silence, silence, silence)
                self._found(bound, stream_id, change)
                self._await(bound, stream_id, state)

    def _await(self, bound: Bound, stream_id: int, state: RuleState) -> None:
        """Look again when the next level of silence would be reached."""
        for level, m in zip(bound.spec.levels, state.machines, strict=True):
            if not m[0]:
                due = state.memory[0] + int(level.raise_at * MICRO)
                heapq.heappush(self._due, (due, bound.rule_id, stream_id))
                return

    def _found(self, bound: Bound, stream_id: int, change: Change) -> None:
        asset_id = self.book.streams[stream_id].asset_id
        self._note(bound, stream_id, asset_id, change)
        if asset_id is None:
            return
        streams = self.firing[bound.code, asset_id]
        if change.after:
            streams.add(stream_id)
        else:
            streams.discard(stream_id)
        for compound in self.book.compounds.get(asset_id, ()):
            if bound.code in compound.spec.members:
                self._combine(compound, asset_id, change)

    def _combine(self, compound: Bound, asset_id: int, change: Change) -> None:
        state = self._state(compound, asset_id)
        held = [bool(self.firing[code, asset_id]) for code in compound.spec.members]
        is_on = all(held) if compound.spec.operator == "AND" else any(held)
        before = state.severity(compound.spec)
        for m in state.machines:
            m[0] = is_on
        after = state.severity(compound.spec)
        self.dirty.add((compound.rule_id, asset_id))
        if after != before:
            number = float(sum(held))
            self._note(
                compound, None, asset_id, Change(change.at, before, after, number, number, number)
            )

    def _note(
        self, bound: Bound, stream_id: int | None, asset_id: int | None, change: Change
    ) -> None:
        self.findings.append(
            Finding(
                rule_id=bound.rule_id,
                datastream_id=stream_id,
                asset_id=asset_id if stream_id is None else None,
                at=datetime.fromtimestamp(change.at / MICRO, UTC),
                before=change.before,
                after=change.after,
                signal=change.signal,
                value=change.value,
                peak=change.peak,
            )
        )
