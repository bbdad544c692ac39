"""Handing one event to one handler: exactly once in effect, in order per thing.

PostgreSQL keeps the record. The note in the inbox is written in the handler's transaction, so a
second delivery finds it and does nothing. What fails is kept as a :class:`Delivery` row and tried
again from there; until then later events of the same thing wait behind it. A parked event no
longer holds up the others.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from sen.kernel.access.context import acting_as, as_system
from sen.kernel.events.base import from_data, thing_of
from sen.kernel.events.envelope import origin_of
from sen.kernel.events.handlers import Handler, handlers
from sen.kernel.events.models import Delivery

logger = logging.getLogger(__name__)

#: Seconds before the second, third, … try; the last is repeated.
BACKOFF_S: Final = (1, 5, 20, 60, 300, 900, 3600)
ERROR_LENGTH: Final = 4000

_NOTE: Final = """
INSERT INTO kernel_events_inboxentry (event_id, handler) VALUES (%s, %s)
ON CONFLICT (event_id, handler) DO NOTHING RETURNING 1
"""


def partition_of(envelope: Mapping[str, Any]) -> str:
    return f"{thing_of(envelope['type'])}:{envelope['subject']}"[:150]


def deliver(handler: Handler, envelope: Mapping[str, Any], *, raise_errors: bool = False) -> bool:
    """Hand an event to a handler; whether it is handled now (or was before).

    When this returns, the event is either handled or kept to be tried again: the transport may
    forget it. With ``raise_errors`` (tests) a failure is raised instead of kept.

    Raises:
        OperationalError: the database is away; the transport must deliver the event again.
    """
    if _must_wait(handler, envelope):
        _keep(handler, envelope, Delivery.State.WAITING)
        return False
    try:
        _handle(handler, envelope)
    except Exception:
        if raise_errors:
            raise
        logger.warning(
            "event %s (%s) failed in %s",
            envelope["id"],
            envelope["type"],
            handler.name,
            exc_info=True,
        )
        _failed(handler, envelope)
        return False
    return True


def _handle(handler: Handler, envelope: Mapping[str, Any]) -> None:
    cls = handler.type_of(envelope["type"])
    if cls is None:
        return
    origin = origin_of(envelope)
    with (
        acting_as(origin.actor, request_id=origin.request_id),
        as_system(f"Xử lý sự kiện: {handler.name}"),
    ):
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [envelope["id"], handler.name])
            first = cursor.fetchone() is not None
        if first:
            handler.call(from_data(cls, envelope["data"]), origin)
        Delivery.objects.filter(event_id=envelope["id"], handler=handler.name).delete()


def _must_wait(handler: Handler, envelope: Mapping[str, Any]) -> bool:
    """Whether an earlier event of the same thing is still to be handled."""
    return (
        Delivery.objects.filter(handler=handler.name, partition=partition_of(envelope))
        .exclude(state=Delivery.State.PARKED)
        .exclude(event_id=envelope["id"])
        .filter(sequence__lt=int(envelope["sequence"]))
        .exists()
    )


def _failed(handler: Handler, envelope: Mapping[str, Any]) -> None:
    error = traceback.format_exc()[-ERROR_LENGTH:]
    known = _kept(handler, envelope).first()
    attempts = (known.attempts if known else 0) + 1
    wait = timedelta(seconds=BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1])
    parked = attempts >= handler.tries
    _keep(
        handler,
        envelope,
        Delivery.State.PARKED if parked else Delivery.State.RETRYING,
        attempts=attempts,
        error=error,
        next_at=timezone.now() + wait,
    )


def _kept(handler: Handler, envelope: Mapping[str, Any]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(event_id=envelope["id"], handler=handler.name)


def _keep(
    handler: Handler, envelope: Mapping[str, Any], state: Delivery.State, **fields: object
) -> None:
    if state is Delivery.State.WAITING and _kept(handler, envelope).exists():
        return
    Delivery.objects.update_or_create(
        event_id=envelope["id"],
        handler=handler.name,
        defaults={
            "partition": partition_of(envelope),
            "sequence": int(envelope["sequence"]),
            "envelope": dict(envelope),
            "state": state,
            **fields,
        },
    )


def retry_due(names: Collection[str] | None = None, *, limit: int = 100) -> int:
    """Try again what is due, of each thing the first event first; returns how many were handled.

    ``names`` are the handlers of this process (all). A success lets the next event of the same
    thing follow at once.
    """
    mine = list(handlers.names() if names is None else names)
    handled = 0
    for _turn in range(limit):
        row = _next_due(mine)
        if row is None:
            break
        if row.envelope["type"] in {cls.type for cls in handlers[row.handler].types}:
            handled += deliver(handlers[row.handler], row.envelope)
        else:
            # The handler no longer listens to the type.
            row.delete()
    return handled


def _next_due(names: list[str]) -> Delivery | None:
    open_rows = Delivery.objects.filter(handler__in=names).exclude(state=Delivery.State.PARKED)
    earlier = Delivery.objects.filter(
        handler=OuterRef("handler"),
        partition=OuterRef("partition"),
        sequence__lt=OuterRef("sequence"),
    ).exclude(state=Delivery.State.PARKED)
    return (
        open_rows.filter(next_at__lte=timezone.now())
        .exclude(Exists(earlier))
        .order_by("next_at", "sequence")
        .first()
    )
