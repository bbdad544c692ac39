"""Seals leave the host: lines in a file that another machine keeps, or messages to a log server.

``SEN_SEAL_TARGETS`` lists addresses: ``file:///mnt/worm/sen-seals.jsonl``,
``syslog://log.example:514`` (UDP) and ``syslog+tcp://…``. How far each target has come is kept in
the variable directory, so a seal that was made while a target was away is sent later; after a
crash one may be sent twice, never left out.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from sen.kernel.audit.models import Seal

logger = structlog.get_logger(__name__)

LIMIT: Final = 1000
TIMEOUT_S: Final = 5.0
#: Facility 13 (log audit), severity 5 (notice).
PRIORITY: Final = 13 * 8 + 5


def line_of(seal: Seal) -> str:
    """A seal as one line; the leaves stay at home, the digest covers them."""
    return json.dumps(
        {
            "seal": seal.pk,
            "at": seal.at.isoformat(),
            "from": seal.from_txid,
            "to": seal.to_txid,
            "rows": seal.rows,
            "digest": bytes(seal.digest).hex(),
        }
    )


def ship_seals() -> int:
    """Send every target the seals that it has not yet; returns how many lines went out."""
    sent = 0
    for target in settings.SEN_SEAL_TARGETS:
        done = _progress().get(target, 0)
        seals = list(Seal.objects.filter(pk__gt=done).order_by("pk").defer("leaves")[:LIMIT])
        if not seals:
            continue
        try:
            _send(target, [line_of(seal) for seal in seals])
        except OSError as error:
            logger.warning("seal.not-shipped", target=target, error=str(error))
            continue
        _note_progress(target, seals[-1].pk)
        sent += len(seals)
    return sent


def _send(target: str, lines: Sequence[str]) -> None:
    parts = urlsplit(target)
    if parts.scheme == "file":
        _append(Path(parts.path), lines)
    elif parts.scheme == "syslog":
        address = (parts.hostname or "127.0.0.1", parts.port or 514)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for message in _messages(lines):
                sender.sendto(message, address)
    elif parts.scheme == "syslog+tcp":
        address = (parts.hostname or "127.0.0.1", parts.port or 601)
        with socket.create_connection(address, TIMEOUT_S) as sender:
            for message in _messages(lines):
                sender.sendall(f"{len(message)} ".encode() + message)  # RFC 6587, counted
    else:
        raise OSError(f"unknown kind of target: {target}")


def _messages(lines: Iterable[str]) -> Iterable[bytes]:
    """RFC 5424 messages."""
    host = socket.gethostname()
    return (f"<{PRIORITY}>1 - {host} sen - seal - {line}".encode() for line in lines)


def _append(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())


def shipped_lines(path: Path, from_seal: int = 0) -> dict[int, dict[str, Any]]:
    """Seals by number as a file target holds them; of one that was sent twice, the first."""
    found: dict[int, dict[str, Any]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                seal = json.loads(line)
                if int(seal["seal"]) >= from_seal:
                    found.setdefault(int(seal["seal"]), seal)
    return found


def copies() -> list[Path]:
    """The files among the targets that this host can read back."""
    parts = [urlsplit(target) for target in settings.SEN_SEAL_TARGETS]
    paths = [Path(part.path) for part in parts if part.scheme == "file"]
    return [path for path in paths if path.is_file()]


def shipped_until() -> dict[str, int]:
    """Target → the last seal that it has; 0 for one that has none yet."""
    done = _progress()
    return {target: done.get(target, 0) for target in settings.SEN_SEAL_TARGETS}


def _progress_file() -> Path:
    return Path(settings.SEN_VAR) / "audit" / "shipped.json"


def _progress() -> dict[str, int]:
    try:
        found: dict[str, int] = json.loads(_progress_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _note_progress(target: str, number: int) -> None:
    path = _progress_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(_progress() | {target: number}), encoding="utf-8")
    draft.replace(path)
