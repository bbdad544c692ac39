"""Nobody sees anything: not by a forgotten ``visible_to``, not by raw SQL, not a moment later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.transaction import TransactionManagementError
from django.shortcuts import get_object_or_404
from django.test.utils import CaptureQueriesContext

from sen.kernel.access.context import NOBODY, acting_as, as_system, current, current_actor
from sen.kernel.access.models import Organisation, User
from sen.kernel.access.querysets import ScopedQuery, UnscopedReadError
from sen.kernel.access.scope import ANONYMOUS, Actor, DataClass
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house, official

VIEW = "guarded.thing.view"
things = Thing.objects


def seen() -> list[str]:
    """Codes of the rows that the database shows to whoever acts now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM guarded_thing ORDER BY code")
        return [code for (code,) in cursor.fetchall()]


def make_rows(house: House) -> None:
    for code, data_class in (("A", 0), ("B", 1), ("C", 2), ("D", 3)):
        house.thing(code, data_class=data_class)


@pytest.fixture
def house(db: None) -> House:
    made = build_house()
    make_rows(made)
    return made


@pytest.fixture
def committed(transactional_db: None) -> House:
    """Rows that are really committed: settings of a transaction end with it."""
    with transaction.atomic():
        made = build_house()
        make_rows(made)
    return made


async def drain(rows: Any) -> list[Any]:
    return [row async for row in rows]


EVALUATIONS: dict[str, Callable[[], Any]] = {
    "iterate": lambda: list(things.all()),
    "manager iterator": lambda: list(things.iterator()),
    "iterator": lambda: list(things.filter(code="A").iterator()),
    "bool": lambda: bool(things.all()),
    "len": lambda: len(things.all()),
    "index": lambda: things.all()[0],
    "slice": lambda: list(things.order_by("pk")[:2]),
    "in": lambda: Thing(pk=1) in things.all(),
    "repr": lambda: repr(things.all()),
    "get": lambda: things.get(pk=1),
    "get_object_or_404": lambda: get_object_or_404(Thing, pk=1),
    "first": things.first,
    "last": things.last,
    "earliest": lambda: things.earliest("created_at"),
    "latest": lambda: things.latest("created_at"),
    "in_bulk": lambda: things.in_bulk([1]),
    "contains": lambda: things.contains(Thing(pk=1)),
    "count": things.count,
    "exists": things.exists,
    "aggregate": lambda: things.aggregate(Count("pk")),
    "distinct aggregate": lambda: things.distinct().aggregate(Count("pk")),
    "annotate": lambda: list(things.values("code").annotate(n=Count("pk"))),
    "values": lambda: list(things.values("code")),
    "values_list": lambda: list(things.values_list("pk", flat=True)),
    "dates": lambda: list(things.dates("opened_on", "year")),
    "only": lambda: list(things.only("code")),
    "update": lambda: things.update(name="x"),
    "bulk_update": lambda: things.bulk_update([Thing(pk=1, name="x")], ["name"]),
    "delete": lambda: things.all().delete(),
    "raw delete": lambda: things.all()._raw_delete("default"),
    "get_or_create": lambda: things.get_or_create(code="A"),
    "update_or_create": lambda: things.update_or_create(code="A", defaults={"name": "x"}),
    "select_for_update": lambda: things.select_for_update().get(pk=1),
    "explain": lambda: things.all().explain(),
    "sql": lambda: str(things.all().query),
    "raw": lambda: list(things.raw("SELECT * FROM guarded_thing")),
    "in a lookup": lambda: list(Organisation.objects.filter(pk__in=things.values("owner_org"))),
    "subquery": lambda: list(
        Organisation.objects.annotate(
            n=Subquery(things.filter(owner_org=OuterRef("pk")).values("pk")[:1])
        )
    ),
    "exists subquery": lambda: list(
        Organisation.objects.filter(Exists(things.filter(owner_org=OuterRef("pk"))))
    ),
    "inside a scoped one": lambda: list(
        things.visible_to(ANONYMOUS).filter(pk__in=things.filter(code="B"))
    ),
    "union": lambda: list(things.visible_to(ANONYMOUS).union(things.all())),
    "union of nobody": lambda: list(things.all().union(things.visible_to(ANONYMOUS))),
    "intersection": lambda: list(things.all().intersection(things.visible_to(ANONYMOUS))),
    "difference": lambda: list(things.all().difference(things.visible_to(ANONYMOUS))),
    "or": lambda: list(things.visible_to(ANONYMOUS) | things.all()),
    "and": lambda: list(things.all() & things.visible_to(ANONYMOUS)),
}

