"""A table at two moments: what came, went, moved and changed, for whom it may be seen."""

from __future__ import annotations

import time
from datetime import datetime
from decimal import Decimal

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import ANONYMOUS, DataClass, system
from sen.kernel.audit.differing import Change, Condition, changes_between, pairs, shapes_at
from sen.kernel.audit.history import as_of
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house

HOUSE = system("a test compares")
BOX = (105.0, 10.0, 106.0, 11.0)


@pytest.fixture
def house(db: None) -> House:
    return build_house()


def moment() -> datetime:
    """A time between the statements before and behind it."""
    time.sleep(0.002)
    now = timezone.now()
    time.sleep(0.002)
    return now


def touch(thing: Thing, **fields: object) -> None:
    with as_system("a test changes a row"):
        thing.refresh_from_db()
        for name, value in fields.items():
            setattr(thing, name, value)
        thing.save()


def place(x: float) -> Point:
    return Point(x, 10.4, srid=4326)


def test_every_kind_of_change_between_two_moments_is_told_once(house: House) -> None:
    same, renamed, moved, gone = (house.thing(f"V-{n}", geom=place(105.6)) for n in range(4))
    first = moment()
    touch(renamed, name="Tên mới", length_m=Decimal(5))
    touch(renamed, length_m=Decimal(7))
    touch(moved, geom=place(105.7))
    new = house.thing("V-9", geom=place(105.5))
    brief = house.thing("V-8", geom=place(105.5))
    with as_system("a test takes rows out"):
        gone_id, brief_id = gone.pk, brief.pk
        gone.delete()
        brief.delete()
    second = moment()
    touch(same, name="Sau ngày hỏi")
    touch(new, name="Cũng sau ngày hỏi")
    found = dict(changes_between(Thing, first, second, HOUSE))
    assert found == {
        renamed.pk: Change.CHANGED,
        moved.pk: Change.MOVED,
        gone_id: Change.GONE,
        new.pk: Change.NEW,
    }
    assert brief_id not in found
    by_id = {pair.row_id: pair for pair in pairs(Thing, first, second, HOUSE, list(found))}
    told = {item.field: (item.before, item.after) for item in by_id[renamed.pk].differences}
    assert told == {"name": ("V-1", "Tên mới"), "length_m": (None, Decimal("7.00"))}
    after = by_id[new.pk].after
    assert after is not None
    assert after.image["name"] == "V-9", "as it was then, not as it is now"
    assert by_id[gone_id].after is None


def test_a_past_is_shown_to_whom_it_was_and_is_open(house: House) -> None:
    opened = house.thing("V-1", data_class=DataClass.SECRET)
    closed = house.thing("V-2")
    gone = house.thing("V-3", data_class=DataClass.SECRET)
    public = house.thing("V-4", phone="0277")
    first = moment()
    touch(opened, data_class=DataClass.PUBLIC)
    touch(closed, name="Tên khác")
    touch(closed, data_class=DataClass.SECRET)
    touch(public, phone="0278", name="Tên công khai")
    with as_system("a test takes a row out"):
        gone.delete()
    second = moment()
    assert dict(changes_between(Thing, first, second, ANONYMOUS)) == {
        opened.pk: Change.NEW,
        public.pk: Change.CHANGED,
    }
    (pair,) = pairs(Thing, first, second, ANONYMOUS, [public.pk])
    shown = {item.field: item.masked for item in pair.differences}
    assert shown["phone"] is True
    assert "0278" not in str(pair.differences)
    assert len(changes_between(Thing, first, second, HOUSE)) == 4


def test_a_layer_lies_as_it_lay_on_the_day(house: House) -> None:
    moved, gone = house.thing("V-1", geom=place(105.6)), house.thing("V-2", geom=place(105.3))
    first = moment()
    touch(moved, geom=place(105.7))
    with as_system("a test takes a row out"):
        gone.delete()
    house.thing("V-3", geom=place(105.4))
    second = moment()
    then = shapes_at(Thing, first, HOUSE, box=BOX, limit=10)
    now = shapes_at(Thing, second, HOUSE, box=BOX, limit=10)
    assert sorted(shape.split("[")[1].split(",")[0] for _id, shape in then) == ["105.3", "105.6"]
    assert sorted(shape.split("[")[1].split(",")[0] for _id, shape in now) == ["105.4", "105.7"]
    only = Condition('"guarded_thing"."code" = %s', ("V-1",))
    assert [row_id for row_id, _s in shapes_at(Thing, first, HOUSE, box=BOX, where=only, limit=10)
            ] == [moved.pk]  # fmt: skip
    assert dict(changes_between(Thing, first, second, HOUSE, where=only)) == {
        moved.pk: Change.MOVED
    }


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("nmdx")), max_size=12))
def test_two_lists_as_on_a_date_differ_as_told(house: House, steps: list[tuple[int, str]]) -> None:
    """The differences are those of the two whole lists, whatever happened between."""
    with as_system("a test begins anew"):
        Thing.objects.all().delete()
    rows = {n: house.thing(f"P-{n}", geom=place(105 + n / 10)) for n in range(2)}
    first = moment()
    for number, act in steps:
        if act == "d" and number in rows:
            with as_system("a test takes a row out"):
                rows.pop(number).delete()
        elif number not in rows:
            rows[number] = house.thing(f"P-{number}-{time.monotonic_ns()}", geom=place(105.5))
        elif act == "n":
            touch(rows[number], name=f"{rows[number].name}+")
        elif act == "m":
            touch(rows[number], geom=place(105.9))
    second = moment()
    before = {s.row_id: s for s in as_of(Thing, first, HOUSE)}
    after = {s.row_id: s for s in as_of(Thing, second, HOUSE)}
    expected = {}
    for row_id in before.keys() | after.keys():
        old, new = before.get(row_id), after.get(row_id)
        if old is None or new is None:
            expected[row_id] = Change.NEW if old is None else Change.GONE
        elif old.geom != new.geom:
            expected[row_id] = Change.MOVED
        elif old.image["name"] != new.image["name"]:
            expected[row_id] = Change.CHANGED
    assert dict(changes_between(Thing, first, second, HOUSE)) == expected


def test_an_index_leads_to_what_was_touched(house: House) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT row_id FROM kernel_audit_rowversion "
            "WHERE table_name = 'x' AND changed_at > now() AND valid_from <= now()"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "audit_version_since" in plan
