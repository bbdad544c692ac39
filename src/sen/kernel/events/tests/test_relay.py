from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from sen.kernel.broker import Broker
from sen.kernel.events import Event, Origin, on, publish_many
from sen.kernel.events.consumers import lost_events
from sen.kernel.events.delivery import deliver
from sen.kernel.events.handlers import handlers
from sen.kernel.events.models import HandlerStart, OutboxEvent
from sen.kernel.events.relay import lag, note_handlers, numbered, relay_batch
from sen.kernel.events.transport import JetStreamTransport
from sen.kernel.testing.processes import NatsServer

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class LockOpened(Event):
    type = "vn.dongthap.sen.testing.lock.opened.v1"
    lock_id: int
    number: int


@dataclass
class Ship:
    """A transport whose hold takes so many events of each shard."""

    room: int
    carried: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def send(self, shards: Mapping[int, list[dict[str, Any]]]) -> list[int]:
        taken = [envelope for events in shards.values() for envelope in events[: self.room]]
        self.carried += [envelope["id"] for envelope in taken]
        return [int(envelope["sequence"]) for envelope in taken]

    def show(self, envelopes: Iterable[dict[str, Any]]) -> None:
        self.shown += [envelope["id"] for envelope in envelopes]


@pytest.fixture(autouse=True)
def _nothing_waits(db: None) -> None:
    """What tests that really commit left behind is not of this file."""
    OutboxEvent.objects.all().delete()


def publish_some() -> list[str]:
    events = [(LockOpened(lock_id=1, number=n), 1) for n in range(5)]
    return [str(event_id) for event_id in publish_many(events)]


def test_what_the_transport_does_not_take_stays_in_order() -> None:
    ids = publish_some()
    ship = Ship(room=2)
    assert relay_batch(ship) == (2, 3)
    assert lag().waiting == 3
    ship.room = 10
    assert relay_batch(ship) == (3, 0)
    assert ship.carried == ship.shown == ids
    assert relay_batch(ship) == (0, 0)
    assert (lag().waiting, lag().oldest_s) == (0, 0.0)


def test_lag_is_the_age_of_the_oldest_event() -> None:
    publish_some()
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(seconds=90))
    assert 89 < lag().oldest_s < 100


@pytest.fixture
def seen() -> Iterator[list[int]]:
    numbers: list[int] = []

    @on(LockOpened, name="testing.note")
    def note(event: LockOpened, origin: Origin) -> None:
        numbers.append(event.number)

    yield numbers
    handlers.remove("testing.note")


def test_events_that_the_transport_lost_are_found_in_the_outbox(seen: list[int]) -> None:
    handler = handlers["testing.note"]
    note_handlers()
    publish_some()
    relay_batch(Ship(room=10))
    assert lost_events(handler) == [], "what was sent just now may still be on its way"
    OutboxEvent.objects.update(sent_at=timezone.now() - timedelta(minutes=5))
    deliver(handler, numbered(OutboxEvent.objects.earliest("id")))
    for row in lost_events(handler):
        deliver(handler, numbered(row))
    assert seen == [0, 1, 2, 3, 4]
    assert lost_events(handler) == []


def test_a_new_handler_does_not_get_what_happened_before_it(seen: list[int]) -> None:
    publish_some()
    relay_batch(Ship(room=10))
    past = timezone.now() - timedelta(minutes=5)
    OutboxEvent.objects.update(sent_at=past, created_at=past)
    note_handlers()
    assert HandlerStart.objects.filter(handler="testing.note").exists()
    assert lost_events(handlers["testing.note"]) == []


def test_jetstream_keeps_each_event_once_and_a_broker_that_is_away_loses_none(
    tmp_path: Path,
) -> None:
    nats = NatsServer(tmp_path)
    broker = Broker(nats.url, name="test")
    broker.wait()
    transport = JetStreamTransport(broker)
    try:
        publish_some()
        assert relay_batch(transport) == (5, 0)
        OutboxEvent.objects.update(sent_at=None)
        assert relay_batch(transport) == (5, 0)
        info = broker.call(broker.client.jetstream().stream_info("SEN_EVENTS"))
        assert info.state.messages == 5
        nats.kill()
        publish_some()
        assert relay_batch(transport) == (0, 5)
        assert lag().waiting == 5
    finally:
        nats.kill()
        broker.close()