ASYNC_EVALUATIONS: dict[str, Callable[[], Any]] = {
    "iterate": lambda: drain(things.all()),
    "iterator": lambda: drain(things.aiterator()),
    "get": lambda: things.aget(pk=1),
    "first": things.afirst,
    "earliest": lambda: things.aearliest("pk"),
    "count": things.acount,
    "exists": things.aexists,
    "aggregate": lambda: things.aaggregate(Count("pk")),
    "in_bulk": lambda: things.ain_bulk([1]),
    "contains": lambda: things.acontains(Thing(pk=1)),
    "update": lambda: things.aupdate(name="x"),
    "delete": lambda: things.all().adelete(),
    "get_or_create": lambda: things.aget_or_create(code="A"),
}


@pytest.mark.parametrize("way", EVALUATIONS)
def test_a_forgotten_visible_to_raises_on_every_way_of_evaluation(house: House, way: str) -> None:
    with acting_as(official(VIEW)), pytest.raises(UnscopedReadError, match=r"guarded\.Thing"):
        EVALUATIONS[way]()


@pytest.mark.parametrize("way", ASYNC_EVALUATIONS)
def test_the_async_ways_raise_too(db: None, way: str) -> None:
    async def run() -> None:
        await ASYNC_EVALUATIONS[way]()

    with pytest.raises(UnscopedReadError):
        asyncio.run(run())


def test_all_ways_work_once_the_actor_is_named(house: House) -> None:
    actor = official(VIEW)
    with acting_as(actor):
        mine = things.visible_to(actor)
        assert mine.count() == len(mine) == len(list(mine.iterator())) == 3
        assert mine.exists()
        assert set(mine.in_bulk()) == {row.pk for row in mine}
        assert mine.earliest("pk").code == "A"
        assert mine.union(things.visible_to(ANONYMOUS)).count() == 3
        assert (mine | things.visible_to(ANONYMOUS)).count() == 3
        assert Organisation.objects.filter(pk__in=mine.values("owner_org")).count() == 1
        assert mine.filter(code="B").update(name="x") == 1
        assert mine.filter(code="C").delete()[0] == 1
        assert not things.none()


def test_a_scoped_queryset_keeps_its_scope_in_every_clone(house: House) -> None:
    query = things.visible_to(ANONYMOUS).filter(code="A").order_by("pk").values("code").query
    assert isinstance(query, ScopedQuery)
    assert query.sen_scoped == "view"
    assert not getattr(things.all().query, "sen_scoped", "")


def test_unscoped_needs_a_reason_and_leaves_the_policy_in_force(house: House) -> None:
    with pytest.raises(ValueError, match="say in words"):
        things.unscoped("why")
    with acting_as(ANONYMOUS):
        assert things.unscoped("count what the policy shows").count() == 1


def test_the_house_reads_everything_and_only_inside_its_block(house: House) -> None:
    with as_system("test"):
        assert things.count() == 4
    with pytest.raises(UnscopedReadError):
        things.count()


def test_nobody_sees_nothing_in_a_bare_transaction(committed: House) -> None:
    assert seen() == []
    with transaction.atomic():
        assert seen() == []
    with acting_as(ANONYMOUS):
        assert seen() == ["A"]
    with acting_as(official(VIEW)):
        assert seen() == ["A", "B", "C"]


def test_nothing_leaks_to_the_next_use_of_the_connection(committed: House) -> None:
    with acting_as(official(VIEW, clearance=DataClass.SECRET), reason="x"):
        backend = backend_of()
        assert len(seen()) == 4
    assert backend_of() == backend, "the same connection is used again"
    assert seen() == []
    assert leftovers() == []
    with pytest.raises(ZeroDivisionError):
        fail_as_house()
    assert seen() == []
    assert leftovers() == []


def test_each_connection_has_its_own_actor(committed: House) -> None:
    with acting_as(official(VIEW)):
        other = connections["default"].copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM guarded_thing")
                assert cursor.fetchone() == (0,)
        finally:
            other.close()


def fail_as_house() -> None:
    with as_system("fails in Python"):
        assert len(seen()) == 4
        raise ZeroDivisionError


def backend_of() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
        return int(pid)


def leftovers() -> list[str]:
    with connection.cursor() as cursor:
        columns = ", ".join(f"current_setting('{name}', true)" for name in NOBODY)
        cursor.execute(f"SELECT {columns}")
        return [value for value in cursor.fetchone() if value]


def test_a_nested_actor_gives_the_outer_one_back(house: House) -> None:
    outer = official(VIEW, clearance=DataClass.INTERNAL)
    with acting_as(outer, reason="outer", request_id="r7"):
        assert seen() == ["A", "B"]
        with acting_as(ANONYMOUS):
            assert (seen(), current_actor()) == (["A"], ANONYMOUS)
        assert (seen(), current_actor(), current().reason) == (["A", "B"], outer, "outer")
        with as_system("look"):
            assert len(seen()) == 4
            assert current().request_id == "r7"
        assert seen() == ["A", "B"]


