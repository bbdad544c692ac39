"""From a sensor to a decision: a value over its limit, by HTTP, becomes one alarm and one incident.

Broker, writer, door and rules run as processes; the rules are killed while observations come.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sen.domains.alarms import api as alarms
from sen.domains.incidents import api as incidents
from sen.domains.telemetry.tests.flowing import Flow, make_sender, running_flow, wait
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import system
from sen.kernel.testing.processes import database_of_its_own

pytestmark = pytest.mark.slow


@pytest.fixture
def flow(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[Flow]:
    with (
        django_db_blocker.unblock(),
        database_of_its_own("picture") as variables,
        running_flow(tmp_path, variables) as running,
    ):
        yield running


def raised() -> list[tuple[str, int]]:
    """Alarms as the house knows them: state and severity."""
    with as_system("look at alarms"):
        rows = alarms.Alarm.objects.unscoped("alarms of a test").order_by("id")
        return list(rows.values_list("state", "severity"))


def test_a_value_becomes_one_alarm_whatever_is_killed_and_an_incident_with_a_report(
    flow: Flow,
) -> None:
    sender = make_sender("CAU", streams=3)
    first = sender.streams[0]
    place: dict[str, Any] = {"owner_org": first.owner_org, "area": first.area}
    actor = system("set up a test")
    with acting_as(actor):
        incidents.create_playbook(
            actor=actor, code="KB", name="Võng", kind="STRUCTURE", steps="Báo cáo | Đội", **place
        )
        rule = alarms.create_rule(
            actor=actor,
            code="VONG",
            name="Độ võng vượt ngưỡng",
            kind="THRESHOLD",
            observed_property=first.observed_property,
            definition={"levels": [{"severity": 3, "raise": 30, "clear": 25}]},
            playbook_code="KB",
            **place,
        )
        alarms.enforce_rule(actor=actor, row=rule)

    def post(number: int, value: float) -> None:
        body = {"stream": sender.streams[number].code, "value": value}
        assert flow.post(body, auth=sender.basic)[0] == 201

    rules = flow.python("rules")
    try:
        post(0, 12.0)
        post(0, 41.0)
        wait(lambda: len(raised()) == 1, seconds=30)
        rules.kill()
        post(1, 52.0)  # nobody judges it now
        rules.start()
        wait(lambda: len(raised()) == 2, seconds=30)
        rules.kill()
        rules.start()
        post(2, 63.0)
        wait(lambda: len(raised()) == 3, seconds=30)
    finally:
        rules.end()
    assert [severity for _state, severity in raised()] == [3, 3, 3]

    with acting_as(actor):
        alarm = alarms.Alarm.objects.unscoped("alarms of a test").order_by("id")[0]
        alarms.acknowledge_alarm(actor=actor, row=alarm)
        row = incidents.open_from_alarm(actor=actor, alarm=alarm)
        row = incidents.start_incident(actor=actor, row=row)
        row = incidents.contain_incident(actor=actor, row=row)
        [task] = incidents.IncidentTask.objects.unscoped("the steps").filter(incident=row)
        incidents.finish_task(actor=actor, row=task)
        row = incidents.close_incident(actor=actor, row=row, cause="Quá tải", result="Đã hạ tải")
    assert row.state == "CLOSED"
    assert raised()[0][0] == "ACKNOWLEDGED"
