"""A relay or a consumers process with one handler, made to be killed by a test."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from dataclasses import dataclass

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")


def main(role: str) -> None:
    django.setup()
    from django.db import connection

    from sen.kernel.events import Event, Origin, on
    from sen.kernel.events.consumers import run_consumers
    from sen.kernel.events.running import run_relay

    @dataclass(frozen=True, kw_only=True)
    class CounterRaised(Event):
        type = "vn.dongthap.sen.testing.counter.raised.v1"
        counter: int
        value: int

    @on(CounterRaised, name="testing.book")
    def book(event: CounterRaised, origin: Origin) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO booked (counter, value) VALUES (%s, %s)", [event.counter, event.value]
            )
            cursor.execute("UPDATE counters SET booked = booked + 1 WHERE id = %s", [event.counter])

    url = os.environ["NATS_URL"]
    if role == "relay":
        run_relay(nats_url=url, stop=threading.Event())
    elif role == "consumers":
        asyncio.run(run_consumers(nats_url=url, lanes=1, stop=asyncio.Event()))
    else:
        _publish(CounterRaised, int(role))


def _publish(event: type, seed: int) -> None:
    """Raise counters for ever, several of them in one transaction, sometimes in vain."""
    import random

    from django.db import connection, transaction

    from sen.kernel.events import publish

    chance = random.Random(seed)
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            for counter in sorted(chance.sample(range(1, 9), 3)):
                cursor.execute(
                    "UPDATE counters SET raised = raised + 1 WHERE id = %s RETURNING raised",
                    [counter],
                )
                publish(event(counter=counter, value=cursor.fetchone()[0]), key=counter)
            if chance.random() < 0.1:
                transaction.set_rollback(True)
        time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1])
