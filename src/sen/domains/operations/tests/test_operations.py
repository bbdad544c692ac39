"""The board now and in the past, its tiles for others, screens, shifts, notes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from sen.domains.alarms import api as alarms
from sen.domains.incidents import api as incidents
from sen.domains.operations.models import ChartNote, Display, Shift, ShiftEntry
from sen.kernel.access.accounts.displays import COOKIE
from sen.kernel.access.actors import actor_for, forget_actors
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house
from sen.kernel.web.kpis import Goal, kpi, kpis
from sen.kernel.web.models import KpiSpan

pytestmark = pytest.mark.django_db
RIGHTS = ("operations.*.*", "guarded.thing.view")


@dataclass
class Scene:
    house: House
    user: User
    mate: User
    client: Client

    @property
    def actor(self) -> Actor:
        return actor_for(self.user)


@pytest.fixture
def scene(make_account: MakeAccount, sign_in: Callable[[User], Client]) -> Iterator[Scene]:
    cache.clear()
    house = build_house()

    @kpi(
        "test.things",
        title="Vật trong tầm",
        unit="vật",
        rules=(Thing.access,),
        goal=Goal(1, far=9),
        url="/ql/guarded/things/",
        owner="Phòng thử nghiệm",
    )
    def things(actor: Actor) -> int:
        return Thing.objects.visible_to(actor).count()

    user = make_account(*RIGHTS, organisation=house.roads)
    mate = make_account(*RIGHTS, organisation=house.roads)
    yield Scene(house, user, mate, sign_in(user))
    kpis.remove("test.things")
    cache.clear()


def test_a_tile_says_value_goal_owner_and_when_and_leads_to_the_list(scene: Scene) -> None:
    scene.house.thing("A", data_class=1)
    scene.house.thing("B", data_class=1)
    page = scene.client.get("/ioc/")
    text = page.content.decode()
    assert page.status_code == 200
    for said in ("Vật trong tầm", "Phòng thử nghiệm", "Chưa đạt", "≤ 1 vật", "đo "):
        assert said in text
    assert 'href="/ql/guarded/things/"' in text
    told = scene.client.get("/ioc/so-lieu.json").json()["figures"]
    mine = next(item for item in told if item["name"] == "test.things")
    assert (mine["value"], mine["standing"], mine["is_old"]) == (2, "Chưa đạt", False)


def test_the_screen_is_for_those_who_may_and_shows_their_scope(
    scene: Scene, make_account: MakeAccount, sign_in: Callable[[User], Client]
) -> None:
    scene.house.thing("A", data_class=1)
    scene.house.thing("B", data_class=1, area=scene.house.west)
    stranger = sign_in(make_account("guarded.thing.view"))
    assert stranger.get("/ioc/").status_code == 403
    assert stranger.get("/ioc/o/test.things/").status_code == 403
    assert Client().get("/ioc/").status_code == 302
    west = sign_in(make_account(*RIGHTS, area=scene.house.west))
    assert west.get("/ioc/o/test.things/so-lieu.json").json()["value"] == 1
    assert scene.client.get("/ioc/o/test.things/so-lieu.json").json()["value"] == 2


def test_the_screen_as_it_was_says_what_was_measured_and_what_was_not(scene: Scene) -> None:
    now = timezone.now()
    scope = kpis["test.things"].scope_key(scene.actor)
    KpiSpan.objects.create(
        kpi="test.things",
        scope=scope,
        value=6,
        since=now - timedelta(days=40, hours=2),
        until=now - timedelta(days=40),
    )
    then = timezone.localtime(now - timedelta(days=40, hours=1))
    text = scene.client.get(f"/ioc/?luc={then:%Y-%m-%dT%H:%M}").content.decode()
    assert '<span data-kpi="test.things">6</span>' in text
    assert "hx-get" not in text
    assert "/ioc/ban-do.json?luc=" in text
    blank = timezone.localtime(now - timedelta(days=100))
    text = scene.client.get(f"/ioc/?luc={blank:%Y-%m-%dT%H:%M}").content.decode()
    assert "chưa có số liệu lúc này" in text
    for wrong in ("gestern", "1999-01-01T00:00", "2999-01-01T00:00", "2026-13-45T99:99"):
        answer = scene.client.get("/ioc/", {"luc": wrong})
        assert answer.status_code == 200
        assert 'class="alert tone-danger' in answer.content.decode()


def test_a_frame_is_held_only_by_the_origins_of_the_setting(scene: Scene, settings: Any) -> None:
    settings.SEN_TILE_ORIGINS = ["https://dongthap.example"]
    answer = scene.client.get("/ioc/o/test.things/")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://dongthap.example;" in policy
    assert "X-Frame-Options" not in answer.headers
    assert "frame-ancestors 'none'" in scene.client.get("/ioc/").headers["Content-Security-Policy"]
    now = timezone.now()
    KpiSpan.objects.create(
        kpi="test.things", scope=kpis["test.things"].scope_key(scene.actor), value=6,
        since=now - timedelta(days=3), until=now - timedelta(days=2),
    )  # fmt: skip
    for kind, tag in (("bieu-do", "<sen-chart"), ("bang", "table-wrap")):
        tile = scene.client.get(f"/ioc/o/test.things/?kieu={kind}")
        assert tile.headers["Content-Security-Policy"].count("https://dongthap.example;") == 1
        assert tag in tile.content.decode()
        assert 'data-value="6' in tile.content.decode()
    sheet = scene.client.get("/ioc/o/test.things/so-lieu.csv").content.decode("utf-8-sig")
    assert sheet.splitlines()[1].startswith("Vật trong tầm,0,vật,≤ 1 vật,")


def test_a_screen_looks_with_its_key_until_it_is_revoked(scene: Scene) -> None:
    scene.house.thing("A", data_class=1)
    scene.house.thing("B", data_class=2)
    page = scene.client.post("/ioc/cac-man-hinh/", {"name": "Sảnh", "days": "30"})
    secret = page.content.decode().split("#khoa=")[1].split("<")[0]
    screen = Client(enforce_csrf_checks=True)
    assert screen.get("/ioc/man-hinh/").status_code == 302
    start = screen.get("/man-hinh/")
    accepted = screen.post(
        "/man-hinh/noi",
        json.dumps({"key": secret}),
        content_type="application/json",
        headers={"X-CSRFToken": start.cookies["sen_csrf"].value},
    )
    assert accepted.json() == {"url": "/ioc/man-hinh/"}
    assert screen.cookies[COOKIE]["httponly"]
    assert screen.get("/ioc/man-hinh/").status_code == 200
    told = screen.get("/ioc/so-lieu.json").json()["figures"]
    # What is RESTRICTED is for its maker, not for a screen on a wall.
    assert [f["value"] for f in told if f["name"] == "test.things"] == [1]
    assert screen.get("/ql/").status_code == 302
    assert screen.get("/ioc/o/test.things/").status_code == 200
    refused = screen.post(
        "/ioc/so-truc/nhan",
        {"post": "LEADER"},
        headers={"X-CSRFToken": start.cookies["sen_csrf"].value},
    )
    assert refused.status_code == 302
    with acting_as(scene.actor):
        display = Display.objects.visible_to(scene.actor).get()
        assert not Shift.objects.visible_to(scene.actor).exists()
    framed = Client()
    assert framed.get(f"/ioc/o/test.things/?khoa={secret}").status_code == 200
    scene.client.post(f"/ioc/cac-man-hinh/{display.pk}/thu-hoi")
    assert screen.get("/ioc/man-hinh/").status_code == 302
    assert framed.get(f"/ioc/o/test.things/?khoa={secret}").status_code == 302


def test_a_shift_is_taken_written_and_handed_over_in_words(
    scene: Scene, sign_in: Callable[[User], Client]
) -> None:
    client = scene.client
    wrong = client.post("/ioc/so-truc/nhan", {"post": "OPERATOR", "phone": "=1+1"}, follow=True)
    assert "Số điện thoại chỉ gồm" in wrong.content.decode()
    client.post("/ioc/so-truc/nhan", {"post": "OPERATOR", "phone": "0277 385 0000"})
    client.post("/ioc/so-truc/nhan", {"post": "OPERATOR"})
    assert 'href="tel:02773850000"' in client.get("/ioc/").content.decode()
    with acting_as(scene.actor):
        shift = Shift.objects.visible_to(scene.actor).get()
    address = f"/ioc/so-truc/{shift.pk}"
    client.post(f"{address}/ghi", {"kind": "EVENT", "text": "Mưa lớn trên QL.30"})
    said = client.post(f"{address}/ghi", {"kind": "NEVER", "text": "Lạ"}, follow=True)
    assert "Hãy chọn loại nội dung." in said.content.decode()
    answer = client.post(
        f"{address}/giao",
        {"taken_by": scene.mate.pk, "version": shift.version, "handover": " "},
        follow=True,
    )
    assert "Hãy ghi nội dung bàn giao" in answer.content.decode()
    handing = {"taken_by": scene.mate.pk, "version": shift.version, "handover": "Theo dõi cầu"}
    sign_in(scene.mate).post(f"{address}/giao", handing)
    with acting_as(scene.actor):
        assert Shift.objects.visible_to(scene.actor).get().ends_at is None
    client.post(f"{address}/giao", handing)
    with acting_as(scene.actor):
        rows = list(Shift.objects.visible_to(scene.actor).order_by("id"))
        entry = ShiftEntry.objects.visible_to(scene.actor).get()
    assert entry.text == "Mưa lớn trên QL.30"
    assert [row.person_id for row in rows] == [scene.user.pk, scene.mate.pk]
    assert rows[0].ends_at == rows[1].begins_at
    assert "Theo dõi cầu" in client.get("/ioc/so-truc/").content.decode()


def test_a_note_is_pinned_to_the_chart_and_taken_off(scene: Scene) -> None:
    with acting_as(scene.actor):
        scene.client.get("/ioc/")
    at = timezone.localtime() - timedelta(hours=1)
    scene.client.post(
        "/ioc/chi-so/test.things/ghi-chu", {"at": f"{at:%Y-%m-%dT%H:%M}", "text": "Đóng cầu"}
    )
    chart = scene.client.get("/ioc/chi-so/test.things/chuoi.json").json()
    assert [mark["text"].split(" (")[0] for mark in chart["marks"]] == ["Đóng cầu"]
    assert [band["label"] for band in chart["bands"]] == ["Đạt mục tiêu", "Lệch xa mục tiêu"]
    assert "Đóng cầu" in scene.client.get("/ioc/chi-so/test.things/").content.decode()
    with as_system("find the note of the test"):
        note = ChartNote.objects.get()
    scene.client.post(f"/ioc/ghi-chu/{note.pk}/go")
    assert scene.client.get("/ioc/chi-so/test.things/chuoi.json").json()["marks"] == []


def test_every_view_of_the_wall_stands_and_no_other(scene: Scene) -> None:
    frame = scene.client.get("/ioc/man-hinh/?giay=5&xem=ban-do,nowhere").content.decode()
    assert 'views="ban-do"' in frame
    for name in ("chi-so", "ban-do", "dien-bien", "chat-luong"):
        answer = scene.client.get(f"/ioc/man-hinh/xem/{name}")
        assert answer.status_code == 200
        assert answer.headers["X-Sen-Build"]
    assert scene.client.get("/ioc/man-hinh/xem/nowhere").status_code == 404


def test_open_alarms_stand_on_the_board_now_and_as_they_stood(scene: Scene) -> None:
    now = timezone.now()
    with as_system("set up a test"):
        home = {"owner_org": scene.house.roads, "area": scene.house.whole, "data_class": 1}
        rule = alarms.Rule.objects.create(
            code="R1", name="Võng quá mức", kind="THRESHOLD", concern="STRUCTURE", **home
        )
        common = {"rule": rule, "suspect": "STRUCTURE", "value": 25, "level": 20, "peak": 25}
        times = {"first_at": now - timedelta(days=9), "last_at": now - timedelta(days=9)}
        alarms.Alarm.objects.create(
            code="CB-1",
            title="Cầu Cái Tàu võng 25 mm",
            severity=3,
            state="CLOSED",
            dedup_key="1",
            raised_at=now - timedelta(days=9),
            acknowledged_at=now - timedelta(days=8),
            closed_at=now - timedelta(days=5),
            **common,
            **times,
            geom=Point(105.6, 10.4),
            **home,
        )
        alarms.Alarm.objects.create(
            code="CB-2", title="Mất số liệu trạm 7", severity=1, dedup_key="2",
            raised_at=now, **common, **times, **home,
        )  # fmt: skip
        incidents.Incident.objects.create(
            code="SC-1", title="Xà lan va trụ cầu", kind="VESSEL", severity=3, source="CALL",
            state="HANDLING", started_at=now - timedelta(days=7), geom=Point(105.7, 10.5), **home,
        )  # fmt: skip
    text = scene.client.get("/ioc/").content.decode()
    assert "Mất số liệu trạm 7" not in text
    assert "Xà lan" not in text
    role = scene.user.grants.get().role
    role.permissions = [*role.permissions, "alarms.alarm.view", "incidents.incident.view"]
    role.save()
    forget_actors()
    text = scene.client.get("/ioc/manh/canh-bao").content.decode()
    assert "Mất số liệu trạm 7" in text
    assert "Cầu Cái Tàu" not in text
    assert "Xà lan va trụ cầu" in scene.client.get("/ioc/manh/su-co").content.decode()
    assert scene.client.get("/ioc/man-hinh/xem/su-co").status_code == 200
    for days, state in ((8.5, "Mới báo"), (6.0, "Đã tiếp nhận")):
        then = timezone.localtime(now - timedelta(days=days))
        text = scene.client.get(f"/ioc/?luc={then:%Y-%m-%dT%H:%M}").content.decode()
        assert "Cầu Cái Tàu võng 25 mm" in text
        assert state in text
        assert ("Xà lan" in text) == (days < 7)
        told = scene.client.get(f"/ioc/ban-do.json?luc={then:%Y-%m-%dT%H:%M}").json()
        own = [one for one in told["layers"] if "features" in one]
        drawn = {one["id"]: one["features"]["features"] for one in own}
        assert [one["properties"]["name"] for one in drawn["alarms"]] == ["Cầu Cái Tàu võng 25 mm"]
        assert len(drawn["incidents"]) == (days < 7)
        assert "telemetry-things" not in drawn
        assert "Mất số liệu trạm 7" not in text
