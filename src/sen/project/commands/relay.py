"""``./sen relay``: from the outbox to NATS (without NATS also to the handlers), and the seals."""

from __future__ import annotations

import argparse
import threading

from django.conf import settings

from sen.kernel.audit.seal import seal_forever
from sen.kernel.events.running import run_relay
from sen.kernel.stopping import stop_event

HELP = "Chuyển sự kiện sang NATS (không có NATS thì xử lý tại đây) và niêm phong nhật ký"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults()


def run(options: argparse.Namespace) -> int:
    stop = stop_event()
    sealer = threading.Thread(target=seal_forever, args=(stop,), name="sealer", daemon=True)
    sealer.start()
    run_relay(nats_url=settings.NATS_URL, stop=stop)
    sealer.join(timeout=5)
    return 0
