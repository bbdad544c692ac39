"""Whether a process answers."""

from __future__ import annotations

import asyncio
import struct
from enum import Enum
from urllib.parse import urlsplit

TIMEOUT_S = 3.0


class Health(Enum):
    """What a check found."""

    READY = "ready"
    BUSY = "busy"  # answers, but cannot serve yet
    SILENT = "silent"

    @property
    def label(self) -> str:
        return {"ready": "tốt", "busy": "chưa sẵn sàng", "silent": "không trả lời"}[self.value]


async def check(url: str) -> Health:
    """Ask once; never raises and never takes longer than ``TIMEOUT_S``."""
    if not url:
        return Health.READY
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (translated)
    question, judge = {
        "http": (http_question(host, parts.path or "/"), judge_http),
        "tcp": (b"", judge_tcp),
        "postgres": (POSTGRES_QUESTION, judge_postgres),
        "nats": (b"", judge_nats),
    }[parts.scheme]
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, parts.port)
            try:
                writer.write(question)
                answer = b"" if judge is judge_tcp else await reader.read(256)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return Health.SILENT
    return judge(answer)


def http_question(host: str, path: str) -> bytes:
    name = f"[{host}]" if ":" in host else host
    return f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode()


def judge_http(answer: bytes) -> Health:
    """Status 200 is ready; any other answer is busy."""
    if not answer.startswith(b"HTTP/1."):
        return Health.SILENT
    return Health.READY if answer[9:12] == b"200" else Health.BUSY


def judge_tcp(_answer: bytes) -> Health:
    return Health.READY


def _startup_message() -> bytes:
    body = struct.pack("!I", 196_608) + b"user\0sen_app\0database\0postgres\0\0"
    return struct.pack("!I", len(body) + 4) + body


POSTGRES_QUESTION = _startup_message()


def judge_postgres(answer: bytes) -> Health:
    """A request to authenticate is ready; code 57P03 (starting, stopping) is busy."""
    if answer[:1] == b"R":
        return Health.READY
    if answer[:1] == b"E":
        return Health.BUSY if b"57P03" in answer else Health.READY
    return Health.SILENT


def judge_nats(answer: bytes) -> Health:
    return Health.READY if answer.startswith(b"INFO ") else Health.SILENT
