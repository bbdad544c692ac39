from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.utils import translation

from sen.kernel.access.context import acting_as, as_system, current_actor
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS, Actor, DataClass
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import ConflictError, NotFoundError, PermissionDeniedError
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house, official
from sen.kernel.usecase import USE_CASES, check_version, use_case

CHANGE = ("guarded.thing.view", "guarded.thing.change", "guarded.thing.create")


@use_case("guarded.thing.change")
def rename(*, actor: Actor, thing: Thing, version: int, name: str, reason: str = "") -> Thing:
    check_version(thing, version)
    thing.name = name
    thing.save()
    return thing


@use_case("guarded.thing.create")
def add_thing(*, actor: Actor, house: House, code: str) -> Thing:
    return Thing.objects.create(
        code=code, name=code, owner_org=house.roads, area=house.east, length_m=Decimal("12.5")
    )


@use_case("guarded.thing.delete")
def drop(*, actor: Actor, thing: Thing) -> None:
    thing.delete()


@use_case("guarded.thing.change", act="guarded.thing.move")
def move_all(*, actor: Actor, things: list[Thing], house: House) -> list[Thing]:
    for thing in things:
        thing.area = house.west
        thing.save()
    return things


@use_case("guarded.thing.change", check_result=False)
def hand_over(*, actor: Actor, thing: Thing, house: House) -> Thing:
    thing.owner_org = house.police
    thing.save()
    return thing


@pytest.fixture
def house(db: None) -> House:
    return build_house()


def entries() -> list[AuditEntry]:
    with as_system("read the log in a test"):
        return list(AuditEntry.objects.order_by("id"))


def test_a_change_is_recorded_with_who_what_why(house: House) -> None:
    user = User.objects.create_user("lan", full_name="Nguyễn Thị Lan", kind="OFFICIAL")
    actor = official(*CHANGE, user=user)
    thing = house.thing()
    with acting_as(actor, request_id="r1", ip="10.0.0.7"):
        loaded = Thing.objects.visible_to(actor).get(code="V-001")
        changed = rename(
            actor=actor, thing=loaded, version=1, name="Cầu Mỹ Thuận", reason="Theo QĐ 12"
        )
    assert changed.version == 2
    (entry,) = entries()
    assert entry.act == "guarded.thing.change"
    assert (entry.resource, entry.object_id) == ("guarded.thing", str(thing.pk))
    assert (entry.actor_id, entry.actor_name) == (user.pk, "lan")
    assert (entry.reason, entry.request_id, entry.ip) == ("Theo QĐ 12", "r1", "10.0.0.7")
    assert entry.detail == {"changes": {"name": ["V-001", "Cầu Mỹ Thuận"]}, "version": 2}


def test_a_second_change_of_the_same_instance_lists_only_its_own_fields(house: House) -> None:
    house.thing()
    actor = official(*CHANGE)
    with acting_as(actor):
        thing = Thing.objects.visible_to(actor).get(code="V-001")
        rename(actor=actor, thing=thing, version=1, name="Một")
        rename(actor=actor, thing=thing, version=2, name="Hai")
    assert entries()[1].detail["changes"] == {"name": ["Một", "Hai"]}


def test_a_new_row_is_recorded_with_its_values(house: House) -> None:
    thing = add_thing(actor=official(*CHANGE), house=house, code="V-9")
    (entry,) = entries()
    assert entry.detail["created"] is True
    assert entry.detail["changes"]["length_m"] == [None, "12.5"]
    assert entry.object_id == str(thing.pk)


def test_a_deleted_row_keeps_its_name_in_the_log(house: House) -> None:
    thing = house.thing()
    drop(actor=official("guarded.thing.view", "guarded.thing.delete"), thing=thing)
    (entry,) = entries()
    assert entry.object_label == "V-001"
    assert entry.object_id


def test_a_bulk_act_is_one_entry_with_all_ids(house: House) -> None:
    things = [house.thing(f"V-{n}") for n in range(3)]
    move_all(actor=official(*CHANGE), things=things, house=house)
    (entry,) = entries()
    assert entry.act == "guarded.thing.move"
    assert entry.detail == {"count": 3, "ids": [thing.pk for thing in things]}


def test_the_permission_is_needed_and_named(house: House) -> None:
    thing = house.thing()
    with translation.override("vi"), pytest.raises(PermissionDeniedError) as caught:
        rename(actor=official("guarded.thing.view"), thing=thing, version=1, name="x")
    assert "guarded.thing.change" in caught.value.message
    assert "không có quyền" in caught.value.message
    assert caught.value.as_problem()["status"] == 403
    (entry,) = entries()
    assert (entry.kind, entry.act) == ("REFUSED", "guarded.thing.change")
    assert entry.object_id == str(thing.pk)


