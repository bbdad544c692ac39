"""``./sen worker``: queued and scheduled work."""

from __future__ import annotations

import argparse
import asyncio

from sen.kernel.jobs.working import run_worker
from sen.kernel.stopping import stop_in_loop

HELP = "Chạy công việc nền: theo hàng đợi và theo lịch"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=2, help="số công việc chạy song song")


def run(options: argparse.Namespace) -> int:
    asyncio.run(_run(options.concurrency))
    return 0


async def _run(concurrency: int) -> None:
    await run_worker(concurrency=concurrency, stop=stop_in_loop())
