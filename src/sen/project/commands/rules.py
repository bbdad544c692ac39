"""``./sen rules``: judges observations as they come, raises alarms and escalates them."""

from __future__ import annotations

import argparse
import asyncio

from django.conf import settings

from sen.kernel.stopping import stop_event, stop_in_loop

HELP = "Xét số liệu quan trắc theo quy tắc, phát cảnh báo và báo cấp trên khi đến hạn"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults()


def run(options: argparse.Namespace) -> int:
    if not settings.NATS_URL:
        print("NATS_URL để trống: không nhận được số liệu quan trắc.")
        stop_event().wait()
        return 0
    asyncio.run(_run())
    return 0


async def _run() -> None:
    from sen.domains.alarms.runner.process import run_rules

    await run_rules(nats_url=settings.NATS_URL, stop=stop_in_loop())