def test_the_permission_is_needed_for_this_very_row(house: House) -> None:
    thing = house.thing()
    elsewhere = official(*CHANGE, areas=[house.west])
    with pytest.raises(PermissionDeniedError, match="V-001"):
        rename(actor=elsewhere, thing=thing, version=1, name="x")


def test_a_row_out_of_sight_is_not_found_rather_than_refused(house: House) -> None:
    hidden = house.thing(data_class=DataClass.INTERNAL.value)
    with pytest.raises(NotFoundError):
        rename(actor=official(*CHANGE, areas=[house.west]), thing=hidden, version=1, name="x")


def test_assigning_to_the_instance_first_does_not_widen_the_right(house: House) -> None:
    house.thing()
    elsewhere = official(*CHANGE, areas=[house.west])
    with acting_as(elsewhere):
        loaded = Thing.objects.visible_to(elsewhere).get(code="V-001")
        loaded.area = house.west
        with pytest.raises(PermissionDeniedError):
            rename(actor=elsewhere, thing=loaded, version=1, name="x")


def test_an_instance_made_by_hand_is_judged_by_the_stored_row(house: House) -> None:
    stored = house.thing()
    forged = Thing(
        pk=stored.pk, code="V-001", name="x", owner_org=house.police, area=house.west, version=1
    )
    elsewhere = official(*CHANGE, areas=[house.west])
    with pytest.raises(PermissionDeniedError):
        rename(actor=elsewhere, thing=forged, version=1, name="x")


def test_a_row_may_not_leave_the_scope_unless_the_use_case_hands_it_over(house: House) -> None:
    roads = official(*CHANGE, orgs=[house.roads], areas=[house.east])
    thing = house.thing()
    with pytest.raises(PermissionDeniedError):
        move_all(actor=roads, things=[thing], house=house)
    with as_system("check"):
        assert Thing.objects.get(pk=thing.pk).area == house.east
        again = Thing.objects.get(pk=thing.pk)
    assert hand_over(actor=roads, thing=again, house=house).owner_org == house.police


def test_an_error_leaves_neither_change_nor_entry(house: House) -> None:
    thing = house.thing(length_m=Decimal(3))
    thing.length_m = Decimal(-1)
    with pytest.raises(Exception, match="guarded_thing_length"):
        rename(actor=official(*CHANGE), thing=thing, version=1, name="x")
    assert entries() == []


def test_it_runs_in_the_name_of_its_actor(house: House) -> None:
    seen: list[tuple[Actor, bool]] = []

    @use_case("guarded.thing.change", audit=False)
    def look(*, actor: Actor) -> None:
        seen.append((current_actor(), connection.in_atomic_block))

    actor = official(*CHANGE)
    look(actor=actor)
    assert seen == [(actor, True)]
    assert current_actor() == ANONYMOUS
    assert entries() == []


def test_a_conflict_names_who_changed_what_meanwhile(house: House) -> None:
    user = User.objects.create_user("binh", full_name="Trần Văn Bình", kind="OFFICIAL")
    house.thing()
    mine = official(*CHANGE)
    with acting_as(mine):
        opened = Thing.objects.visible_to(mine).get(code="V-001")
    other = official(*CHANGE, user=user)
    with acting_as(other):
        theirs = Thing.objects.visible_to(other).get(code="V-001")
        rename(actor=other, thing=theirs, version=1, name="Tên khác")
    with translation.override("vi"), pytest.raises(ConflictError) as caught:
        rename(actor=mine, thing=opened, version=1, name="Của tôi")
    (step,) = caught.value.meanwhile
    assert (step.who, step.fields, step.version) == ("Trần Văn Bình", ("tên",), 2)
    assert "Trần Văn Bình đã sửa tên lúc" in caught.value.message
    assert caught.value.as_problem()["current_version"] == 2


def test_a_form_that_was_opened_before_conflicts_even_with_a_fresh_instance(house: House) -> None:
    house.thing()
    actor = official(*CHANGE)
    with acting_as(actor):
        thing = Thing.objects.visible_to(actor).get(code="V-001")
        rename(actor=actor, thing=thing, version=1, name="Một")
        with pytest.raises(ConflictError):
            rename(actor=actor, thing=thing, version=1, name="Hai")


def test_a_use_case_is_keyword_only_with_an_actor() -> None:
    with pytest.raises(TypeError, match="keyword-only"):

        @use_case("guarded.thing.change")
        def positional(actor: Actor) -> None: ...

    with pytest.raises(TypeError, match="actor"):

        @use_case("guarded.thing.change")
        def nobody(*, name: str) -> None: ...

    with pytest.raises(TypeError, match=r"domain\.resource\.act"):
        use_case("guarded.change")
    with pytest.raises(TypeError, match="keywords"):
        rename(ANONYMOUS)  # type: ignore[call-arg]


def test_use_cases_are_known_without_running_them() -> None:
    case = USE_CASES[f"{__name__}.move_all"]
    assert (case.permission, case.act) == ("guarded.thing.change", "guarded.thing.move")
