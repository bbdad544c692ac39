"""``./sen consumers``: the reactions of the domains to events."""

from __future__ import annotations

import argparse
import asyncio

from django.conf import settings

from sen.kernel.events.consumers import run_consumers
from sen.kernel.stopping import stop_event, stop_in_loop

HELP = "Chạy các bộ xử lý sự kiện của các phân hệ"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lanes", type=int, default=2, help="số luồng xử lý song song")


def run(options: argparse.Namespace) -> int:
    if not settings.NATS_URL:
        print("NATS_URL để trống: sự kiện được xử lý trong tiến trình relay.")
        stop_event().wait()
        return 0
    asyncio.run(_run(options.lanes))
    return 0


async def _run(lanes: int) -> None:
    await run_consumers(nats_url=settings.NATS_URL, lanes=lanes, stop=stop_in_loop())
