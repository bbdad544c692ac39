from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection

from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import User
from sen.kernel.access.tracking import plain
from sen.kernel.audit.models import AuditEntry
from sen.kernel.audit.services import reads_personal_data, record
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house, official


@pytest.fixture
def house(db: None) -> House:
    return build_house()


@pytest.mark.django_db(transaction=True)
def test_an_entry_needs_the_transaction_of_its_act() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        record(act="guarded.thing.change")
    with pytest.raises(ZeroDivisionError):
        fail_after_recording()
    assert not AuditEntry.objects.exists()


def fail_after_recording() -> None:
    with as_system("fails"):
        record(act="guarded.thing.change")
        raise ZeroDivisionError


READS: dict[str, tuple[Callable[[list[Thing]], Any], dict[str, Any] | None]] = {
    "one": (lambda rows: rows[0], {"fields": ["phone"]}),
    "many": (lambda rows: rows, {"fields": ["phone"], "count": 2}),
    "none": (lambda rows: None, None),
    "empty": (lambda rows: [], None),
}


@pytest.mark.parametrize("what", READS)
def test_reading_personal_data_is_recorded(house: House, what: str) -> None:
    choose, expected = READS[what]
    rows = [house.thing("A"), house.thing("B")]
    user = User.objects.create_user("lan", full_name="Nguyễn Thị Lan", kind="OFFICIAL")
    actor = official("guarded.thing.view", user=user)

    @reads_personal_data("guarded.thing", fields=["phone"])
    def find() -> Any:
        return choose(rows)

    with acting_as(actor, reason="Tra cứu theo đơn", ip="10.0.0.9"):
        find()
    entries = list(AuditEntry.objects.all())
    if expected is None:
        assert entries == []
        return
    (entry,) = entries
    assert (entry.kind, entry.act, entry.actor_id) == ("READ", "guarded.thing.read", user.pk)
    assert (entry.reason, entry.ip) == ("Tra cứu theo đơn", "10.0.0.9")
    assert {k: v for k, v in entry.detail.items() if k != "ids"} == expected
    if what == "many":
        assert entry.detail["ids"] == [row.pk for row in rows]


def test_a_lazy_result_is_refused_for_it_is_not_read_yet(house: House) -> None:
    @reads_personal_data("guarded.thing")
    def find() -> Any:
        return Thing.objects.all()

    with as_system("read"), pytest.raises(TypeError, match="a row, a list or None"):
        find()


def test_long_geometries_are_named_by_size_and_digest() -> None:
    line = LineString([(105 + n / 1000, 10) for n in range(500)], srid=4326)
    text = plain(line)
    assert text.startswith("LineString (500 điểm, ")
    assert text != plain(LineString([(105, 10), *line.coords[1:-1], (105, 11)], srid=4326))
    assert plain({"a": (b"x",)})["a"][0].startswith("1 bytes, sha256 2d711642b726b044")


def test_every_statement_leaves_its_rows_in_history(house: House) -> None:
    """No write can forget it: bulk statements of raw SQL included."""
    for number in range(3):
        house.thing(f"V-{number}")
    with as_system("raw"), connection.cursor() as cursor:
        cursor.execute("UPDATE guarded_thing SET name = 'x' WHERE code <> 'V-2'")
        cursor.execute("DELETE FROM guarded_thing WHERE code = 'V-0'")
        cursor.execute(
            "SELECT op, version, image ->> 'name', reason FROM kernel_audit_rowversion ORDER BY id"
        )
        assert cursor.fetchall() == [
            ("U", 1, "V-0", "raw"),
            ("U", 1, "V-1", "raw"),
            ("D", 2, "x", "raw"),
        ]
