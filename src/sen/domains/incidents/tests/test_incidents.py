"""From an alarm to an incident, through its playbook, to the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.alarms import api as alarms
from sen.domains.alarms.data import Finding
from sen.domains.assets import api as assets
from sen.domains.incidents import services
from sen.domains.incidents.models import Incident, IncidentTask, Playbook
from sen.domains.incidents.rules import read_steps, write_steps
from sen.domains.incidents.selectors import entries_of, incidents_of_asset
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import put_node
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.events.relay import deliver_pending
from sen.kernel.notices.models import Notice
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.house import official

STEPS = "Cấm xe trên cầu | Đội tuần đường | 15\nKiểm tra dầm | Phòng kỹ thuật | 120\nBáo cáo"
ACTS = ("alarms.alarm.*", "incidents.incident.*", "incidents.task.*", "assets.asset.view")


def operator(user: User | None = None) -> Actor:
    return official(*ACTS, "incidents.playbook.*", "network.road.view", user=user)


@dataclass
class Bridge:
    """A bridge of a department in a place."""

    org: Organisation
    area: Area
    asset: Any


@pytest.fixture
def bridge(db: None) -> Bridge:
    with as_system("set up") as house:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        ward = places.put_unit(
            actor=house, code="82001", name="Sa Đéc", kind=UnitKind.WARD, area=area, owner_org=org
        )
        ward.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.8, 10.4)), srid=4326)
        ward.save()
        asset = assets.create_asset(
            actor=house,
            type="bridge",
            code="C1",
            name="Cầu Cái Tàu",
            owner_org=org,
            geom=Point(105.6, 10.3, srid=4326),
            attributes={"length_m": 40},
        )
    return Bridge(org, area, asset)


@pytest.fixture
def alarm(bridge: Bridge) -> alarms.Alarm:
    """A raised alarm whose rule names a playbook of three steps."""
    with as_system("set up") as house:
        services.create_playbook(
            actor=house,
            code="KB-CAU",
            name="Võng vượt ngưỡng",
            kind="STRUCTURE",
            steps=STEPS,
            owner_org=bridge.org,
            area=bridge.area,
        )
        rule = alarms.create_rule(
            actor=house,
            code="CAU",
            name="Nghi ngờ kết cấu",
            kind="COMPOUND",
            definition={"levels": [{"severity": 2}], "members": ["A", "B"]},
            playbook_code="KB-CAU",
            owner_org=bridge.org,
            area=bridge.area,
        )
        alarms.enforce_rule(actor=house, row=rule)
        finding = Finding(
            rule_id=rule.pk,
            datastream_id=None,
            asset_id=bridge.asset.pk,
            at=timezone.now(),
            before=0,
            after=2,
            signal=2.0,
            value=2.0,
            peak=2.0,
        )
        made = alarms.note_finding(actor=house, finding=finding)
        assert made is not None
        return alarms.Alarm.objects.select_related("rule").get(pk=made.pk)


def one(row: Incident) -> Incident:
    with as_system("look"):
        return Incident.objects.get(pk=row.pk)


def test_one_click_takes_the_alarm_and_lays_out_the_playbook(alarm: alarms.Alarm) -> None:
    with acting_as(operator()) as actor:
        row = services.open_from_alarm(actor=actor, alarm=alarm)
        tasks = list(IncidentTask.objects.visible_to(actor).order_by("number"))
        again = alarms.Alarm.objects.visible_to(actor).get(pk=alarm.pk)
        with pytest.raises(ConflictError):
            services.open_from_alarm(actor=actor, alarm=again)
    assert again.state == "ACKNOWLEDGED"
    assert (row.kind, row.severity, row.source, row.asset_id) == (
        "STRUCTURE", 2, "ALARM", alarm.asset_id,
    )  # fmt: skip
    assert [(t.number, t.title, t.role) for t in tasks] == [
        (1, "Cấm xe trên cầu", "Đội tuần đường"),
        (2, "Kiểm tra dầm", "Phòng kỹ thuật"),
        (3, "Báo cáo", ""),
    ]
    due = tasks[0].due_at
    assert due is not None
    assert timedelta(minutes=14) < due - timezone.now() <= timedelta(minutes=15)
    assert tasks[2].due_at is None


def test_it_closes_with_a_report_when_everything_is_done(alarm: alarms.Alarm) -> None:
    with acting_as(operator()) as actor:
        row = services.open_from_alarm(actor=actor, alarm=alarm)
        services.start_incident(actor=actor, row=row)
        services.affect(actor=actor, row=one(row), code="c1")
        services.contain_incident(actor=actor, row=one(row))
        said: dict[str, Any] = {"cause": "Xe quá tải", "result": "Đã hạ tải"}
        with pytest.raises(InvalidInputError):
            services.close_incident(actor=actor, row=one(row), cause="", result="")
        with pytest.raises(ConflictError):
            services.close_incident(actor=actor, row=one(row), **said)
        first, second, third = IncidentTask.objects.visible_to(actor).order_by("number")
        services.finish_task(actor=actor, row=first, note="Đã đặt rào")
        services.finish_task(actor=actor, row=second)
        services.update_task(actor=actor, row=third, version=None, is_dropped=True)
        assert list(incidents_of_asset(actor, alarm.asset_id or 0)) == [row]
        services.close_incident(actor=actor, row=one(row), **said)
        texts = list(entries_of(row).values_list("text", flat=True))
        assert list(incidents_of_asset(actor, alarm.asset_id or 0)) == []
    assert one(row).state == "CLOSED"
    assert texts == [
        "Ghi nhận sự cố.",
        "Bắt đầu xử lý.",
        "Bị ảnh hưởng: Cầu Cái Tàu",
        "Đã khống chế.",
        "Xong: Cấm xe trên cầu",
        "Xong: Kiểm tra dầm",
        "Kết thúc sự cố.",
    ]


def test_a_reported_incident_needs_a_place(bridge: Bridge) -> None:
    with acting_as(operator()) as actor:
        said: dict[str, Any] = {"title": "Sạt mái taluy", "kind": "LANDSLIDE"}
        with pytest.raises(InvalidInputError) as caught:
            services.report_incident(
                actor=actor, **said, started_at=None, owner_org=bridge.org, area=bridge.area
            )
        assert "road" in caught.value.fields
        row = services.report_incident(
            actor=actor,
            **said,
            started_at=None,
            asset=bridge.asset,
            owner_org=bridge.org,
            area=bridge.area,
        )
    assert row.geom is not None
    assert row.code == f"SC-{timezone.localdate().year}-00001"


def test_who_is_given_a_task_is_told(alarm: alarms.Alarm, bridge: Bridge) -> None:
    with as_system("set up"):
        person = User.objects.create_user("to-truong", full_name="Tổ trưởng")
    with acting_as(operator()) as actor:
        row = services.open_from_alarm(actor=actor, alarm=alarm)
        services.add_task(actor=actor, incident=row, title="Đo lại độ võng", assignee=person)
    deliver_pending()
    assert Notice.objects.filter(user=person, title="Đo lại độ võng").exists()


def test_a_changed_playbook_is_its_next_revision(alarm: alarms.Alarm) -> None:
    with acting_as(operator()) as actor:
        row = services.open_from_alarm(actor=actor, alarm=alarm)
        old = Playbook.objects.visible_to(actor).get(code="KB-CAU")
        fresh = services.update_playbook(
            actor=actor, row=old, version=None, name=old.name, kind=old.kind, steps="Đo lại"
        )
        with pytest.raises(InvalidInputError):
            services.update_playbook(
                actor=actor, row=fresh, version=None, name="x", kind=old.kind, steps="a | b | c"
            )
    assert (fresh.revision, fresh.steps[0]["text"]) == (2, "Đo lại")
    assert one(row).playbook_id == old.pk


WORD = st.sampled_from(["Đo lại", "Cấm xe, chờ lệnh", "a", "0", "Báo cáo: kết quả (nếu có)"])


@given(
    steps=st.lists(
        st.fixed_dictionaries(
            {
                "text": WORD,
                "role": st.one_of(st.just(""), WORD),
                "within_min": st.one_of(st.none(), st.integers(1, 9999)),
            }
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_steps_are_read_as_they_are_written(steps: list[dict[str, Any]]) -> None:
    assert read_steps(write_steps(steps)) == steps


def test_pages_of_an_incident(
    alarm: alarms.Alarm, make_account: MakeAccount, sign_in: Callable[[User], Client]
) -> None:
    """The alarm's page opens it; the incident's page and its report show what is known."""
    person = make_account(*ACTS, "incidents.playbook.view", "alarms.rule.view")
    client = sign_in(person)
    page = client.get(f"/ql/alarms/alarms/{alarm.pk}/").content.decode()
    assert "Lập sự cố từ cảnh báo này" in page
    assert "Cấm xe trên cầu" in page
    place = client.post(f"/ql/incidents/tu-canh-bao/{alarm.pk}/")["Location"]
    shown = client.get(place).content.decode()
    assert "Bắt đầu xử lý" in shown
    assert "Kiểm tra dầm" in shown
    paper = place.replace("incidents/incidents", "incidents/su-co")
    report = client.get(f"{paper}bao-cao/").content.decode()
    assert "BÁO CÁO XỬ LÝ SỰ CỐ" in report
    assert "chưa kết thúc" in report
