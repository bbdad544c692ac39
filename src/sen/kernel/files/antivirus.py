"""Asking ClamAV, where the settings name one.

Source:
    clamd(8), command INSTREAM: chunks with their length before them, an empty one at the end.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import IO, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CHUNK: Final = 64 * 1024
TIMEOUT_S: Final = 60


class ScannerError(RuntimeError):
    """The scanner does not answer, or answers something else than a verdict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scanner said; ``virus`` is the name of what it found."""

    virus: str = ""


def is_configured() -> bool:
    return bool(settings.SEN_CLAMD)


def scan(content: IO[bytes]) -> Verdict:
    """Let the scanner read a content.

    Raises:
        ScannerError: it does not answer, or could not scan.
    """
    try:
        with _connect() as channel:
            channel.sendall(b"zINSTREAM\0")
            while chunk := content.read(CHUNK):
                channel.sendall(struct.pack("!I", len(chunk)) + chunk)
            channel.sendall(struct.pack("!I", 0))
            said = _answer(channel)
    except OSError as error:
        raise ScannerError(f"{settings.SEN_CLAMD}: {error}") from error
    if said.endswith(" FOUND"):
        return Verdict(said.removeprefix("stream:").removesuffix("FOUND").strip())
    if said.endswith("OK"):
        return Verdict()
    raise ScannerError(f"{settings.SEN_CLAMD}: {said[:200]}")


def ping() -> bool:
    """Whether the scanner answers."""
    try:
        with _connect() as channel:
            channel.sendall(b"zPING\0")
            return _answer(channel) == "PONG"
    except OSError:
        return False


def _connect() -> socket.socket:
    kind, _colon, rest = settings.SEN_CLAMD.partition(":")
    if kind == "unix":
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        channel.settimeout(TIMEOUT_S)
        channel.connect(rest)
        return channel
    host, _colon, port = rest.rpartition(":")
    if kind != "tcp" or not host or not port.isdigit():
        raise ImproperlyConfigured(
            f"SEN_CLAMD={settings.SEN_CLAMD!r}: expected unix:/run/clamav/clamd.ctl or "
            "tcp:127.0.0.1:3310"
        )
    return socket.create_connection((host, int(port)), TIMEOUT_S)


def _answer(channel: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0"):
        part = channel.recv(4096)
        if not part:
            break
        said += part
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()
