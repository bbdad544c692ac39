"""Past states: visible to whom the row was and is visible; compared, listed by date, restored."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.gis.geos import Point, Polygon
from django.db import connection
from django.utils import timezone, translation

from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS, Actor, DataClass
from sen.kernel.audit.history import as_of, compare, entries, row_as_of, versions, versions_of
from sen.kernel.audit.models import RowVersion
from sen.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from sen.kernel.restoring import restore, restorers, restores
from sen.kernel.testing.guarded.models import Sealed, Thing
from sen.kernel.testing.house import House, build_house, official
from sen.kernel.usecase import use_case

VIEW = ("guarded.thing.view",)
CHANGE = (*VIEW, "guarded.thing.change")


@pytest.fixture
def house(db: None) -> House:
    return build_house()


def change(thing: Thing, actor: Actor | None = None, reason: str = "Sửa", **fields: Any) -> Thing:
    with acting_as(actor, reason=reason) if actor else as_system(reason):
        for name, value in fields.items():
            setattr(thing, name, value)
        thing.save()
        thing.refresh_from_db()
    return thing


def moment() -> datetime:
    now = timezone.now()
    time.sleep(0.002)
    return now


def test_versions_tell_who_when_why_and_what(house: House) -> None:
    user = User.objects.create_user("lan", full_name="Nguyễn Thị Lan", kind="OFFICIAL")
    actor = official(*CHANGE, user=user)
    thing = house.thing(length_m=Decimal("12.50"), geom=Point(105.6, 10.4, srid=4326))
    change(thing, actor, "Đo lại", length_m=Decimal("13.75"))
    change(thing, name="Cầu Mỹ Thuận", geom=Point(105.7, 10.4, srid=4326))
    latest, second, first = versions(thing, actor)
    assert [latest.version, second.version, first.version] == [3, 2, 1]
    assert latest.is_current
    assert (second.by_id, second.by, second.reason) == (user.pk, "lan", "Đo lại")
    assert (first.by, first.since) == ("", thing.created_at)
    assert first.until == second.since
    assert second.until == latest.since == thing.updated_at
    with translation.override("vi"):
        (length,) = compare(first, second)
    assert (length.field, length.label) == ("length_m", "chiều dài")
    assert (length.before, length.after) == (Decimal("12.50"), Decimal("13.75"))
    assert {d.field for d in compare(first, latest)} == {"length_m", "name", "geom"}
    assert compare(second, second) == []


def test_comparison_speaks_as_a_person_reads(house: House) -> None:
    thing = house.thing()
    change(thing, data_class=1, owner_org=house.police, area=house.west)
    with as_system("read"), translation.override("vi"):
        new, old = versions(thing, official(*VIEW, clearance=DataClass.SECRET))
        found = {d.label: (d.before, d.after) for d in compare(old, new)}
    assert found == {
        "mức dữ liệu": ("Công khai", "Nội bộ"),
        "đơn vị quản lý": ("Sở Xây dựng", "Công an tỉnh"),
        "địa bàn": ("Xã Đông", "Xã Tây"),
    }


def test_a_secret_past_stays_closed_when_the_row_is_opened(house: House) -> None:
    thing = house.thing(data_class=2, name="Bí mật")
    change(thing, data_class=0, name="Công bố")
    assert [state.version for state in versions(thing, ANONYMOUS)] == [2]
    assert [state.version for state in versions(thing, official(*VIEW))] == [2, 1]


def test_a_public_past_closes_with_the_row(house: House) -> None:
    thing = house.thing(name="Từng công khai")
    before = moment()
    change(thing, data_class=2)
    assert versions(thing, ANONYMOUS) == []
    assert as_of(Thing, before, ANONYMOUS) == []
    assert row_as_of(Thing, thing.pk, before, ANONYMOUS) is None
    assert len(versions(thing, official(*VIEW))) == 2


def test_a_register_as_on_a_date(house: House) -> None:
    actor = official(*VIEW)
    start = moment()
    kept = house.thing("A", name="một")
    gone = house.thing("B")
    hidden = house.thing("C", data_class=3)
    then = moment()
    change(kept, name="hai")
    with as_system("delete"):
        Thing.objects.filter(pk=gone.pk).delete()
    house.thing("D")
    now = moment()
    assert as_of(Thing, start, actor) == []
    assert [(s.image["code"], s.image["name"]) for s in as_of(Thing, then, actor)] == [
        ("A", "một"),
        ("B", "B"),
    ]
    assert [s.image["code"] for s in as_of(Thing, now, actor)] == ["A", "D"]
    everything = as_of(Thing, then, official(*VIEW, clearance=DataClass.SECRET))
    assert [s.row_id for s in everything] == [kept.pk, gone.pk, hidden.pk]
    assert [s.row_id for s in as_of(Thing, then, actor, after_id=kept.pk)] == [gone.pk]
    assert [s.row_id for s in as_of(Thing, then, actor, limit=1)] == [kept.pk]


def test_a_register_as_on_a_date_in_a_box_lies_where_it_lay(house: House) -> None:
    thing = house.thing(geom=Point(105.5, 10.5, srid=4326))
    then = moment()
    change(thing, geom=Point(106.5, 10.5, srid=4326))
    west = Polygon.from_bbox((105, 10, 106, 11))
    west.srid = 4326
    (state,) = as_of(Thing, then, official(*VIEW), box=west)
    assert isinstance(state.geom, Point)
    assert state.geom.coords == (105.5, 10.5)
    assert as_of(Thing, moment(), official(*VIEW), box=west) == []


def test_a_deleted_row_is_shown_to_whom_its_last_state_was(house: House) -> None:
    thing = house.thing()
    change(thing, data_class=1)
    key = thing.pk
    with acting_as(official(*VIEW, clearance=DataClass.SECRET), reason="Trùng"):
        thing.delete()
    assert versions_of(Thing, key, ANONYMOUS) == []
    last, first = versions_of(Thing, key, official(*VIEW))
    assert (last.version, last.deleted_by, first.deleted_by) == (2, "can-bo", "")


def test_masks_hold_in_the_past(house: House) -> None:
    thing = house.thing(phone="0901234567", price_vnd=5)
    change(thing, phone="0909999999", price_vnd=6)
    low = official(*VIEW, clearance=DataClass.INTERNAL)
    new, old = versions(thing, low)
    assert new.masked == {"phone"}
    assert "phone" not in new.image
    found = {d.field: d for d in compare(old, new)}
    assert (found["phone"].masked, found["phone"].before) == (True, None)
    assert (found["price_vnd"].before, found["price_vnd"].after) == (5, 6)
    new, old = versions(thing, official(*VIEW))
    assert {d.field: d.after for d in compare(old, new)}["phone"] == "0909999999"


def test_entries_keep_their_values_from_those_who_may_not_see_them(house: House) -> None:
    @use_case("guarded.thing.change")
    def publish(*, actor: Actor, thing: Thing, **fields: Any) -> Thing:
        for name, value in fields.items():
            setattr(thing, name, value)
        thing.save()
        return thing

    actor = official(*CHANGE)
    thing = house.thing(data_class=2, name="Kín", phone="1")
    with as_system("load"):
        thing = Thing.objects.get(pk=thing.pk)
    publish(actor=actor, thing=thing, data_class=0, name="Mở")
    publish(actor=actor, thing=thing, name="Mới", phone="2")
    with acting_as(ANONYMOUS):
        later, earlier = entries(thing, ANONYMOUS)
    assert later.detail["changes"] == {"name": ["Mở", "Mới"], "phone": [None, None]}
    assert set(map(tuple, earlier.detail["changes"].values())) == {(None, None)}
    with acting_as(actor):
        later, earlier = entries(thing, actor)
    assert earlier.detail["changes"]["name"] == ["Kín", "Mở"]
    assert later.detail["changes"]["phone"] == ["1", "2"]
    change(thing, data_class=3)
    with acting_as(actor):
        assert entries(thing, actor) == []


def test_images_are_not_readable_around_the_functions(house: House) -> None:
    change(house.thing(), name="x")
    with acting_as(official(*VIEW, clearance=DataClass.SECRET)):
        assert RowVersion.objects.count() == 0
    assert RowVersion.objects.count() == 0
    with as_system("check"):
        assert RowVersion.objects.count() == 1


def test_restoring_makes_a_new_version_with_all_old_values(house: House) -> None:
    user = User.objects.create_user("lan", full_name="Nguyễn Thị Lan", kind="OFFICIAL")
    actor = official(*CHANGE, user=user)
    thing = house.thing(
        name="Cầu cũ",
        length_m=Decimal("12.50"),
        geom=Point(105.123456789, 10.4, srid=4326),
        opened_on=date(1998, 5, 19),
        attributes={"nhịp": [12.5, 3], "x": None},
        phone="0901",
        price_vnd=10**12,
        subject=user,
    )
    first = {f.attname: getattr(thing, f.attname) for f in Thing._meta.concrete_fields}
    change(
        thing,
        name="Nhầm",
        length_m=None,
        geom=None,
        opened_on=None,
        attributes={},
        phone="",
        price_vnd=None,
        subject=None,
    )
    restored = restore(actor=actor, row=thing, to_version=1, version=2, reason="Nhập nhầm cầu")
    assert isinstance(restored, Thing)
    assert restored.version == 3
    with as_system("read"):
        restored.refresh_from_db()
    kept_by_database = {"version", "updated_at", "search"}
    for name, value in first.items():
        if name not in kept_by_database:
            assert getattr(restored, name) == value, name
    assert [state.version for state in versions(restored, actor)] == [3, 2, 1]
    with acting_as(actor):
        entry = entries(restored, actor)[0]
    assert (entry.act, entry.reason) == ("guarded.thing.restore", "Nhập nhầm cầu")
    assert entry.detail["changes"]["name"] == ["Nhầm", "Cầu cũ"]


def test_restoring_asks_for_reason_right_and_a_fresh_page(house: House) -> None:
    thing = change(house.thing(data_class=1), name="x")
    actor = official(*CHANGE)
    with pytest.raises(InvalidInputError) as missing:
        restore(actor=actor, row=thing, to_version=1, version=2, reason=" ")
    assert "reason" in missing.value.fields
    with pytest.raises(InvalidInputError):
        restore(actor=actor, row=thing, to_version=2, version=2, reason="vì")
    with pytest.raises(NotFoundError):
        restore(actor=actor, row=thing, to_version=9, version=2, reason="vì")
    with pytest.raises(NotFoundError):
        restore(actor=ANONYMOUS, row=thing, to_version=1, version=2, reason="vì")
    with pytest.raises(PermissionDeniedError):
        restore(actor=official(*VIEW), row=thing, to_version=1, version=2, reason="vì")
    with pytest.raises(ConflictError):
        restore(actor=actor, row=thing, to_version=1, version=1, reason="vì")


def test_masked_fields_keep_their_present_value(house: House) -> None:
    thing = house.thing(name="một", phone="cũ")
    change(thing, name="hai", phone="mới")
    low = official(*CHANGE, clearance=DataClass.INTERNAL)
    restore(actor=low, row=thing, to_version=1, version=2, reason="vì")
    with as_system("read"):
        thing.refresh_from_db()
    assert (thing.name, thing.phone) == ("một", "mới")


def test_a_domain_may_restore_in_its_own_way(house: House) -> None:
    seen: list[dict[str, Any]] = []

    @restores(Sealed)
    def put_back(
        *, actor: Actor, row: Any, version: int, values: dict[str, Any], reason: str
    ) -> Sealed:
        seen.append(values)
        found: Sealed = row
        return found

    try:
        with as_system("set up"):
            row = Sealed.objects.create(code="một", owner_org=house.roads, area=house.east)
            row.code = "hai"
            row.save()
        actor = official("guarded.sealed.*")
        restore(actor=actor, row=row, to_version=1, version=2, reason="vì")
    finally:
        restorers.remove("guarded.sealed")
    assert seen[0]["code"] == "một"


def test_states_follow_each_other_without_gap_or_overlap(house: House) -> None:
    thing = house.thing()
    with as_system("many"), connection.cursor() as cursor:
        for _number in range(5):
            cursor.execute("UPDATE guarded_thing SET name = name || '.'")
        cursor.execute("DELETE FROM guarded_thing")
    states = versions_of(Thing, thing.pk, official(*VIEW))[::-1]
    assert [state.version for state in states] == [1, 2, 3, 4, 5, 6]
    for old, new in pairwise(states):
        assert old.since <= (old.until or datetime.max.replace(tzinfo=UTC)) == new.since
    assert states[-1].until is not None
    assert states[-1].until >= states[-1].since
