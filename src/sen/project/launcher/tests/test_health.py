"""What the health checks make of answers."""

from __future__ import annotations

import asyncio

import pytest

from sen.project.launcher.health import Health, check


async def answer_with(answer: bytes | None, scheme: str) -> Health:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if scheme in {"http", "postgres"}:
            await reader.read(200)
        if answer is not None:
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        return await check(f"{scheme}://127.0.0.1:{port}/healthz/ready")


@pytest.mark.parametrize(
    ("scheme", "answer", "expected"),
    [
        ("http", b"HTTP/1.1 200 OK\r\n\r\n", Health.READY),
        ("http", b"HTTP/1.1 503 Service Unavailable\r\n\r\n", Health.BUSY),
        ("http", None, Health.SILENT),
        ("tcp", None, Health.READY),
        ("postgres", b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0", Health.READY),
        (
            "postgres",
            b"E\0\0\0\x60SFATAL\0C57P03\0Mthe database system is starting up\0",
            Health.BUSY,
        ),
        ("postgres", b"HTTP/1.1 400", Health.SILENT),
        ("nats", b'INFO {"version":"2.15.1"}\r\n', Health.READY),
        ("nats", b"-ERR", Health.SILENT),
    ],
)
def test_answers(scheme: str, answer: bytes | None, expected: Health) -> None:
    assert asyncio.run(answer_with(answer, scheme)) is expected


def test_nobody_there_is_silent() -> None:
    assert asyncio.run(check("tcp://127.0.0.1:1")) is Health.SILENT


def test_without_an_address_running_is_enough() -> None:
    assert asyncio.run(check("")) is Health.READY
