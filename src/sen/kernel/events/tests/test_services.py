from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import pytest
from django.utils import timezone

from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import ANONYMOUS, Actor, ActorKind, Entitlement, system
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.events import PII, Event, Origin, on, publish
from sen.kernel.events.delivery import retry_due
from sen.kernel.events.handlers import handlers
from sen.kernel.events.models import Delivery, InboxEntry, OutboxEvent
from sen.kernel.events.relay import deliver_pending
from sen.kernel.events.services import drop_delivery, retry_delivery, shown_data, undelivered
from sen.kernel.events.upkeep import prune_events
from sen.kernel.jobs.context import JobContext

pytestmark = pytest.mark.django_db

KEEPER = Actor(
    ActorKind.OFFICIAL,
    id=3,
    username="quan.tri",
    entitlements=(Entitlement("r", frozenset({"kernel.events.*"}), 1),),
)


@dataclass(frozen=True, kw_only=True)
class BuoyLost(Event):
    type = "vn.dongthap.sen.testing.buoy.lost.v1"
    buoy_id: int
    finder: Annotated[str, PII] = ""


@pytest.fixture
def parked() -> Iterator[Delivery]:
    """An event that its handler failed to handle; it succeeds from now on."""
    works: list[bool] = []

    @on(BuoyLost, name="testing.search", tries=1)
    def search(event: BuoyLost, origin: Origin) -> None:
        if not works:
            raise ValueError("mất tín hiệu")

    publish(BuoyLost(buoy_id=4, finder="Trần Thị B"), key=4)
    deliver_pending(raise_errors=False)
    works.append(True)
    yield Delivery.objects.get(state=Delivery.State.PARKED)
    handlers.remove("testing.search")


def test_a_parked_event_can_be_handed_over_again(parked: Delivery) -> None:
    assert list(undelivered(KEEPER)) == [parked]
    assert shown_data(parked) == {"buoy_id": 4, "finder": "•••"}
    with acting_as(KEEPER):
        retry_delivery(actor=KEEPER, delivery=parked)
    assert retry_due() == 1
    assert not undelivered(KEEPER).exists()
    assert AuditEntry.objects.get(act="kernel.events.retry").actor_name == "quan.tri"


def test_an_event_is_given_up_only_with_a_reason(parked: Delivery) -> None:
    with pytest.raises(InvalidInputError):
        drop_delivery(actor=KEEPER, delivery=parked, reason=" ")
    drop_delivery(actor=KEEPER, delivery=parked, reason="Phao đã thay")
    assert not Delivery.objects.exists()
    assert AuditEntry.objects.get(act="kernel.events.drop").reason == "Phao đã thay"


def test_others_may_neither_see_nor_touch_them(parked: Delivery) -> None:
    with pytest.raises(PermissionDeniedError):
        undelivered(ANONYMOUS)
    with pytest.raises(PermissionDeniedError):
        retry_delivery(actor=ANONYMOUS, delivery=parked)
    with pytest.raises(PermissionDeniedError):
        drop_delivery(actor=ANONYMOUS, delivery=parked, reason="x")


def test_an_event_without_its_handler_cannot_be_handed_over(parked: Delivery) -> None:
    parked.handler = "testing.gone"
    with pytest.raises(ConflictError, match=r"testing\.gone"):
        retry_delivery(actor=KEEPER, delivery=parked)


def test_old_events_are_deleted_and_waiting_ones_kept(parked: Delivery) -> None:
    publish(BuoyLost(buoy_id=5), key=5)
    long_ago = timezone.now() - timedelta(days=100)
    OutboxEvent.objects.update(created_at=long_ago)
    InboxEntry.objects.create(handler="testing.old", event_id=parked.event_id)
    InboxEntry.objects.update(at=long_ago)
    assert prune_events(JobContext(0, system("dọn"))) == {"sent": 1, "noted": 1}
    assert OutboxEvent.objects.get().sent_at is None
