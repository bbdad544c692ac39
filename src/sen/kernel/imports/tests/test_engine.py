"""All rows or none: mapping, options, dry run, faults, and a process that dies in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.errors import InvalidInputError, PermissionDeniedError
from sen.kernel.imports.engine import KEPT_FAULTS, Request, run
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.tests.conftest import ThingImporter, things
from sen.kernel.testing.processes import database_of_its_own

Read = Callable[..., ImportRun]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "vat.csv"
    path.write_text("Mã,Tên\nA,Một\nB,Hai\n", encoding="utf-8")
    return path


@pytest.mark.django_db
def test_a_dry_run_writes_nothing_but_its_report(read: Read, table: Path) -> None:
    done = read(table, dry_run=True)
    assert (done.state, done.rows, done.created) == ("CHECKED", 2, 2)
    assert not things()
    assert read(table).created == 2
    assert set(things()) == {"A", "B"}
    assert (read(table).created, read(table).updated) == (0, 2)


@pytest.mark.django_db
def test_one_bad_row_keeps_all_out(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "vat.csv"
    lines = [f"A{i},{i}" for i in range(50)]
    path.write_text("Mã,Chiều dài\n" + "\n".join([*lines, "X,sai"]), encoding="utf-8")
    done = read(path)
    assert (done.state, done.fault_count) == ("REFUSED", 1)
    assert done.faults == [
        {
            "row": 52,
            "field": "Chiều dài",
            "message": "“sai” không phải là số. Hãy ghi như 1.234,5.",
            "value": "sai",
        }
    ]
    assert not things()


@pytest.mark.django_db
def test_a_key_given_twice_names_both_rows(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "vat.csv"
    path.write_text("Mã\nA\nB\nA\n", encoding="utf-8")
    done = read(path)
    assert [(fault["row"], fault["message"]) for fault in done.faults] == [
        (4, "Giá trị này đã có ở dòng 2.")
    ]


@pytest.mark.django_db
def test_columns_must_be_there_and_be_known(read: Read, table: Path) -> None:
    with pytest.raises(InvalidInputError, match="Tệp không có cột “Tuổi”; các cột: Mã, Tên"):
        read(table, mapping={"name": "Tuổi"})
    with pytest.raises(InvalidInputError, match="Không có trường “tuoi”; các trường: code"):
        read(table, mapping={"tuoi": "Tên"})
    with pytest.raises(InvalidInputError, match="Chưa có cột cho trường bắt buộc “Mã”"):
        read(table, mapping={"code": ""})
    with pytest.raises(InvalidInputError, match="Tệp không có cột “Đông”"):
        read(table, x="Đông", y="Bắc")
    assert read(table, mapping={"code": "Tên"}).created == 2
    assert set(things()) == {"Một", "Hai"}


@pytest.mark.django_db
def test_options_are_checked(read: Read, table: Path) -> None:
    with pytest.raises(InvalidInputError, match="Không có tùy chọn “moi”; các tùy chọn: mode"):
        read(table, options={"moi": "1"})
    with pytest.raises(InvalidInputError, match="không có giá trị “xóa”; chọn: ADD, KILL"):
        read(table, options={"mode": "xóa"})
    done = read(table, options={"mode": "them", "owner": ""})
    assert done.options["mode"] == "ADD"


@pytest.mark.django_db
def test_faults_beyond_the_kept_ones_are_counted(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "vat.csv"
    count = KEPT_FAULTS + 500
    path.write_text("Mã,Chiều dài\n" + "A,x\n" * count, encoding="utf-8")
    done = read(path)
    assert done.fault_count == 2 * count - 1
    assert len(done.faults) == KEPT_FAULTS
    assert done.faults[0]["row"] == 2


@pytest.mark.django_db
def test_whoever_may_not_import_does_not(province: None, table: Path) -> None:
    with pytest.raises(PermissionDeniedError):
        run(importer=ThingImporter(), actor=ANONYMOUS, request=Request(file=table))


DYING = """
import django; django.setup()
from pathlib import Path
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.services import put_node
from sen.kernel.imports.engine import Request, run
from sen.kernel.imports.tests.conftest import ThingImporter
import sys
with as_system("test data of a dying process"):
    put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
    put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
with as_system("an import that dies") as actor:
    run(importer=ThingImporter(), actor=actor, request=Request(
        file=Path(sys.argv[1]), options={"mode": sys.argv[2]}))
"""


def test_a_killed_import_leaves_nothing(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, table: Path
) -> None:
    with django_db_blocker.unblock(), database_of_its_own("killed_import") as addresses:  # type: ignore[attr-defined]
        environment = {**os.environ, **addresses, "PYTEST_VERSION": pytest.__version__}

        def child(mode: str) -> int:
            return subprocess.run(
                [sys.executable, "-c", DYING, str(table), mode],
                env=environment,
                check=False,
                timeout=60,
            ).returncode

        def left() -> tuple[int, int]:
            with psycopg.connect(addresses["DATABASE_OWNER_URL"]) as server:
                server.execute("SET row_security = off")
                rows = [
                    server.execute(f"SELECT count(*) FROM {name}").fetchone()
                    for name in ("guarded_thing", "kernel_imports_importrun")
                ]
            return rows[0][0], rows[1][0]  # type: ignore[index]

        assert child("KILL") == -9
        assert left() == (0, 0)
        assert child("ADD") == 0
        assert left() == (2, 1)
    connection.close()
