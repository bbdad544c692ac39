"""``./sen relay``: from the outbox to NATS; without NATS also to the handlers."""

from __future__ import annotations

import argparse

from django.conf import settings

from sen.kernel.events.running import run_relay
from sen.project.commands._signals import stop_event

HELP = "Chuyển sự kiện từ cơ sở dữ liệu sang NATS (không có NATS thì xử lý ngay tại đây)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults()


def run(options: argparse.Namespace) -> int:
    run_relay(nats_url=settings.NATS_URL, stop=stop_event())
    return 0
