"""The simulator: the same seed gives the same payloads, and events leave their marks on values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sen.demo.simulator.events import Event, ScriptError, read_event
from sen.demo.simulator.physics import DAY_S, HOUR_S, Span, water_level
from sen.demo.simulator.playing import Channel, Message, Station, messages

BEGIN_S = 1_790_000_000.0  # September 2026


def bridge(*events: Event, seed: int = 5, step_s: float = 60.0, number: int = 7) -> Station:
    span = Span(seed, 12_000.0, 0.1, 5.0, 0.2, 4.2, 0.15)
    models = {
        "DV": span.deflection,
        "TT": span.load,
        "VN": span.crack,
        "TS": span.frequency,
        "NG": span.tilt,
        "LU": span.settlement,
        "XO": span.scour,
        "MN": lambda at: water_level(seed, at, upstream_km=80.0),
    }
    code = f"QT-{number}"
    channels = tuple(Channel(f"{code}-{tail}", tail, model) for tail, model in models.items())
    staged = [replace(event, begin_s=BEGIN_S + event.after_s) for event in events]
    return Station(code, "Cầu", f"BT-{number}", number, channels, step_s, span, staged)


def spoken(
    *stations: Station, hours: float = 6.0, seed: int = 0, together: int = 1
) -> list[Message]:
    end_s = BEGIN_S + hours * HOUR_S
    return list(messages(stations, begin_s=BEGIN_S, end_s=end_s, seed=seed, together=together))


def rows(script: Sequence[Message], tail: str) -> dict[int, float]:
    """Values of a stream by time."""
    found: dict[int, float] = {}
    for message in script:
        told: dict[str, list[Any]] = json.loads(message.payload)
        for code, at, value in zip(told["streams"], told["times"], told["values"], strict=True):
            if code.endswith(tail):
                assert at not in found
                found[at] = value
    return found


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    def payloads(seed: int, together: int = 1) -> list[bytes]:
        stations = [bridge(seed=seed, number=n) for n in (1, 2)]
        return [m.payload for m in spoken(*stations, hours=1, seed=seed, together=together)]

    assert payloads(5) == payloads(5)
    assert payloads(5) != payloads(6)
    assert payloads(5, together=40) == payloads(5, together=40)


def test_how_many_moments_travel_together_changes_no_value() -> None:
    event = read_event("overload+20m")
    assert rows(spoken(bridge(event)), "DV") == rows(spoken(bridge(event), together=50), "DV")


def test_messages_come_in_the_order_of_time_and_stations_do_not_speak_at_once() -> None:
    script = spoken(*(bridge(number=n) for n in range(20)), hours=1)
    due = [message.due_s for message in script]
    assert due == sorted(due)
    assert len(script) == 20 * 60
    assert len(set(due)) > 19 * 60


def told(event: str, tail: str, *, hours: float, step_s: float = 60.0) -> tuple[Any, Any]:
    """A stream with the event and, at the same times, without it."""
    with_it = rows(spoken(bridge(read_event(event), step_s=step_s), hours=hours), tail)
    without = rows(spoken(bridge(step_s=step_s), hours=hours), tail)
    assert list(with_it) == list(without)
    return np.array(list(with_it.values())), np.array(list(without.values()))


def test_a_convoy_loads_the_bridge_and_is_gone_again() -> None:
    load, usual = told("overload+1h/10m", "TT", hours=3)
    assert (load - usual > 100).sum() == 10
    bent, straight = told("overload+1h/10m", "DV", hours=3)
    assert np.allclose((bent - straight)[bent != straight], 170.0 / 5.0, atol=0.002)


def test_what_settles_cracks_and_is_scoured_stays() -> None:
    sunk, even = told("settlement/28d", "LU", hours=30 * 24, step_s=HOUR_S)
    grown = sunk - even
    assert (np.diff(grown) > -0.002).all()
    assert grown[-1] == pytest.approx(42.0, abs=0.01)
    assert grown[14 * 24] == pytest.approx(21.0, abs=0.5)
    wide, narrow = told("crack+1h", "VN", hours=2)
    assert set(np.round(wide - narrow, 2)) == {0.0, 1.1}
    deep, shallow = told("scour/6d", "XO", hours=7 * 24, step_s=HOUR_S)
    flood, calm = told("scour/6d", "MN", hours=7 * 24, step_s=HOUR_S)
    assert (flood - calm).max() == pytest.approx(2.9, abs=0.05)
    assert abs(flood[-1] - calm[-1]) < 0.01
    assert deep[-1] - shallow[-1] == pytest.approx(3.4, abs=0.01)


def test_a_broken_sensor_stands_still_then_spikes_then_leaves_its_range() -> None:
    values, usual = told("broken/1h", "DV", hours=2)
    assert (values == 12.34).sum() == 24
    assert (values > 9_000).sum() == 18
    assert (values[:60] - usual[:60] > 80).sum() > 18
    assert (values[60:] == usual[60:]).all()


def test_what_was_measured_without_a_network_comes_later_and_whole() -> None:
    outage = read_event("outage+1h/30m")
    script = spoken(bridge(outage), hours=3)
    assert rows(script, "DV").keys() == rows(spoken(bridge(), hours=3), "DV").keys()
    quiet = [m for m in script if BEGIN_S + 3_600 <= m.due_s < BEGIN_S + 5_400]
    assert quiet == []
    after = next(m for m in script if m.due_s >= BEGIN_S + 5_400)
    assert after.count == 30 * len(bridge().channels)


def test_an_event_is_read_with_station_begin_and_duration() -> None:
    event = read_event("scour:QT-CAU-ĐT.841-001+2h/3d")
    assert (event.station, event.after_s, event.lasts_s) == (
        "QT-CAU-ĐT.841-001",
        2 * HOUR_S,
        3 * DAY_S,
    )
    for wrong in ("flood", "scour+2", "scour:", "crack/0m", "crack+1w"):
        with pytest.raises(ScriptError):
            read_event(wrong)
