from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated

import pytest
from django.db import transaction
from django.utils import timezone

from sen.kernel.access.context import acting_as, current
from sen.kernel.access.scope import Actor, ActorKind
from sen.kernel.events import PII, Audience, Event, Origin, on, publish, publish_many
from sen.kernel.events.base import event_types, from_data, personal_fields, to_data
from sen.kernel.events.delivery import retry_due
from sen.kernel.events.handlers import handlers
from sen.kernel.events.models import Delivery, InboxEntry, OutboxEvent
from sen.kernel.events.relay import deliver_pending, lag


@dataclass(frozen=True, kw_only=True)
class SluiceOpened(Event):
    """A sluice was opened."""

    type = "vn.dongthap.sen.testing.sluice.opened.v1"
    sluice_id: int
    on_date: date = date(2026, 11, 23)
    width_m: Decimal = Decimal("2.50")
    keeper: Annotated[str, PII] = ""
    gates: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SluiceClosed(Event):
    type = "vn.dongthap.sen.testing.sluice.closed.v1"
    sluice_id: int


@dataclass
class Log:
    """What the handler of a test saw, and on which sluices it fails."""

    seen: list[tuple[str, int]] = field(default_factory=list)
    fails: set[int] = field(default_factory=set)
    origins: list[Origin] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()

    @on(SluiceOpened, SluiceClosed, name="testing.follow", tries=3)
    def follow(event: SluiceOpened | SluiceClosed, origin: Origin) -> None:
        assert current().actor.is_system
        if event.sluice_id in log.fails:
            raise ValueError("cửa cống hỏng")
        log.seen.append((type(event).__name__, event.sluice_id))
        log.origins.append(origin)
        log.people.append(current().person.username)

    yield log
    handlers.remove("testing.follow")


KEEPER = Actor(ActorKind.OFFICIAL, id=7, username="nv.cong", name="Nguyễn Văn Cống")


def test_an_event_survives_the_way_to_json_and_back() -> None:
    event = SluiceOpened(sluice_id=4, keeper="Trần Thị B", gates=(1, 2))
    data = to_data(event)
    assert data["width_m"] == "2.50"
    assert data["on_date"] == "2026-11-23"
    assert from_data(SluiceOpened, data | {"added_later": 1}) == event
    assert personal_fields(SluiceOpened) == {"keeper"}


def test_a_malformed_type_is_refused_when_the_class_is_defined() -> None:
    with pytest.raises(TypeError, match="past-verb"):

        class Wrong(Event):
            type = "sluice.opened"

    with pytest.raises(ValueError, match="twice"):

        class SluiceOpenedAgain(Event):
            type = "vn.dongthap.sen.testing.sluice.opened.v1"

    assert event_types[SluiceOpened.type] is SluiceOpened


def test_publishing_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        publish(SluiceClosed(sluice_id=1), key=1)


@pytest.mark.django_db
def test_an_event_is_gone_with_its_transaction() -> None:
    try:
        with transaction.atomic():
            publish(SluiceClosed(sluice_id=1), key=1)
            raise ValueError
    except ValueError:
        pass
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_the_envelope_is_a_cloud_event_that_names_who_acted() -> None:
    with acting_as(KEEPER, request_id="abc"):
        event_id = publish(
            SluiceClosed(sluice_id=5),
            key=5,
            audience=Audience(owner_org_id=2, area_id=3, data_class=2),
        )
    envelope = OutboxEvent.objects.get(event_id=event_id).envelope
    assert {"specversion": "1.0", "source": "/sen/testing", "subject": "5"}.items() <= (
        envelope.items()
    )
    assert (envelope["actorid"], envelope["actorname"]) == (7, "nv.cong")
    assert (envelope["orgid"], envelope["areaid"], envelope["dataclass"]) == (2, 3, 2)
    assert envelope["data"] == {"sluice_id": 5}


@pytest.mark.django_db
def test_an_event_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="publish ids"):
        publish(SluiceOpened(sluice_id=1, keeper="x" * 300_000), key=1)


@pytest.mark.django_db
def test_a_handler_sees_each_event_once_in_order_with_the_original_actor(log: Log) -> None:
    with acting_as(KEEPER):
        publish_many([(SluiceOpened(sluice_id=i), i) for i in (1, 2)])
        publish(SluiceClosed(sluice_id=1), key=1)
    assert deliver_pending() == 3
    assert log.seen == [("SluiceOpened", 1), ("SluiceOpened", 2), ("SluiceClosed", 1)]
    assert set(log.people) == {"nv.cong"}
    assert log.origins[0].actor_id == 7

    OutboxEvent.objects.update(sent_at=None)
    assert deliver_pending() == 3
    assert len(log.seen) == 3
    assert InboxEntry.objects.count() == 3


@pytest.mark.django_db
def test_a_failing_event_holds_up_its_own_thing_only_and_is_parked_after_its_tries(
    log: Log,
) -> None:
    log.fails = {1}
    publish(SluiceOpened(sluice_id=1), key=1)
    publish(SluiceClosed(sluice_id=1), key=1)
    publish(SluiceOpened(sluice_id=2), key=2)
    deliver_pending(raise_errors=False)
    assert log.seen == [("SluiceOpened", 2)]
    states = Delivery.objects.order_by("sequence").values_list("state", "attempts")
    assert list(states) == [("RETRYING", 1), ("WAITING", 0)]
    assert "cửa cống hỏng" in Delivery.objects.order_by("sequence")[0].error
    assert lag().retrying == 2

    Delivery.objects.update(next_at=timezone.now())
    log.fails = set()
    assert retry_due() == 2
    assert log.seen[1:] == [("SluiceOpened", 1), ("SluiceClosed", 1)]
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_parked_event_stays_visible_and_lets_others_pass(log: Log) -> None:
    log.fails = {1}
    publish(SluiceOpened(sluice_id=1), key=1)
    deliver_pending(raise_errors=False)
    for _turn in range(3):
        Delivery.objects.update(next_at=timezone.now())
        retry_due()
    assert [(d.state, d.attempts) for d in Delivery.objects.all()] == [("PARKED", 3)]
    log.fails = set()
    publish(SluiceClosed(sluice_id=1), key=1)
    deliver_pending()
    assert log.seen == [("SluiceClosed", 1)]
    assert lag().parked == 1


@pytest.mark.django_db
def test_what_a_failing_handler_wrote_is_gone(log: Log) -> None:
    @on(SluiceOpened, name="testing.write")
    def write(event: SluiceOpened, origin: Origin) -> None:
        publish(SluiceClosed(sluice_id=9), key=9)
        raise ValueError(event.sluice_id)

    try:
        publish(SluiceOpened(sluice_id=1), key=1)
        deliver_pending(raise_errors=False)
    finally:
        handlers.remove("testing.write")
    assert not OutboxEvent.objects.filter(type=SluiceClosed.type).exists()
    assert list(InboxEntry.objects.values_list("handler", flat=True)) == ["testing.follow"]
