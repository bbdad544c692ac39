"""Seals: nothing missed, nothing twice, and every change found and named."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.gis.geos import Point
from django.db import connection, transaction

from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import User
from sen.kernel.audit.models import AuditEntry, Seal
from sen.kernel.audit.seal import (
    SEALED,
    SealError,
    digest_of,
    leaves_of,
    pack,
    seal_all,
    seal_forever,
    seal_once,
    unpack,
)
from sen.kernel.audit.services import record
from sen.kernel.audit.shipping import line_of, ship_seals, shipped_lines
from sen.kernel.audit.verify import Damage, Verdict, verify_log
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import build_house, official

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shipped_to(settings: Any, tmp_path: Path) -> Path:
    settings.SEN_VAR = tmp_path
    target = tmp_path / "elsewhere" / "seals.jsonl"
    settings.SEN_SEAL_TARGETS = [f"file://{target}"]
    return target


@pytest.fixture
def written() -> Thing:
    """A row with two past versions, and three entries, in several transactions."""
    house = build_house()
    user = User.objects.create_user("lan", full_name="Nguyễn Thị Lan", kind="OFFICIAL")
    thing = house.thing(geom=Point(105.6, 10.4, srid=4326))
    actor = official("guarded.thing.view", "guarded.thing.change", user=user)
    for number in range(2):
        with acting_as(actor, reason="Đo lại", request_id=f"r{number}", ip="10.0.0.7"):
            thing.name = f"Tên {number}"
            thing.save()
            record(act="guarded.thing.change", on=thing, detail={"n": number})
    with as_system("nightly"):
        record(act="guarded.nightly", kind=AuditEntry.Kind.SYSTEM)
    return thing


@pytest.fixture
def superuser(settings: Any) -> Iterator[psycopg.Connection[Any]]:
    """Whoever owns the database: no trigger and no policy stops them."""
    parts = urlsplit(settings.DATABASE_SUPERUSER_URL)
    url = parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        yield server


def test_everything_finished_is_sealed_once_and_the_log_is_whole(written: Thing) -> None:
    assert seal_now() == 1
    assert seal_now() == 0
    seal = Seal.objects.get()
    assert seal.rows == 5
    assert seal.from_txid == 0
    assert verify_log() == Verdict(seals=1, rows=5)


def seal_now() -> int:
    """Seal all that was written, once no older transaction runs in any database of the server."""
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (until,) = cursor.fetchone()
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            (finished,) = cursor.fetchone()
            if finished >= until:
                return seal_all()
            assert time.monotonic() < deadline, "a transaction stays open on this server"
            time.sleep(0.01)


MUTATIONS = {
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "{0} + 1",
    "smallint": "{0} + 1",
    "character varying": "overlay({0} || ' ' PLACING '~' FROM 1)",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "jsonb": "{0} || '{{\"x\": 1}}'",
    "inet": "coalesce({0}, '10.0.0.7') + 1",
    "USER-DEFINED": "ST_Translate({0}, 1e-12, 0)",
    "bytea": "set_byte({0}, 0, get_byte({0}, 0) # 1)",
}


def columns_of(superuser: psycopg.Connection[Any], table: str) -> list[tuple[str, str]]:
    return superuser.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER'",
        (table,),
    ).fetchall()


@pytest.mark.parametrize("table", [table for table, _columns in SEALED.values()])
def test_a_one_byte_change_in_any_column_is_found_and_named(
    written: Thing, superuser: psycopg.Connection[Any], table: str
) -> None:
    seal_now()
    (row,) = superuser.execute(f"SELECT max(id) FROM {table}").fetchone() or (0,)
    columns = columns_of(superuser, table)
    assert len(columns) >= 13
    for column, kind in columns:
        changed = MUTATIONS[kind].format(column)
        superuser.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {table} WHERE id = {row}")
        superuser.execute(f"UPDATE {table} SET {column} = {changed} WHERE id = {row}")
        verdict = verify_log()
        named = {(f.table, f.row) for f in verdict.findings}
        assert (table, row) in named, column
        damages = {f.damage for f in verdict.findings}
        if column == "id":
            assert damages == {Damage.REMOVED, Damage.ADDED}
        elif column == "txid":  # it may have left the sealed range
            assert damages <= {Damage.REMOVED, Damage.CHANGED}
        else:
            assert damages == {Damage.CHANGED}, column
        superuser.execute(f"DELETE FROM {table} WHERE id = {row} OR id = {row} + 1")
        names = ", ".join(name for name, _kind in columns)
        superuser.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM kept; DROP TABLE kept"
        )
        assert verify_log().is_whole


def test_a_change_of_a_seal_itself_is_found(
    written: Thing, superuser: psycopg.Connection[Any]
) -> None:
    seal_now()
    for column, kind in columns_of(superuser, "kernel_audit_seal"):
        if column in {"id", "previous"}:
            continue
        superuser.execute("CREATE TEMP TABLE kept AS SELECT * FROM kernel_audit_seal")
        changed = MUTATIONS[kind].format(column)
        superuser.execute(f"UPDATE kernel_audit_seal SET {column} = {changed}")
        damages = {finding.damage for finding in verify_log().findings}
        assert Damage.SEAL_CHANGED in damages, column
        superuser.execute("DELETE FROM kernel_audit_seal")
        superuser.execute("INSERT INTO kernel_audit_seal SELECT * FROM kept; DROP TABLE kept")
    assert verify_log().is_whole


def test_a_removed_and_an_added_row_are_named(
    written: Thing, superuser: psycopg.Connection[Any]
) -> None:
    seal_now()
    superuser.execute(
        "INSERT INTO kernel_audit_auditentry SELECT 900, at, txid, kind, act, resource, object_id,"
        " object_label, actor_id, actor_name, reason, ip, request_id, detail"
        " FROM kernel_audit_auditentry ORDER BY id LIMIT 1"
    )
    superuser.execute(
        "DELETE FROM kernel_audit_rowversion"
        " WHERE id = (SELECT min(id) FROM kernel_audit_rowversion)"
    )
    found = {(f.damage, f.table) for f in verify_log().findings}
    assert found == {
        (Damage.ADDED, "kernel_audit_auditentry"),
        (Damage.REMOVED, "kernel_audit_rowversion"),
    }


def three_seals() -> list[Seal]:
    for number in range(3):
        with as_system("test"):
            record(act="guarded.test.write", detail={"n": number})
        seal_now()
    return list(Seal.objects.order_by("pk"))


def test_a_seal_taken_out_of_the_chain_is_found(
    superuser: psycopg.Connection[Any], shipped_to: Path
) -> None:
    first, second, third = three_seals()
    superuser.execute("DELETE FROM kernel_audit_seal WHERE id = %s", (second.pk,))
    (finding,) = verify_log().findings
    assert (finding.damage, finding.seal) == (Damage.CHAIN_BROKEN, third.pk)
    superuser.execute("DELETE FROM kernel_audit_seal WHERE id = %s", (third.pk,))
    assert verify_log() == Verdict(1, 1), "cutting off the end shows only against the copy"
    (finding,) = verify_log(shipped=shipped_lines(shipped_to)).findings
    assert (finding.damage, finding.seal) == (Damage.NOT_AS_SHIPPED, second.pk)
    assert first.pk < second.pk


def test_a_chain_computed_anew_differs_from_the_copy(
    superuser: psycopg.Connection[Any], shipped_to: Path
) -> None:
    seals = three_seals()
    superuser.execute(
        "UPDATE kernel_audit_auditentry SET reason = 'forged' WHERE txid >= %s AND txid < %s",
        (seals[1].from_txid, seals[1].to_txid),
    )
    previous = bytes(seals[0].digest)
    for seal in seals[1:]:
        with as_system("forge"):
            leaves = pack(leaves_of(seal.from_txid, seal.to_txid))
        digest = digest_of(
            form=seal.form,
            at=seal.at,
            from_txid=seal.from_txid,
            to_txid=seal.to_txid,
            rows=seal.rows,
            leaves=leaves,
            previous=previous,
        )
        superuser.execute(
            "UPDATE kernel_audit_seal SET leaves = %s, previous = %s, digest = %s WHERE id = %s",
            (leaves, previous, digest, seal.pk),
        )
        previous = digest
    assert verify_log().is_whole, "the forger did good work"
    (finding,) = verify_log(shipped=shipped_lines(shipped_to)).findings
    assert (finding.damage, finding.seal) == (Damage.NOT_AS_SHIPPED, seals[1].pk)


class Writers:
    """Threads that write entries, slowly and with failures."""

    def __init__(self, count: int, name: str) -> None:
        self.name = name
        self.committed: Counter[str] = Counter()
        self.threads = [threading.Thread(target=self.write, args=(n,)) for n in range(count)]

    def run(self) -> None:
        for thread in self.threads:
            thread.start()
        for thread in self.threads:
            thread.join()

    def write(self, seed: int) -> None:
        dice = Random(seed)
        for number in range(25):
            key = f"{self.name}-{seed}-{number}"
            with suppress(ZeroDivisionError):
                self.once(key, dice)
                self.committed[key] += 1
        connection.close()

    def once(self, key: str, dice: Random) -> None:
        with as_system("concurrent writer"):
            record(act="guarded.test.write", object_id=key)
            time.sleep(dice.random() * 0.01)
            if dice.random() < 0.2:
                raise ZeroDivisionError


def seal_until(stopped: threading.Event, problems: list[str]) -> None:
    while not stopped.is_set():
        try:
            seal_once()
        except Exception as error:  # noqa: BLE001  the test reports it
            problems.append(repr(error))
    connection.close()


def test_under_concurrent_commits_no_row_is_missed_or_sealed_twice() -> None:
    stopped = threading.Event()
    problems: list[str] = []
    bursts = [Writers(6, "first"), Writers(6, "second")]
    sealers = [threading.Thread(target=seal_until, args=(stopped, problems)) for _ in range(2)]
    for thread in sealers:
        thread.start()
    for writers in bursts:
        writers.run()
        seal_now()
    stopped.set()
    for thread in sealers:
        thread.join()
    seal_now()

    assert problems == []
    seals = list(Seal.objects.order_by("pk"))
    assert len(seals) > 1
    assert all(a.to_txid == b.from_txid for a, b in pairwise(seals))
    sealed = Counter(leaf.id for seal in seals for leaf in unpack(bytes(seal.leaves)))
    with as_system("check"):
        entries = dict(AuditEntry.objects.values_list("id", "object_id"))
    assert set(entries.values()) == {key for writers in bursts for key in writers.committed}
    assert sealed == Counter(entries.keys()), "each entry exactly once"
    assert verify_log() == Verdict(len(seals), len(entries))


def test_an_unfinished_transaction_holds_back_what_came_after_it(
    superuser: psycopg.Connection[Any],
) -> None:
    with as_system("before"):
        record(act="guarded.test.write", object_id="before")
    seal_now()
    with psycopg.connect(superuser.info.dsn, password=superuser.info.password) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        with as_system("after"):
            record(act="guarded.test.write", object_id="after")
        seal_all()
        assert Seal.objects.get().rows == 1
        slow.commit()
    seal_now()
    assert [seal.rows for seal in Seal.objects.order_by("pk")] == [1, 1]


def test_large_backlogs_are_sealed_in_batches_between_transactions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sen.kernel.audit.seal.BATCH_ROWS", 5)
    for size in (3, 4, 9, 1, 1, 1):
        with as_system("test"):
            for _number in range(size):
                record(act="guarded.test.write")
    assert seal_now() == 3
    assert [seal.rows for seal in Seal.objects.order_by("pk")] == [7, 9, 3]
    assert verify_log() == Verdict(3, 19)


def test_numbers_that_went_back_stop_the_sealer(superuser: psycopg.Connection[Any]) -> None:
    three_seals()
    superuser.execute(
        "UPDATE kernel_audit_seal SET to_txid = to_txid + 1000000000"
        " WHERE id = (SELECT max(id) FROM kernel_audit_seal)"
    )
    with pytest.raises(SealError, match="went back"):
        seal_once()


def test_the_log_refuses_changes_and_stamps_its_entries_itself(written: Thing) -> None:
    for sql in (
        "UPDATE kernel_audit_auditentry SET reason = ''",
        "DELETE FROM kernel_audit_seal",
        "TRUNCATE kernel_audit_rowversion",
        "INSERT INTO kernel_audit_rowversion SELECT * FROM kernel_audit_rowversion",
    ):
        with (
            pytest.raises(Exception, match="permission denied"),
            as_system("try"),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    with as_system("backdate"):
        AuditEntry.objects.create(
            at="2001-01-01T00:00Z", txid=1, kind="WRITE", act="x", actor_name="x"
        )
        entry = AuditEntry.objects.latest("id")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            assert cursor.fetchone() == (entry.txid,)
    assert entry.at.year > 2001


def test_the_owner_is_refused_too(written: Thing, superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("RESET session_replication_role")
    for sql in (
        "UPDATE kernel_audit_auditentry SET reason = ''",
        "DELETE FROM kernel_audit_rowversion",
        "TRUNCATE kernel_audit_seal",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            superuser.execute(sql)


def test_seals_reach_a_file_and_a_log_server_and_wait_for_absent_ones(
    settings: Any, shipped_to: Path, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        blocked = tmp_path / "blocked"
        blocked.write_text("not a directory")
        settings.SEN_SEAL_TARGETS += [
            f"syslog://127.0.0.1:{server.getsockname()[1]}",
            f"file://{blocked}/seals.jsonl",
        ]
        seals = three_seals()
        messages = [server.recv(4096).decode() for _ in seals]
    assert messages[0].startswith("<109>1 - ")
    assert json.loads(messages[0][messages[0].index("{") :])["seal"] == seals[0].pk
    assert shipped_to.read_text().splitlines() == [line_of(seal) for seal in seals]
    blocked.unlink()
    assert ship_seals() == 3
    assert ship_seals() == 0
    assert len(shipped_lines(blocked / "seals.jsonl")) == 3


def test_the_loop_survives_errors_and_ends_when_it_is_told() -> None:
    stopped = threading.Event()
    calls: list[int] = []

    def work() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise SealError("first")
        if len(calls) == 3:
            stopped.set()
        return 0

    seal_forever(stopped, every_s=0.01, work=work)
    assert len(calls) == 3


def test_sealing_inside_a_transaction_of_others_is_refused() -> None:
    with transaction.atomic():
        Seal.objects.exists()
        with pytest.raises(Exception, match="ISOLATION LEVEL"), transaction.atomic():
            seal_once()
