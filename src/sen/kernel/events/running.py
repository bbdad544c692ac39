"""The relay as a process: woken by the database, patient when something is away."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

import psycopg
from django.db import DatabaseError, connection
from psycopg import sql

from sen.kernel.broker import Broker
from sen.kernel.events.delivery import retry_due
from sen.kernel.events.publishing import CHANNEL
from sen.kernel.events.relay import BATCH, deliver_pending, note_handlers, relay_batch
from sen.kernel.events.transport import JetStreamTransport
from sen.kernel.sideline import open_sideline

logger = logging.getLogger(__name__)

POLL_S: Final = 2.0
MAX_PAUSE_S: Final = 5.0


class Bell:
    """Rings when a transaction with events commits (LISTEN on a connection of its own)."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def wait(self, seconds: float) -> None:
        """Return when it rings, at the latest after ``seconds``.

        Raises:
            OperationalError: the database is away.
        """
        if self._connection is None or self._connection.closed:
            self._connection = self._open()
            return
        for _ring in self._connection.notifies(timeout=seconds, stop_after=1):
            break

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @staticmethod
    def _open() -> psycopg.Connection[Any]:
        opened = open_sideline()
        opened.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        return opened


def run_relay(*, nats_url: str, stop: threading.Event) -> None:
    """Relay events until ``stop`` is set; without ``nats_url`` the handlers run here."""
    note_handlers()
    broker = Broker(nats_url, name="sen-relay") if nats_url else None
    transport = JetStreamTransport(broker) if broker else None
    bell = Bell()
    pause = 0.0
    while not stop.is_set():
        try:
            more = _turn(transport)
            if not more:
                bell.wait(POLL_S)
            pause = 0.0
        except Stuck:
            pause = min(MAX_PAUSE_S, max(0.1, pause * 2))
        except (DatabaseError, psycopg.Error) as error:
            logger.warning("relay: database: %s", error)
            bell.close()
            connection.close()
            pause = min(MAX_PAUSE_S, max(0.1, pause * 2))
        if pause:
            stop.wait(pause)
    bell.close()
    if broker:
        broker.close()


class Stuck(Exception):  # noqa: N818  (no defect: the transport is away)
    """Events wait, and the transport takes none."""


def _turn(transport: JetStreamTransport | None) -> bool:
    """One round; whether the next should follow at once."""
    if transport is None:
        deliver_pending(raise_errors=False)
        retry_due()
        return False
    sent, left = relay_batch(transport)
    if left:
        raise Stuck
    return sent == BATCH
