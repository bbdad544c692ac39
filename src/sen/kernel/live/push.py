"""Newest values straight to live screens, past the outbox: progress, positions, measurements.

Nothing is kept and nothing is promised; what must arrive is an event. A value is sent at once,
also when the transaction around the call is rolled back later.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import timezone

from sen.kernel.events.publishing import Audience as RowAudience
from sen.kernel.live.messages import Audience, Message
from sen.kernel.live.topics import topics

if TYPE_CHECKING:
    from sen.kernel.broker import Broker

_lock: Final = threading.Lock()
_brokers: Final[dict[int, Broker]] = {}


def push(
    topic: str,
    key: int | str,
    payload: Mapping[str, Any],
    *,
    audience: RowAudience,
    values: Mapping[str, str | int | float] | None = None,
    urgent: bool = False,
) -> bool:
    """Show ``payload`` as the newest of ``key``; whether there was a connection to send it by.

    ``values`` are written into the places of a page that carry their key (``data-live-key``).

    Raises:
        KeyError: the topic is not declared.
    """
    declared = topics[topic]
    message = message_for(
        declared.name, key, payload, audience=audience, values=values, urgent=urgent
    )
    return _send(message)


def message_for(
    topic: str,
    key: int | str,
    payload: Mapping[str, Any],
    *,
    audience: RowAudience,
    values: Mapping[str, str | int | float] | None = None,
    urgent: bool = False,
) -> Message:
    """The message, for processes that hold a connection of their own."""
    return Message(
        topic=topic,
        key=str(key),
        at=timezone.now().isoformat(),
        audience=Audience(
            int(audience.data_class),
            audience.owner_org_id,
            audience.area_id,
            audience.subject_id,
        ),
        urgent=urgent,
        data=dict(payload),
        values=dict(values or {}),
    )


def _send(message: Message) -> bool:
    if not settings.NATS_URL:
        return False
    broker = _broker()
    return broker.publish_soon(message.subject, message.encoded())


def _broker() -> Broker:
    """The connection of this process; a forked child opens its own."""
    # The client of NATS takes a third of a second to import; web workers hardly ever push.
    from sen.kernel.broker import Broker

    with _lock:
        if (broker := _brokers.get(os.getpid())) is None:
            _brokers.clear()
            broker = _brokers[os.getpid()] = Broker(settings.NATS_URL, name="sen-push")
            # The first values of a process would be dropped while the connection opens.
            broker.try_wait(1.0)
    return broker
