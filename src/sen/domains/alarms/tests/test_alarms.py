"""From observations to alarms, and what people do with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.alarms import services
from sen.domains.alarms.choices import TRANSITIONS, Act, State
from sen.domains.alarms.models import Alarm, AlarmEntry, AlarmGroup, Rule
from sen.domains.alarms.rules import FLOOD, next_state
from sen.domains.alarms.runner.judge import Judge
from sen.domains.alarms.runner.process import RulesProcess
from sen.domains.alarms.selectors import statistics
from sen.domains.alarms.tests.conftest import START_US, US, Bridge
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import User
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.events.models import OutboxEvent
from sen.kernel.events.relay import deliver_pending
from sen.kernel.notices.models import Notice
from sen.kernel.testing.house import official

Run = Callable[..., RulesProcess]


def alarms() -> list[Alarm]:
    with as_system("look at what was raised"):
        return list(Alarm.objects.select_related("rule").order_by("id"))


def only() -> Alarm:
    (alarm,) = alarms()
    return alarm


def operator(**more: object) -> object:
    acts = ("view", "acknowledge", "shelve", "escalate", "close")
    return official(*(f"alarms.alarm.{act}" for act in acts), **more)  # type: ignore[arg-type]


def test_over_the_threshold_is_one_alarm(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG", playbook_code="KB-1")
    judge(bridge.batch(10, 25, 26, 27), bridge.batch(28, at_s=10))
    alarm = only()
    assert (alarm.state, alarm.severity, alarm.value, alarm.level) == ("RAISED", 2, 25.0, 20.0)
    assert alarm.title == "Quy tắc VONG: Cầu Cái Tàu, Nhịp 2, dầm giữa"
    assert alarm.first_at.timestamp() == START_US / US + 1
    assert alarm.geom is not None
    assert alarm.geom.coords == (105.6, 10.3)
    raised = OutboxEvent.objects.get(type="vn.dongthap.sen.alarms.alarm.raised.v1")
    assert raised.envelope["data"]["alarm_id"] == alarm.pk


def test_what_was_not_written_is_judged_again_and_nothing_twice(bridge: Bridge, judge: Run) -> None:
    """A process that dies after judging and before writing leaves no trace."""
    bridge.rule("VONG", d={"for_s": 3})
    judge(bridge.batch(25, 25))
    judge(bridge.batch(10, at_s=2), write=False)
    assert alarms() == []
    judge(bridge.batch(25, 25, 25, at_s=2))
    assert only().first_at.timestamp() == START_US / US + 3
    judge(bridge.batch(25, 25, at_s=5))
    assert only().count == 1


def test_two_processes_do_not_judge_the_same(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    first, second = judge(write=False), judge(write=False)
    first.seq = second.seq = 5
    first.write()
    with pytest.raises(telemetry.PlaceTakenError):
        second.write()


def test_the_condition_goes_and_comes_back(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    judge(bridge.batch(25, 10))
    alarm = only()
    assert alarm.state == State.CLEARED
    assert alarm.peak == 25
    judge(bridge.batch(31, at_s=5))
    alarm = only()
    assert (alarm.state, alarm.count, alarm.value) == ("RAISED", 2, 31)
    acts = AlarmEntry.objects.filter(alarm=alarm).order_by("id").values_list("act", flat=True)
    assert list(acts) == ["RAISE", "CLEAR", "RAISE"]


def test_graver_than_acknowledged_rings_again(bridge: Bridge, judge: Run) -> None:
    levels = [{"severity": 2, "raise": 20}, {"severity": 4, "raise": 40}]
    bridge.rule("VONG", d={"levels": levels})
    judge(bridge.batch(25))
    with acting_as(operator()) as actor:  # type: ignore[arg-type]
        services.acknowledge_alarm(actor=actor, row=only())
    judge(bridge.batch(45, at_s=2))
    alarm = only()
    assert (alarm.state, alarm.severity, alarm.acknowledged_at) == ("RAISED", 4, None)


def test_silence_is_counted_only_while_somebody_listened(bridge: Bridge, judge: Run) -> None:
    levels = [{"severity": 1, "raise": 600}]
    bridge.rule("MAT", "MISSING", concern="SENSOR", d={"levels": levels})
    life = judge(bridge.batch(1))
    assert life.judge is not None
    heard_us = time.time_ns() // 1_000
    life.judge.tick(heard_us + 590 * US)
    assert life.judge.findings == []
    away = Judge(life.judge.book, life.judge.everything(), away_us=300 * US)
    away.tick(heard_us + 890 * US)
    assert away.findings == []
    life.judge.tick(heard_us + 601 * US)
    life.write()
    assert only().suspect == "SENSOR"
    judge(bridge.batch(1, at_s=700))
    assert only().state == State.CLEARED


def test_a_structure_on_a_faulty_instrument_suspects_the_instrument(
    bridge: Bridge, judge: Run
) -> None:
    bridge.rule("DUNGYEN", "FLAT", concern="SENSOR", d={"levels": [{"severity": 1, "raise": 3}]})
    bridge.rule("VONG", d={"for_s": 5})
    judge(bridge.batch(*[25.0] * 8))
    suspects = {alarm.rule.code: alarm.suspect for alarm in alarms()}
    assert suspects == {"DUNGYEN": "SENSOR", "VONG": "SENSOR"}


def test_rules_combine_on_a_work(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    bridge.rule("NONG", on="temperature", d={"levels": [{"severity": 1, "raise": 40}]})
    bridge.rule(
        "CA-HAI",
        "COMPOUND",
        asset_type="bridge",
        d={"levels": [{"severity": 3}], "members": ["VONG", "NONG"], "operator": "AND"},
    )
    judge(bridge.batch(25))
    assert [alarm.rule.code for alarm in alarms()] == ["VONG"]
    judge(bridge.batch(45, on="temperature"))
    assert {a.rule.code: a.severity for a in alarms()} == {"VONG": 2, "NONG": 1, "CA-HAI": 3}


def test_a_relation_uses_the_newest_value_of_the_other_stream(bridge: Bridge, judge: Run) -> None:
    model = {"intercept": 0, "references": [{"by": "temperature", "weight": 1.0}], "n": 500}
    bridge.rule("LECH", "RELATION", d={"model": model, "levels": [{"severity": 2, "raise": 5}]})
    judge(bridge.batch(30, on="temperature"), bridge.batch(33, at_s=1))
    assert alarms() == []
    judge(bridge.batch(36, at_s=2))
    assert only().value == pytest.approx(6)


def test_a_rule_of_one_stream_takes_the_place_of_the_general_one(
    bridge: Bridge, judge: Run
) -> None:
    bridge.rule("VONG")
    bridge.rule(
        "VONG-C1",
        datastream=bridge.streams["deflection"],
        replaces="VONG",
        d={"levels": [{"severity": 3, "raise": 50}]},
    )
    judge(bridge.batch(25))
    assert alarms() == []
    judge(bridge.batch(55, at_s=2))
    assert only().rule.code == "VONG-C1"


def test_a_new_revision_is_applied_without_a_new_start(bridge: Bridge, judge: Run) -> None:
    rule = bridge.rule("VONG")
    life = judge(bridge.batch(10))
    with as_system("revise") as house:
        draft = services.revise_rule(actor=house, row=rule)
        lower = {"levels": [{"severity": 1, "raise": 5}]}
        services.update_rule(actor=house, row=draft, version=None, definition=lower)
        services.enforce_rule(actor=house, row=draft)
    life._look()
    from sen.domains.telemetry.wire import encode

    life.turn([telemetry.Entry(2, "", encode(bridge.batch(10, at_s=2)), 0)])
    assert only().rule.revision == 2
    with as_system("the old one"):
        assert Rule.objects.get(pk=rule.pk).status == "RETIRED"


def test_many_alarms_of_a_work_are_a_storm_that_rings_once(bridge: Bridge, judge: Run) -> None:
    for number in range(FLOOD + 3):
        bridge.rule(f"R{number}", d={"levels": [{"severity": 2, "raise": 20 + number}]})
    judge(bridge.batch(99))
    with as_system("look"):
        group = AlarmGroup.objects.get()
    assert (group.count, group.is_storm) == (FLOOD + 3, True)
    assert [alarm.is_quiet for alarm in alarms()] == [False] * (FLOOD + 1) + [True] * 2


def test_nobody_answers_and_the_next_step_is_told(bridge: Bridge, judge: Run) -> None:
    with as_system("set up") as house:
        watch = User.objects.create_user("truc", full_name="Trực ban", organisation=bridge.org)
        chief = User.objects.create_user("sep", full_name="Lãnh đạo", organisation=bridge.org)
        roster = services.create_roster(
            actor=house, code="T", name="Trực cầu", owner_org=bridge.org, area=bridge.area
        )
        now = timezone.now()
        services.create_shift(
            actor=house, roster=roster, person=watch, begin_at=now - timedelta(hours=1),
            end_at=now + timedelta(hours=1),
        )  # fmt: skip
        services.create_step(
            actor=house, roster=roster, number=1, after_s=300, min_severity=1, person=chief
        )
    bridge.rule("VONG")
    judge(bridge.batch(25))
    deliver_pending()
    assert list(Notice.objects.values_list("user_id", flat=True)) == [watch.pk]
    with as_system("time goes") as house:
        assert services.run_due(actor=house, at=timezone.now()) == 0
        assert services.run_due(actor=house, at=timezone.now() + timedelta(seconds=301)) == 1
    deliver_pending()
    assert set(Notice.objects.values_list("user_id", flat=True)) == {watch.pk, chief.pk}
    assert only().state == State.ESCALATED


def test_acknowledge_clear_close_and_the_figures(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    judge(bridge.batch(25))
    with acting_as(operator()) as actor:  # type: ignore[arg-type]
        with pytest.raises(ConflictError):
            services.close_alarm(actor=actor, row=only())
        services.acknowledge_alarm(actor=actor, row=only(), note="Cử tổ đi kiểm tra")
        with pytest.raises(ConflictError):
            services.acknowledge_alarm(actor=actor, row=only())
    judge(bridge.batch(5, at_s=3))
    with acting_as(operator()) as actor:  # type: ignore[arg-type]
        services.close_alarm(actor=actor, row=only())
        figures = statistics(actor, since=timezone.now() - timedelta(hours=1))
    assert only().state == State.CLOSED
    assert (figures.raised, figures.acknowledged, figures.open) == (1, 1, 0)
    assert figures.mean_ack_s is not None
    judge(bridge.batch(25, at_s=9))
    assert [alarm.code[-6:] for alarm in alarms()] == ["000001", "000002"]


def test_shelved_alarms_come_back_in_time(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    judge(bridge.batch(25))
    now = timezone.now()
    with acting_as(operator()) as actor:  # type: ignore[arg-type]
        with pytest.raises(InvalidInputError):
            services.shelve_alarm(actor=actor, row=only(), until=now, reason="Thử tải")
        later = now + timedelta(hours=2)
        services.shelve_alarm(actor=actor, row=only(), until=later, reason="Thử tải")
    with as_system("time goes") as house:
        services.run_due(actor=house, at=now + timedelta(hours=1))
        assert only().state == State.SHELVED
        services.run_due(actor=house, at=now + timedelta(hours=3))
    assert only().state == State.RAISED


def test_in_a_window_of_shelving_nobody_is_rung(bridge: Bridge, judge: Run) -> None:
    bridge.rule("VONG")
    now = timezone.now()
    with as_system("set up") as house:
        services.create_shelving(
            actor=house, asset=bridge.asset, begin_at=now - timedelta(hours=1),
            end_at=now + timedelta(hours=1), reason="Thử tải cầu",
        )  # fmt: skip
    judge(bridge.batch(25))
    assert only().state == State.SHELVED
    assert not OutboxEvent.objects.filter(type="vn.dongthap.sen.alarms.alarm.raised.v1").exists()


@given(acts=st.lists(st.sampled_from(Act), max_size=12))
def test_every_way_through_the_states_ends_where_the_table_says(acts: list[Act]) -> None:
    """No way leads out of closed, and none closes an alarm whose condition holds."""
    state = State.RAISED
    for act in acts:
        after = next_state(state, act)
        if after is State.CLOSED:
            assert state is State.CLEARED
        state = after or state
        if state is State.CLOSED:
            assert all((state, other) not in TRANSITIONS for other in Act)
