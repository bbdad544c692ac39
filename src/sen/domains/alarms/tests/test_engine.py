"""The rule engine: what fires when, and that batches and single observations agree."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.domains.alarms.engine.backtest import episodes
from sen.domains.alarms.engine.evaluate import Change, RuleState, _many, feed, feed_one
from sen.domains.alarms.engine.learning import learn
from sen.domains.alarms.engine.machine import fresh
from sen.domains.alarms.engine.nightly import find_shift
from sen.domains.alarms.engine.spec import MICRO, SpecError, parse
from sen.domains.alarms.engine.tails import Tail

LEVELS = [
    {"severity": 2, "raise": 20, "clear": 18},
    {"severity": 3, "raise": 30, "clear": 27},
]
SIX = [{"severity": 2, "raise": 6, "clear": 4}]
DEFINITIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "above": ("THRESHOLD", {"levels": LEVELS, "for_s": 3, "clear_for_s": 4, "gap_s": 9}),
    "below": (
        "THRESHOLD",
        {"direction": "BELOW", "levels": [{"severity": 1, "raise": -5, "clear": -2}], "for_s": 2},
    ),
    "both": ("THRESHOLD", {"direction": "BOTH", "levels": SIX, "clear_for_s": 2}),
    "rate": ("RATE", {"direction": "BOTH", "levels": SIX, "window_s": 7, "per_s": 5}),
    "flat": ("FLAT", {"levels": [{"severity": 1, "raise": 6, "clear": 1}], "epsilon": 2}),
    "spike": ("SPIKE", {"levels": SIX, "clear_for_s": 3}),
    "range": ("RANGE", {"levels": [{"severity": 1}], "low": -20, "high": 35, "for_s": 2}),
    "drift": ("DRIFT", {"direction": "BOTH", "levels": SIX, "warmup": 5}),
    "drift-known": ("DRIFT", {"levels": SIX, "mean": 3.0, "sigma": 4.0}),
    "relation": (
        "RELATION",
        {
            "direction": "BOTH",
            "levels": SIX,
            "max_age_s": 20,
            "model": {
                "intercept": 1.5,
                "hourly": [0.25 * h for h in range(24)],
                "sigma": 1.0,
                "references": [{"by": "T", "weight": 0.7, "center": 3.0}],
            },
        },
    ),
}
OBSERVATION = st.tuples(
    st.integers(-2, 5),
    st.one_of(st.integers(-40, 40).map(float), st.sampled_from([float("nan"), 25.5, 0.1])),
    st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4]),
)


def arrays(rows: list[tuple[int, float, int]]) -> tuple[Any, Any, Any]:
    steps = np.array([row[0] for row in rows], np.int64)
    at = (np.cumsum(steps) + 1_000) * MICRO
    return at, np.array([r[1] for r in rows]), np.array([r[2] for r in rows], np.uint8)


def seconds(changes: list[Change]) -> list[tuple[int, int, int]]:
    return [(c.at // MICRO, c.before, c.after) for c in changes]


def threshold(**more: Any) -> Any:
    return parse("THRESHOLD", {"levels": LEVELS, **more})


def fed(spec: Any, values: list[float], *, every_s: int = 1) -> list[tuple[int, int, int]]:
    at = np.arange(len(values), dtype=np.int64) * every_s * MICRO
    return seconds(feed(spec, RuleState(), at, np.array(values), np.zeros(len(values), np.uint8)))


@pytest.mark.parametrize("name", DEFINITIONS)
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(OBSERVATION, min_size=1, max_size=70), cuts=st.sets(st.integers(1, 69)))
def test_batches_and_single_observations_agree(
    name: str, rows: list[tuple[int, float, int]], cuts: set[int]
) -> None:
    """Late, unordered and unusable observations among them; states are the same to the bit."""
    spec = parse(*DEFINITIONS[name])
    at, v, q = arrays(rows)
    tails = {"T": Tail()}
    tails["T"].extend(np.sort(at), np.linspace(0, 9, len(at)))
    one, many, cut = RuleState(), RuleState(), RuleState()
    single = [
        change
        for moment, value, mark in zip(at.tolist(), v.tolist(), q.tolist(), strict=True)
        if (change := feed_one(spec, one, moment, value, mark, tails))
    ]
    many.machines = [fresh() for _level in spec.levels]
    assert _many(spec, many, at, v, q, tails) == single
    parts = np.split(np.arange(len(at)), sorted(c for c in cuts if c < len(at)))
    pieces = [c for p in parts for c in feed(spec, cut, at[p], v[p], q[p], tails)]
    assert pieces == single
    assert many.packed() == one.packed() == cut.packed()


def test_it_fires_when_the_condition_has_held_long_enough() -> None:
    values = [10.0, 21, 22, 10, 21, 22, 23, 24, 10]
    assert fed(threshold(for_s=3), values) == [(7, 0, 2), (8, 2, 0)]


def test_between_the_levels_nothing_changes() -> None:
    values = [21.0, 19, 19, 21, 17, 19, 19]
    assert fed(threshold(), values) == [(0, 0, 2), (4, 2, 0)]


def test_it_is_quiet_only_after_it_was_good_for_long_enough() -> None:
    values = [21.0, 10, 10, 19, 10, 10, 10, 10]
    assert fed(threshold(clear_for_s=3), values) == [(0, 0, 2), (7, 2, 0)]


def test_the_graver_level_is_told_and_goes_again() -> None:
    assert fed(threshold(), [21.0, 31, 26, 10]) == [(0, 0, 2), (1, 2, 3), (2, 3, 2), (3, 2, 0)]


def test_two_values_a_day_apart_prove_no_duration() -> None:
    assert fed(threshold(for_s=60), [21.0, 21], every_s=86_400) == [(86_400, 0, 2)]
    assert fed(threshold(for_s=60, gap_s=600), [21.0, 21], every_s=86_400) == []


def test_what_comes_late_is_counted_and_judges_nothing() -> None:
    state = RuleState()
    at = np.array([10, 11, 5], np.int64) * MICRO
    changes = feed(threshold(), state, at, np.array([1.0, 1, 99]), np.zeros(3, np.uint8))
    assert changes == []
    assert state.late == 1


def test_bad_values_drive_only_the_rule_that_looks_for_them() -> None:
    at, v = np.arange(4, dtype=np.int64) * MICRO, np.array([1.0, 99, 99, 1])
    q = np.array([0, 4, 2, 0], np.uint8)
    assert feed(threshold(), RuleState(), at, v, q) == []
    range_rule = parse("RANGE", {"levels": [{"severity": 1}]})
    assert seconds(feed(range_rule, RuleState(), at, v, q)) == [(1, 0, 1), (3, 1, 0)]


def test_drift_is_found_and_noise_is_not() -> None:
    noise = np.random.default_rng(7).normal(0, 1, 2_000)
    spec = parse("DRIFT", {"levels": [{"severity": 2, "raise": 40, "clear": 5}], "warmup": 300})
    assert fed(spec, noise.tolist()) == []
    creeping = noise + np.maximum(np.arange(2_000) - 1_000, 0) * 0.004
    ((at, before, after),) = fed(spec, creeping.tolist())
    assert 1_000 < at < 1_500
    assert (before, after) == (0, 2)


def test_temperature_and_the_hour_are_learned_and_taken_away() -> None:
    """A deflection that follows heat says nothing; a millimetre and a half beyond it does."""
    rng = np.random.default_rng(5)
    at = np.arange(30 * 144, dtype=np.int64) * 600 * MICRO
    hour = (at / MICRO / 3_600 + 7) % 24
    heat = 27 + 5 * np.sin((hour - 9) / 24 * 2 * np.pi) + rng.normal(0, 0.5, len(at))
    v = 12 + 0.8 * heat + np.where((hour > 6) & (hour < 9), 1.0, 0.0) + rng.normal(0, 0.1, len(at))
    tail = Tail()
    tail.extend(at, heat)
    model = learn(at, v, [("temperature", tail)], by_hour=True, max_age_us=3_600 * MICRO)
    assert model["references"][0]["weight"] == pytest.approx(0.8, abs=0.03)
    assert model["sigma"] == pytest.approx(0.1, abs=0.15)
    spec = parse(
        "RELATION",
        {"direction": "BOTH", "model": model, "levels": [{"severity": 2, "raise": 1.5}]},
    )
    q = np.zeros(len(at), np.uint8)
    assert episodes(spec, at, v, q, {"temperature": tail}) == []
    cracked = v.copy()
    cracked[3_000:] += 3
    (episode,) = episodes(spec, at, cracked, q, {"temperature": tail})
    assert episode.begin == at[3_000]
    assert episode.end is None


def test_a_year_of_minutes_is_back_tested_within_two_seconds() -> None:
    n = 525_600
    at = np.arange(n, dtype=np.int64) * 60 * MICRO
    v = 15 + 4 * np.sin(np.arange(n) / 1_440 * 2 * np.pi) + np.random.default_rng(1).normal(0, 1, n)
    v[300_000:300_030] += 20
    started = time.process_time()
    found = episodes(threshold(for_s=600, clear_for_s=600), at, v, np.zeros(n, np.uint8))
    assert time.process_time() - started < 2
    assert [(e.begin // MICRO // 60, e.severity) for e in found] == [(300_010, 3)]


def test_silences_of_the_past() -> None:
    spec = parse(
        "MISSING", {"levels": [{"severity": 1, "raise": 600}, {"severity": 2, "raise": 3600}]}
    )
    at = np.array([0, 60, 900, 960, 9_960], np.int64) * MICRO
    found = episodes(spec, at, np.zeros(5), np.zeros(5, np.uint8))
    assert [(e.begin // MICRO, e.severity) for e in found] == [(660, 1), (1_560, 2)]


@pytest.mark.parametrize(
    ("kind", "definition", "field"),
    [
        ("THRESHOLD", {}, "levels"),
        ("THRESHOLD", {"levels": [{"severity": 9, "raise": 1}]}, "levels"),
        ("THRESHOLD", {"levels": [{"severity": 1, "raise": 1, "clear": 2}]}, "levels"),
        ("THRESHOLD", {"levels": [LEVELS[0], {"severity": 3, "raise": 3, "clear": 1}]}, "levels"),
        ("THRESHOLD", {"levels": LEVELS, "for_s": -1}, "for_s"),
        ("THRESHOLD", {"levels": LEVELS, "direction": "UP"}, "direction"),
        ("COMPOUND", {"levels": [{"severity": 1}], "members": ["A"]}, "members"),
        ("NOTHING", {"levels": LEVELS}, "kind"),
    ],
)
def test_a_definition_that_cannot_be_a_rule(
    kind: str, definition: dict[str, Any], field: str
) -> None:
    with pytest.raises(SpecError) as caught:
        parse(kind, definition)
    assert caught.value.field == field


@pytest.mark.parametrize("hour", range(24))
def test_a_shift_is_found_whatever_the_hour_at_which_the_series_ends(hour: int) -> None:
    """The first and the last day have a few hours only."""
    n = 90 * 24 - 2
    chance = np.random.default_rng(1)
    heat = 28 + 5 * np.sin(2 * np.pi * np.arange(n) / 24) + np.cumsum(chance.normal(0, 0.1, n))
    values = 10 + 0.8 * heat + chance.normal(0, 0.6, n)
    values[-20 * 24 :] += 5.0
    last = (495_000 + hour) * 3_600_000_000
    at = last - np.arange(n, dtype=np.int64)[::-1] * 3_600_000_000
    found = find_shift(at, values, {"temperature": heat})
    assert found is not None
    assert found.size == pytest.approx(5.0, abs=0.5)
    assert (last - found.at) / 86_400e6 == pytest.approx(20, abs=0.3)
