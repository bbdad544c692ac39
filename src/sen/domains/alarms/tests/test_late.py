"""Late observations: what would have fired is told once, what does not hold is cleared."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.alarms.models import Alarm, AlarmEntry, RuleMemory
from sen.domains.alarms.runner.process import WRITER, RulesProcess
from sen.domains.alarms.tests.conftest import START_US, US, Bridge
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.context import as_system

Run = Callable[..., RulesProcess]


def stored(*batches: telemetry.Batch) -> tuple[telemetry.Batch, ...]:
    """What the writer would have done with the same messages."""
    for batch in batches:
        telemetry.put(batch)
    return batches


def look(life: RulesProcess) -> None:
    """The next look of the process, the store being where the process is."""
    with as_system("the writer") as _house:
        before, _at = telemetry.place_of(WRITER)
        telemetry.move_place(WRITER, before, life.seq)
    life._look()


def alarms() -> list[Alarm]:
    with as_system("look at what was raised"):
        return list(Alarm.objects.order_by("id"))


def test_what_came_late_is_told_once_and_marked(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    life = judge(*stored(bridge.batch(10, 10, at_s=0), bridge.batch(10, at_s=100)))
    assert alarms() == []
    life = judge(*stored(bridge.batch(25, 26, 10, at_s=50)))
    assert alarms() == []
    look(life)
    (alarm,) = alarms()
    assert (alarm.state, alarm.is_late, alarm.value, alarm.peak) == ("CLEARED", True, 25.0, 26.0)
    assert alarm.first_at.timestamp() == START_US / US + 50
    assert alarm.last_at.timestamp() == START_US / US + 52
    assert "đến muộn" in AlarmEntry.objects.filter(alarm=alarm).order_by("id")[0].text
    life = judge(*stored(bridge.batch(25, 26, 10, at_s=50)))
    look(life)
    (same,) = alarms()
    assert same.count == 1


def test_what_late_values_disprove_is_cleared(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG", d={"for_s": 60})
    life = judge(*stored(bridge.batch(25, at_s=0), bridge.batch(25, at_s=60)))
    (alarm,) = alarms()
    assert alarm.state == "RAISED"
    life = judge(*stored(bridge.batch(10, at_s=30)))
    look(life)
    (alarm,) = alarms()
    assert alarm.state == "CLEARED"
    judge(*stored(bridge.batch(25, at_s=130)))
    assert alarms()[0].state == "RAISED"


def test_late_values_beside_an_alarm_that_holds_belong_to_it(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    judge(*stored(bridge.batch(10, at_s=0), bridge.batch(25, at_s=9_000)))
    look(judge(*stored(bridge.batch(30, 10, at_s=100))))
    (alarm,) = alarms()
    assert (alarm.state, alarm.count, alarm.is_late) == ("RAISED", 2, True)
    assert alarm.first_at.timestamp() == START_US / US + 100


def test_the_store_is_waited_for_and_a_crash_forgets_nothing(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    judge(*stored(bridge.batch(10, at_s=0), bridge.batch(10, at_s=100)))
    late = bridge.batch(25, 10, at_s=50)
    life = judge(late)
    life._look()
    assert alarms() == []
    assert RuleMemory.objects.filter(rule_id=-1).exists()
    stored(late)
    look(judge())
    (alarm,) = alarms()
    assert alarm.is_late


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    values=st.lists(st.sampled_from([10.0, 25.0]), min_size=4, max_size=9),
    order=st.randoms(use_true_random=False),
)
def test_in_whatever_order_they_come_the_end_is_the_same(
    bridge: Bridge, judge: Run, values: list[float], order: object
) -> None:
    """After all is there, what holds at the end is what order of time would have told."""
    from django.db import transaction

    places = list(range(len(values)))
    order.shuffle(places)  # type: ignore[attr-defined]
    with transaction.atomic():
        bridge.rule("VONG")
        for place in places:
            look(judge(*stored(bridge.batch(values[place], at_s=10 * place))))
        held = [alarm for alarm in alarms() if alarm.state == "RAISED"]
        assert bool(held) == (values[-1] == 25.0)
        assert bool(alarms()) >= (25.0 in values)
        assert len(alarms()) <= 1
        transaction.set_rollback(True)
