"""Payloads of stations over time: the same seed, script and times give the same bytes.

Units:
    Times are seconds since 1970 (UTC); payloads carry microseconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from sen.demo.simulator.events import Event
from sen.demo.simulator.physics import Floats, Span, Times, chance

#: Most observations of a payload: what was kept during an outage goes in pieces.
MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Channel:
    """A stream and the model of its values."""

    code: str
    tail: str
    model: Callable[[Times], Floats]


@dataclass(slots=True)
class Station:
    """An instrumented place: one device that sends all its streams together every ``step_s``.

    ``number`` is the device's in topics, where its code may hold signs that a topic may not.
    """

    code: str
    name: str
    device: str
    number: int
    channels: tuple[Channel, ...]
    step_s: float
    span: Span | None = None
    events: list[Event] = field(default_factory=list)

    def values(self, channel: Channel, at: Times) -> Floats:
        found = channel.model(at)
        for event in self.events:
            found = event.change(channel.tail, at, found, self.span)
        return np.round(found, 3)

    def is_silent(self, at: Times) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Where the network is away."""
        found = np.zeros(len(at), bool)
        for event in self.events:
            found |= event.silences(at) > 0.0
        return found


@dataclass(frozen=True, slots=True)
class Message:
    """A payload that a station sends at ``due_s``; ``count`` observations."""

    due_s: float
    station: Station
    payload: bytes
    count: int


def messages(
    stations: Sequence[Station],
    *,
    begin_s: float,
    end_s: float,
    seed: int = 0,
    together: int = 1,
) -> Iterator[Message]:
    """What all stations send in the order of time, ``together`` moments in one payload.

    Each station has its own moment within its step, so that they do not all speak at once.
    """
    shifts = chance(seed + 97, np.arange(len(stations), dtype=np.int64))
    queue: list[tuple[float, int, int]] = []
    kept: dict[int, list[Times]] = {}
    for place, station in enumerate(stations):
        shift = round(float(shifts[place]) * station.step_s, 3)
        first = int(np.ceil((begin_s - shift) / station.step_s))
        heapq.heappush(queue, (_due(station, shift, first, together), place, first))
    while queue:
        _due_s, place, first = heapq.heappop(queue)
        station = stations[place]
        shift = round(float(shifts[place]) * station.step_s, 3)
        at: Times = np.arange(first, first + together, dtype=np.float64) * station.step_s
        at = np.round(at + shift, 3)
        at = at[at < end_s]
        if len(at) == 0:
            continue
        yield from _speak(station, at, kept.setdefault(place, []))
        following = first + together
        heapq.heappush(queue, (_due(station, shift, following, together), place, following))


def _due(station: Station, shift: float, first: int, together: int) -> float:
    return (first + together - 1) * station.step_s + shift


def _speak(station: Station, at: Times, kept: list[Times]) -> Iterator[Message]:
    """What is measured is sent, or kept while the network is away and sent when it is back."""
    silent = station.is_silent(at)
    if silent.any():
        kept.append(at[silent])
        at = at[~silent]
    if len(at) == 0:
        return
    due = float(at[-1])
    late = np.concatenate(kept) if kept and not silent[-1] else np.zeros(0)
    if len(late):
        kept.clear()
    each = max(1, MOST // max(len(station.channels), 1))
    for times in (late, at):
        for start in range(0, len(times), each):
            yield _message(station, due, times[start : start + each])


def _message(station: Station, due_s: float, at: Times) -> Message:
    times_us = np.round(at * 1e6).astype(np.int64)
    channels = station.channels
    document = {
        "streams": [channel.code for channel in channels for _ in range(len(at))],
        "times": np.tile(times_us, len(channels)).tolist(),
        "values": np.concatenate([station.values(c, at) for c in channels]).tolist(),
    }
    payload = msgspec.json.encode(document)
    return Message(due_s, station, payload, len(at) * len(channels))