def test_an_error_inside_gives_the_outer_actor_back_in_python_and_in_the_database(
    house: House,
) -> None:
    outer = official(VIEW, clearance=DataClass.INTERNAL)
    with acting_as(outer):
        with pytest.raises(ZeroDivisionError):
            fail_as_house()
        assert (seen(), current_actor()) == (["A", "B"], outer)
        with pytest.raises(Exception, match="no_such_table"), acting_as(ANONYMOUS):
            connection.cursor().execute("SELECT * FROM no_such_table")
        assert (seen(), current_actor()) == (["A", "B"], outer)
        with as_system("rolled back by hand"):
            Thing.objects.filter(code="A").delete()
            transaction.set_rollback(True)
        assert (seen(), current_actor()) == (["A", "B"], outer)


def test_an_actor_inside_a_transaction_of_nobody_ends_with_its_block(committed: House) -> None:
    with transaction.atomic():
        with acting_as(official(VIEW)):
            assert seen() == ["A", "B", "C"]
        assert seen() == []
        assert leftovers() == []


def test_the_person_behind_the_house_stays_known(house: House) -> None:
    user = User.objects.create_user("lan", full_name="Nguyễn Thị Lan", kind="OFFICIAL")
    person = official(VIEW, user=user)
    with acting_as(person):
        with as_system("on behalf"), as_system("twice"):
            assert current().person == person
            Thing.objects.filter(code="A").update(name="x")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('sen.actor')")
            assert cursor.fetchone() == (str(user.pk),)
    with as_system("history"), connection.cursor() as cursor:
        cursor.execute("SELECT actor_id, actor_name, reason FROM kernel_audit_rowversion")
        assert cursor.fetchone() == (user.pk, "lan", "twice")


def insert(house: House, actor: Actor, **fields: Any) -> Thing:
    with acting_as(actor):
        values = {"owner_org": house.roads, "area": house.east, "name": "x", **fields}
        return Thing.objects.create(code="new", **values)


def test_insert_returning_needs_sight_of_the_new_row(house: House) -> None:
    inside = official(VIEW, orgs=[house.roads])
    made = insert(house, inside, data_class=2)
    assert made.pk
    assert made.created_at is not None
    with as_system("clean"):
        made.delete()
    with pytest.raises(Exception, match="row-level security"):
        insert(house, official(VIEW, orgs=[house.police]), data_class=2)
    with pytest.raises(Exception, match="row-level security"):
        insert(house, ANONYMOUS, data_class=1)


def test_a_row_cannot_be_written_out_of_sight(house: House) -> None:
    actor = official(VIEW, orgs=[house.roads])
    with acting_as(actor):
        row = things.visible_to(actor).get(code="C")
        row.owner_org = house.police
        with pytest.raises(Exception, match="row-level security"), transaction.atomic():
            row.save()
        with as_system("hand over"):
            row.save()
        assert seen() == ["A", "B"]


def test_what_is_not_seen_is_neither_changed_nor_deleted(house: House) -> None:
    with acting_as(ANONYMOUS), connection.cursor() as cursor:
        cursor.execute("UPDATE guarded_thing SET name = 'x'")
        assert cursor.rowcount == 1
        cursor.execute("DELETE FROM guarded_thing")
        assert cursor.rowcount == 1
    with as_system("check"):
        assert things.count() == 3


def test_a_taken_code_is_taken_even_when_its_row_is_hidden(house: House) -> None:
    with acting_as(ANONYMOUS), pytest.raises(ValidationError) as caught:
        Thing(code="D", name="x", owner_org=house.roads, area=house.east).full_clean()
    assert "code" in caught.value.message_dict


def test_a_block_that_only_reads_gives_the_rights_back_without_a_savepoint(house: House) -> None:
    with acting_as(ANONYMOUS):
        before = seen()
        with CaptureQueriesContext(connection) as asked, as_system("a count", reading=True):
            assert seen() == ["A", "B", "C", "D"]
        assert len(asked) == 3
        assert seen() == before == ["A"]


def look_after_a_failure() -> None:
    with acting_as(ANONYMOUS):
        with suppress(ZeroDivisionError), as_system("a count", reading=True):
            raise ZeroDivisionError
        seen()


def test_what_fails_while_reading_as_the_house_leaves_no_rights_behind(house: House) -> None:
    with pytest.raises(TransactionManagementError):
        look_after_a_failure()
