"""Undoing a whole import, and matching by name or place, on things of the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.audit.models import AuditEntry, RowVersion
from sen.kernel.errors import ConflictError, PermissionDeniedError
from sen.kernel.imports.importer import MatchOn
from sen.kernel.imports.models import ImportRun, TouchedRow
from sen.kernel.imports.tests.conftest import ThingImporter, things
from sen.kernel.imports.undo import plan_undo, undo_run
from sen.kernel.testing.guarded.models import Thing

pytestmark = pytest.mark.django_db
Read = Callable[..., ImportRun]


def table(folder: Path, text: str) -> Path:
    path = folder / "vat.csv"
    path.write_text("Mã,Tên,lon,lat\n" + text, encoding="utf-8")
    return path


def undo(run: ImportRun, reason: str = "Nhầm tệp") -> Any:
    with as_system("undo in a test") as actor:
        return undo_run(actor=actor, run=run, reason=reason)


def test_rows_made_go_and_rows_changed_get_their_values_back(read: Read, tmp_path: Path) -> None:
    read(table(tmp_path, "A,Một,105.6,10.4\nB,Hai,105.6,10.4\n"))
    before = things()["A"]
    run = read(table(tmp_path, "A,Một sửa,105.7,10.5\nC,Ba,105.6,10.4\n"))
    assert TouchedRow.objects.filter(run_id=run.pk).count() == 2
    done = undo(run)
    assert (done.removes, done.restores, done.kept) == (1, 1, [])
    after = things()
    assert set(after) == {"A", "B"}
    assert (after["A"].name, after["A"].geom) == ("Một", before.geom)
    assert after["A"].version == before.version + 2, "undoing is a version of its own"
    run.refresh_from_db()
    assert (run.state, run.undoing["removed"]) == ("UNDONE", 1)
    with as_system("history"):
        kept = RowVersion.objects.filter(row_id=after["A"].pk, table=Thing._meta.db_table)
        assert "Nhầm tệp" in kept.latest("pk").reason
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.detail["undone"]) == (ThingImporter.permission, True)
    with pytest.raises(ConflictError):
        undo(run)


def test_what_was_changed_since_stays_and_is_listed(read: Read, tmp_path: Path) -> None:
    run = read(table(tmp_path, "A,Một,105.6,10.4\nB,Hai,105.6,10.4\n"))
    with as_system("somebody goes on working"):
        thing = Thing.objects.get(code="A")
        thing.name = "Sửa tay"
        thing.save()
    done = undo(run)
    assert [(kept.label, kept.why) for kept in done.kept] == [
        ("Sửa tay", "đã được sửa sau khi nhập")
    ]
    assert {thing.name for thing in things().values()} == {"Sửa tay"}
    run.refresh_from_db()
    assert run.undoing["kept"][0]["label"] == "Sửa tay"


def test_a_dry_run_and_a_stranger_undo_nothing(read: Read, tmp_path: Path) -> None:
    dry = read(table(tmp_path, "A,Một,105.6,10.4\n"), dry_run=True)
    assert not TouchedRow.objects.filter(run_id=dry.pk).exists()
    with pytest.raises(ConflictError):
        undo(dry)
    run = read(table(tmp_path, "A,Một,105.6,10.4\n"))
    with pytest.raises(PermissionDeniedError):
        plan_undo(actor=ANONYMOUS, run=run)
    assert set(things()) == {"A"}


def test_writing_outside_an_import_is_not_noted(read: Read, tmp_path: Path) -> None:
    read(table(tmp_path, "A,Một,105.6,10.4\n"))
    before = TouchedRow.objects.count()
    with as_system("an ordinary change"):
        thing = Thing.objects.get(code="A")
        thing.name = "Khác"
        thing.save()
    assert TouchedRow.objects.count() == before


@pytest.fixture
def matching(read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Read:
    """Things may be matched; three stand there."""
    monkeypatch.setattr(ThingImporter, "match_on", MatchOn(Thing))
    rows = "A,Cầu Đỏ,105.6,10.4\nB,Cầu Ô,105.7,10.4\nC,Cầu Ô,105.7001,10.4\n"
    read(table(tmp_path, rows))
    return read


def test_rows_are_found_again_by_name(matching: Read, tmp_path: Path) -> None:
    run = matching(table(tmp_path, "X1,cau do,105.9,10.5\nX2,Mới,105.8,10.5\n"), match="name")
    assert (run.created, run.updated) == (1, 1), run.faults
    assert set(things()) == {"A", "B", "C", "X2"}


def test_a_doubtful_row_is_a_fault_until_somebody_decides(matching: Read, tmp_path: Path) -> None:
    path = table(tmp_path, "X,Cầu Ô,105.7,10.4\n")
    refused = matching(path, match="name")
    assert refused.state == "REFUSED"
    assert "(B, " in refused.faults[0]["message"]
    done = matching(path, match="name", decisions={2: "C"})
    assert (done.updated, done.created) == (1, 0)
    assert matching(path, match="name", decisions={2: ""}).created == 1


def test_rows_are_found_again_by_place(matching: Read, tmp_path: Path) -> None:
    path = table(tmp_path, "X,Đỏ,105.60005,10.4\nY,Xa,105.65,10.4\n")
    run = matching(path, match="place", within_m=20)
    assert (run.updated, run.created) == (1, 1)
    assert things()["A"].name == "Đỏ"


def test_two_rows_for_the_same_thing_are_told(matching: Read, tmp_path: Path) -> None:
    path = table(tmp_path, "X,Đỏ,105.60005,10.4\nY,Đỏ nữa,105.60004,10.4\n")
    run = matching(path, match="place", within_m=20)
    assert run.state == "REFUSED"
    assert run.faults[0]["message"].startswith("Dòng 2 cũng khớp với “A”")
