"""Seals: a hash chain over the log, so that a change by whoever owns the database is found.

A chain link per insert would make every writer wait for every other (measured: five times
slower). So a sealer closes, every few seconds, the transactions that are certainly finished: all
numbers below the snapshot's ``xmin``. Nothing can be added to that range afterwards, the next
seal begins where it ends, and a unique constraint keeps two sealers from overlapping: no gap, no
row twice, none missed.

Each seal is also appended to targets off this host (``SEN_SEAL_TARGETS``): with them even a chain
that was computed anew from a changed log is found.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import DatabaseError, IntegrityError, close_old_connections, connection, transaction
from django.utils import timezone

from sen.kernel.access.context import as_system
from sen.kernel.audit.models import Seal
from sen.kernel.audit.shipping import ship_seals

logger = structlog.get_logger(__name__)

#: Rows of one seal, about: a transaction is never split.
BATCH_ROWS: Final = 50_000
EVERY_S: Final = 5.0
FORM: Final = 1
LOCK: Final = 597_001

_MICROSECONDS: Final = "(extract(epoch FROM {0}) * 1000000)::bigint"
#: Table number → (table, what is sealed of a row). A new column needs a new ``FORM``.
SEALED: Final = {
    1: (
        "kernel_audit_auditentry",
        (
            "id",
            _MICROSECONDS.format("at"),
            *("txid", "kind", "act", "resource", "object_id", "object_label"),
            *("actor_id", "actor_name", "reason", "ip::text", "request_id", "detail"),
        ),
    ),
    2: (
        "kernel_audit_rowversion",
        (
            *("id", "table_name", "row_id", "version", "op", "image"),
            "encode(ST_AsEWKB(geom), 'hex')",
            _MICROSECONDS.format("valid_from"),
            _MICROSECONDS.format("changed_at"),
            *("txid", "actor_id", "actor_name", "reason"),
        ),
    ),
}
LEAF: Final = struct.Struct(">Bq16s")


class SealError(RuntimeError):
    """The log cannot be sealed as it is; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sealed row: number of its table, id, half of its SHA-256."""

    table: int
    id: int
    digest: bytes


def leaves_of(from_txid: int, to_txid: int) -> list[Leaf]:
    """The rows of a range of transactions, hashed by the database, in canonical order."""
    found: list[Leaf] = []
    with connection.cursor() as cursor:
        for number, (table, columns) in SEALED.items():
            cursor.execute(
                "SELECT id, substring(sha256(convert_to("  # noqa: S608  names of this module
                f"jsonb_build_array({', '.join(columns)})::text, 'UTF8')) FROM 1 FOR 16) "
                f"FROM {table} WHERE txid >= %s AND txid < %s ORDER BY id",
                [from_txid, to_txid],
            )
            found += [Leaf(number, key, bytes(digest)) for key, digest in cursor.fetchall()]
    return found


def pack(leaves: Sequence[Leaf]) -> bytes:
    return b"".join(LEAF.pack(leaf.table, leaf.id, leaf.digest) for leaf in leaves)


def unpack(content: bytes) -> list[Leaf]:
    return [Leaf(*parts) for parts in LEAF.iter_unpack(content)]


def digest_of(
    *,
    form: int,
    at: datetime,
    from_txid: int,
    to_txid: int,
    rows: int,
    leaves: bytes,
    previous: bytes,
) -> bytes:
    """The digest of a seal: over everything that it says and over its predecessor."""
    micros = round(at.timestamp() * 1_000_000)
    head = struct.pack(">hqqqi", form, micros, from_txid, to_txid, rows)
    return hashlib.sha256(head + hashlib.sha256(leaves).digest() + previous).digest()


def seal_once() -> Seal | None:
    """Seal the next batch of finished transactions; None when there is nothing to seal.

    Call it outside a transaction: it needs a snapshot of its own.

    Raises:
        SealError: the server's transaction numbers went back behind the last seal.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
                if cursor.fetchone() != (True,):
                    return None
            with as_system("seal the log"):
                return _seal_next()
    except IntegrityError:
        return None  # another sealer was a moment faster


def _seal_next() -> Seal | None:
    last = Seal.objects.order_by("-to_txid").first()
    start = last.to_txid if last else 0
    finished = _finished()
    if finished < start:
        raise SealError(
            f"transaction numbers went back: the server is at {finished}, the last seal ends at "
            f"{start}. After a restore from a dump advance them with pg_resetwal -x, then seal."
        )
    end = _end_of_batch(start, finished)
    leaves = leaves_of(start, end)
    if not leaves:
        return None
    values: dict[str, Any] = {
        "form": FORM,
        "at": timezone.now(),
        "from_txid": start,
        "to_txid": end,
        "rows": len(leaves),
        "leaves": pack(leaves),
        "previous": bytes(last.digest) if last else b"",
    }
    return Seal.objects.create(digest=digest_of(**values), **values)


def _finished() -> int:
    """All transactions with a lower number are finished, and this snapshot sees their rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (number,) = cursor.fetchone()
    return int(number)


def _end_of_batch(start: int, finished: int) -> int:
    """Where a batch of about ``BATCH_ROWS`` rows ends, between two transactions."""
    tables = " UNION ALL ".join(
        f"(SELECT txid FROM {table} WHERE txid >= %(start)s AND txid < %(end)s ORDER BY txid "  # noqa: S608
        "LIMIT %(most)s)"
        for table, _columns in SEALED.values()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT txid FROM ({tables}) AS t ORDER BY txid OFFSET %(most)s - 1 LIMIT 1",  # noqa: S608
            {"start": start, "end": finished, "most": BATCH_ROWS},
        )
        row = cursor.fetchone()
    return int(row[0]) + 1 if row else finished


def seal_all() -> int:
    """Seal everything that is finished, and ship the seals; returns how many were made."""
    made = 0
    while seal_once():
        made += 1
    ship_seals()
    return made


def seal_forever(
    stopped: threading.Event, *, every_s: float = EVERY_S, work: Callable[[], int] = seal_all
) -> None:
    """Seal every few seconds until ``stopped`` is set; an error is logged and tried again."""
    while not stopped.is_set():
        try:
            work()
        except (DatabaseError, SealError, OSError) as error:
            logger.warning("seal.failed", error=str(error))
        finally:
            close_old_connections()
        stopped.wait(every_s)
    connection.close()
