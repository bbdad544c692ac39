"""``./sen telemetry-writer``: observations from their stream into the store, with rollups."""

from __future__ import annotations

import argparse
import asyncio

from django.conf import settings

from sen.kernel.stopping import stop_event, stop_in_loop

HELP = "Ghi số liệu quan trắc vào kho, tính số liệu tổng hợp"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults()


def run(_options: argparse.Namespace) -> int:
    if not settings.NATS_URL:
        print("NATS_URL để trống: không nhận được số liệu quan trắc.")
        stop_event().wait()
        return 0
    asyncio.run(_run())
    return 0


async def _run() -> None:
    from sen.domains.telemetry.flow.writer import run_writer

    await run_writer(nats_url=settings.NATS_URL, stop=stop_in_loop())
