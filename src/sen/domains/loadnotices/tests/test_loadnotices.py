"""Publications of loads and clearances: made, checked, approved, published, changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.domains.assets import api as assets
from sen.domains.loadnotices import services
from sen.domains.loadnotices.models import LimitItem, LoadNotice
from sen.domains.loadnotices.rules import compare, seal
from sen.domains.loadnotices.selectors import current_items, figures_of
from sen.domains.loadnotices.services.changes import due_of
from sen.domains.network import api as network
from sen.domains.network.data import EventInput, RoadInput
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.services import put_node
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.events.relay import deliver_pending
from sen.kernel.testing.house import official

METRE = 1 / (111_320.0 * 0.98388)
TODAY = timezone.localdate()
LIMITS = st.dictionaries(
    st.sampled_from(["load_limit_t", "clearance_m"]), st.integers(1, 50).map(float)
)
BOOKS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), LIMITS)
ACTS = ("view", "add", "change", "check", "approve", "publish")


@pytest.fixture(scope="module", autouse=True)
def _shipped_rules(database_with: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    with database_with("norms"):
        yield


@pytest.fixture
def ground(db: None) -> dict[str, Any]:
    """A national road of 12 km posted at 20 t on its third kilometre, with two bridges."""
    with as_system("ground of the test") as actor:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        unit = places.put_unit(
            actor=actor, code="82001", name="Sa Đéc", kind=UnitKind.WARD, area=area, owner_org=org
        )
        unit.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.8, 10.4)), srid=4326)
        unit.save()
        line = [(105.5 + i * 100 * METRE, 10.3) for i in range(121)]
        said: dict[str, Any] = {
            "name": "Quốc lộ 30",
            "owner_org": "SXD",
            "area": "82",
            "line": line,
        }
        made = network.bulk_put_roads(
            actor=actor,
            rows=[RoadInput(code="QL.30", number="QL.30", manager_class="NATIONAL", **said)],
        )
        network.bulk_put_events(
            actor=actor,
            rows=[
                EventInput(
                    road="QL.30",
                    kind="load_limit",
                    from_m=2000,
                    to_m=3000,
                    number=20,
                    valid_from=date(2024, 1, 1),
                )
            ],
        )
        bridges = [
            assets.create_asset(
                actor=actor,
                type="bridge",
                code=code,
                name=f"Cầu {code}",
                owner_org=org,
                road=made.ids["QL.30"],
                chainage_m=at,
                attributes={"length_m": 40, **limits},
            )
            for code, at, limits in (("C1", 5000, {"load_limit_t": 18}), ("C2", 8000, {}))
        ]
        people = [
            User.objects.create_user(f"nguoi{n}", "sen-sen-sen-1234", full_name=f"Người {n}")
            for n in range(3)
        ]
    deliver_pending()
    actors = [
        official(
            *(f"loadnotices.notice.{act}" for act in ACTS),
            "loadnotices.item.view",
            user=person,
        )
        for person in people
    ]
    return {"org": org, "area": area, "bridges": bridges, "actors": actors}


def make(ground: dict[str, Any]) -> LoadNotice:
    maker = ground["actors"][0]
    with acting_as(maker):
        return services.generate_notice(
            actor=maker,
            year=TODAY.year,
            as_on=TODAY,
            owner_org=ground["org"],
            area=ground["area"],
        )


def publish(ground: dict[str, Any], row: LoadNotice, number: str = "12/CB-SXD") -> LoadNotice:
    maker, checker, approver = ground["actors"]
    for actor, act in ((checker, services.check_notice), (approver, services.approve_notice)):
        with acting_as(actor):
            row = act(actor=actor, row=reread(row), version=None)
    with acting_as(maker):
        return services.publish_notice(actor=maker, row=reread(row), version=None, number=number)


def reread(row: LoadNotice) -> LoadNotice:
    with as_system("as stored"):
        return LoadNotice.objects.get(pk=row.pk)


def items(row: LoadNotice) -> dict[str, LimitItem]:
    with as_system("as stored"):
        return {item.key: item for item in LimitItem.objects.filter(notice=row)}


def lower(ground: dict[str, Any], load_t: float) -> None:
    with as_system("a sign is changed") as actor:
        bridge = assets.assets(actor).get(pk=ground["bridges"][0].pk)
        assets.update_asset(
            actor=actor, row=bridge, version=None, attributes={"load_limit_t": load_t}
        )
    deliver_pending()


def test_a_publication_holds_roads_by_stretches_and_every_bridge(ground: dict[str, Any]) -> None:
    row = make(ground)
    found = items(row)
    roads = [item for item in found.values() if item.subject == "ROAD"]
    stretches = sorted((float(r.from_m or 0), float(r.to_m or 0), r.load_limit_t) for r in roads)
    assert stretches[:2] == [(0.0, 2000.0, None), (2000.0, 3000.0, 20.0)]
    start, end, load = stretches[2]
    assert (start, load) == (3000.0, None)
    assert end == pytest.approx(12_000, abs=5)
    assert {i.code: i.load_limit_t for i in found.values() if i.subject == "BRIDGE"} == {
        "C1": 18.0,
        "C2": None,
    }
    assert (row.items, row.limited, row.due_on) == (5, 2, date(TODAY.year, 3, 15))
    assert all(item.geom is not None for item in found.values())


def test_each_step_needs_another_person_and_nobody_sees_a_draft(ground: dict[str, Any]) -> None:
    row = make(ground)
    maker, checker, _approver = ground["actors"]
    assert Client().get(f"/tai-trong/{row.code}/").status_code == 404
    with acting_as(maker), pytest.raises(ConflictError):
        services.check_notice(actor=maker, row=reread(row), version=None)
    with acting_as(checker):
        services.check_notice(actor=checker, row=reread(row), version=None)
        with pytest.raises(ConflictError):
            services.approve_notice(actor=checker, row=reread(row), version=None)
    with acting_as(maker):
        services.return_notice(actor=maker, row=reread(row), version=None, reason="Thiếu cầu")
    done = publish(ground, row)
    assert (done.status, done.number) == ("PUBLISHED", "12/CB-SXD")
    page = Client().get(f"/tai-trong/{row.code}/")
    assert "Cầu C1" in page.content.decode()
    with pytest.raises(InvalidInputError):
        make(ground)


def test_what_is_published_cannot_be_changed_even_in_the_database(ground: dict[str, Any]) -> None:
    done = publish(ground, make(ground))
    with as_system("try") as actor:
        for change in (
            lambda: LimitItem.objects.filter(notice=done).update(load_limit_t=99),
            lambda: LimitItem.objects.filter(notice=done).delete(),
            lambda: LoadNotice.objects.filter(pk=done.pk).update(number="x"),
        ):
            with pytest.raises(DatabaseError, match="a publication is never"), transaction.atomic():
                change()
        with pytest.raises(ConflictError):
            services.refresh_notice(actor=actor, row=reread(done), version=None)
    assert done.digest == seal(figures_of(item) for item in items(done).values())


def test_a_changed_limit_makes_a_notice_with_its_deadline_in_working_days(
    ground: dict[str, Any],
) -> None:
    publish(ground, make(ground))
    lower(ground, 13)
    with as_system("look") as actor:
        draft = LoadNotice.objects.get(kind="CHANGE")
        held = current_items(actor).get(code="C1")
        assert held.load_limit_t == 18.0
        assert draft.due_on == due_of(TODAY)
        # Friday 20 November: Saturday, Sunday and the holiday of 24 November do not count.
        assert due_of(date(2026, 11, 20)) == date(2026, 11, 30)
    (item,) = items(draft).values()
    assert (item.load_limit_t, item.before, item.change) == (
        13.0,
        {"load_limit_t": 18.0},
        "CHANGED",
    )
    lower(ground, 18)
    with as_system("look"):
        assert not LoadNotice.objects.filter(kind="CHANGE").exists()
    lower(ground, 10)
    with as_system("look"):
        draft = LoadNotice.objects.get(kind="CHANGE")
    publish(ground, draft, "15/TB-SXD")
    with as_system("look") as actor:
        assert current_items(actor).get(code="C1").load_limit_t == 10.0
        assert current_items(actor).count() == 5
    answer = Client().get("/api/public/v1/loadnotices/current").json()
    assert [one["number"] for one in answer["changes"]] == ["15/TB-SXD"]
    assert {one["code"]: one["load_limit_t"] for one in answer["items"]}["C1"] == 10.0


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "geojson"])
def test_everybody_takes_it_as_open_data(ground: dict[str, Any], kind: str) -> None:
    done = publish(ground, make(ground))
    for code in (done.code, "hien-hanh"):
        answer = Client().get(f"/tai-trong/{code}/tai-ve.{kind}")
        assert answer.status_code == 200
        assert len(answer.content) > 200
    assert Client().get("/tai-trong/?q=C1").status_code == 200
    assert Client().get(f"/tai-trong/{done.code}/in/").status_code == 200


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(before=BOOKS, now=BOOKS)
def test_differences_lead_from_one_publication_to_the_next(
    before: dict[str, dict[str, float]], now: dict[str, dict[str, float]]
) -> None:
    book = dict(before)
    for item in compare(before, now):
        assert book.get(item.key, {}) == item.before
        if item.change == "GONE":
            del book[item.key]
        else:
            book[item.key] = dict(item.now)
    assert book == now
