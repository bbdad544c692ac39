"""Events to JetStream, in order per shard, each with its message id; live values beside them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from sen.kernel.broker import EVENT_STREAM, Broker, BrokerAwayError, ensure_event_stream
from sen.kernel.events.base import event_types, personal_fields, subject_of
from sen.kernel.live.messages import Audience, Message

logger = logging.getLogger(__name__)

ACK_S: Final = 5.0
BATCH_S: Final = 30.0

Envelope = dict[str, Any]


class JetStreamTransport:
    """The transport of ``relay_batch`` over a :class:`~sen.kernel.broker.Broker`."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._stream: JetStreamContext | None = None

    def send(self, shards: Mapping[int, list[Envelope]]) -> list[int]:
        """Store events; returns the sequence numbers that the server acknowledged."""
        try:
            return self.broker.call(self._send(shards), timeout_s=BATCH_S + ACK_S)
        except (BrokerAwayError, NatsError, TimeoutError, OSError) as error:
            logger.warning("relay: %s", error)
            return []

    def show(self, envelopes: Iterable[Envelope]) -> None:
        """Pass events on to live screens."""
        for envelope in envelopes:
            message = live_message(envelope)
            if message is not None:
                self.broker.publish_soon(message.subject, message.encoded())

    async def _send(self, shards: Mapping[int, list[Envelope]]) -> list[int]:
        if self._stream is None:
            stream = self.broker.client.jetstream()
            await ensure_event_stream(stream)
            self._stream = stream
        deadline = asyncio.get_running_loop().time() + BATCH_S
        parts = await asyncio.gather(
            *(self._send_shard(self._stream, events, deadline) for events in shards.values())
        )
        return [number for part in parts for number in part]

    async def _send_shard(
        self, stream: JetStreamContext, events: list[Envelope], deadline: float
    ) -> list[int]:
        done: list[int] = []
        for envelope in events:
            if asyncio.get_running_loop().time() > deadline:
                break
            try:
                await stream.publish(
                    subject_of(envelope["type"]),
                    msgspec.json.encode(envelope),
                    timeout=ACK_S,
                    stream=EVENT_STREAM,
                    headers={
                        "Nats-Msg-Id": envelope["id"],
                        "Content-Type": "application/cloudevents+json",
                    },
                )
            except (TimeoutError, NatsError, OSError) as error:
                logger.warning("relay: event %s not stored: %r", envelope["id"], error)
                # The stream may be gone with its server's disk: look again before the next batch.
                self._stream = None
                break
            done.append(int(envelope["sequence"]))
        return done


def live_message(envelope: Mapping[str, Any]) -> Message | None:
    """What live screens get of an event: no personal data; ``None`` for events not shown live."""
    cls = event_types.get(envelope["type"])
    if cls is None or not cls.live_topic:
        return None
    data = envelope["data"]
    hidden = personal_fields(cls)
    return Message(
        topic=cls.live_topic,
        key=str(data[cls.live_key] if cls.live_key else envelope["subject"]),
        at=envelope["time"],
        audience=Audience(
            data_class=envelope["dataclass"],
            owner_org_id=envelope["orgid"],
            area_id=envelope["areaid"],
            subject_id=envelope["subjectid"],
        ),
        type=envelope["type"],
        urgent=cls.live_urgent,
        data={name: value for name, value in data.items() if name not in hidden},
    )
