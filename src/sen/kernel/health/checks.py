"""The checks behind ``/healthz/ready``.

Only what makes every answer wrong fails a process (database, migrations): a supervisor that
restarts the web because the broker is away would make one fault two. The rest is reported.
"""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from sen.kernel.events.relay import lag
from sen.kernel.files import antivirus
from sen.kernel.logbook.checking import last_check

NATS_TIMEOUT_S: Final = 1.0
MIN_FREE_SHARE: Final = 0.05
MIN_FREE_BYTES: Final = 1 << 30
MAX_LAG_S: Final = 60.0


class Status(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; ``detail`` is for operators."""

    name: str
    status: Status
    detail: str = ""
    ms: float = 0.0


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (version,) = cursor.fetchone()
    return Finding("database", Status.OK, f"PostgreSQL {version}")


@lru_cache(maxsize=1)
def _migrations_on_disk() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset((loader.disk_migrations or {}).keys())


def migrations() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    if missing := sorted(_migrations_on_disk() - applied):
        names = ", ".join(f"{app}.{name}" for app, name in missing[:5])
        return Finding("migrations", Status.FAILED, f"{len(missing)} chưa áp dụng: {names}")
    return Finding("migrations", Status.OK, f"{len(applied)}")


def nats() -> Finding:
    """Asks the server for its greeting; it needs no password."""
    if not settings.NATS_URL:
        return Finding("nats", Status.OK, "không dùng")
    parts = urlsplit(settings.NATS_URL.split(",")[0])
    address = (parts.hostname or "127.0.0.1", parts.port or 4222)
    with socket.create_connection(address, NATS_TIMEOUT_S) as probe:
        probe.settimeout(NATS_TIMEOUT_S)
        greeting = probe.recv(4096)
    if not greeting.startswith(b"INFO "):
        return Finding("nats", Status.DEGRADED, f"{address[0]}:{address[1]} không phải NATS")
    return Finding("nats", Status.OK, f"{address[0]}:{address[1]}")


def disk() -> Finding:
    place = Path(settings.SEN_VAR)
    usage = shutil.disk_usage(place if place.exists() else place.parent)
    tight = usage.free < MIN_FREE_BYTES or usage.free / usage.total < MIN_FREE_SHARE
    detail = f"còn trống {usage.free / (1 << 30):.1f} GiB"
    return Finding("disk", Status.DEGRADED if tight else Status.OK, detail)


def outbox() -> Finding:
    now = lag()
    late = now.oldest_s > MAX_LAG_S
    detail = f"{now.waiting} chờ chuyển, lâu nhất {now.oldest_s:.0f} s; {now.parked} tạm dừng"
    return Finding("outbox", Status.DEGRADED if late else Status.OK, detail)


def files() -> Finding:
    """Where contents lie, and whether a virus scanner reads them."""
    place = settings.SEN_FILE_STORE or "thư mục của máy này"
    if not antivirus.is_configured():
        return Finding("files", Status.OK, f"{place}; không có ClamAV (SEN_CLAMD)")
    answers = antivirus.ping()
    detail = f"{place}; ClamAV {'trả lời' if answers else 'không trả lời, tệp mới phải chờ'}"
    return Finding("files", Status.OK if answers else Status.DEGRADED, detail)


def log() -> Finding:
    """What the latest check of the chain of seals found."""
    check = last_check()
    if check is None:
        return Finding("log", Status.OK, "chưa kiểm tra chuỗi niêm phong")
    when = f"kiểm tra lúc {timezone.localtime(check.at):%H:%M %d/%m/%Y}"
    if not check.is_whole:
        detail = f"nhật ký đã bị can thiệp ở bản niêm phong số {check.broken_seal}, {when}"
        return Finding("log", Status.DEGRADED, detail)
    return Finding("log", Status.OK, f"nguyên vẹn đến bản niêm phong số {check.last_seal}, {when}")


#: Name → check, and its status when it raises.
CHECKS: Final[dict[str, tuple[Callable[[], Finding], Status]]] = {
    "database": (database, Status.FAILED),
    "migrations": (migrations, Status.FAILED),
    "nats": (nats, Status.DEGRADED),
    "disk": (disk, Status.DEGRADED),
    "outbox": (outbox, Status.DEGRADED),
    "files": (files, Status.DEGRADED),
    "log": (log, Status.DEGRADED),
}


def run_checks() -> list[Finding]:
    """Every check with its time; one that raises is reported by its kind of error."""
    return [_timed(name, check, otherwise) for name, (check, otherwise) in CHECKS.items()]


def _timed(name: str, check: Callable[[], Finding], otherwise: Status) -> Finding:
    started = time.perf_counter()
    try:
        found = check()
    except (DatabaseError, OSError) as error:
        found = Finding(name, otherwise, f"{type(error).__name__}: {error}".strip()[:200])
    ms = round((time.perf_counter() - started) * 1000, 1)
    return Finding(found.name, found.status, found.detail, ms)


def overall(findings: list[Finding]) -> Status:
    """The worst of all."""
    order = list(Status)
    return max((finding.status for finding in findings), key=order.index, default=Status.OK)
