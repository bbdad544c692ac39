"""An entry is taken once, however often it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor, ActorKind
from sen.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from sen.kernel.offline.models import Receipt
from sen.kernel.offline.queues import Entry, Queue, queues, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken() -> Iterator[list[UUID]]:
    done: list[UUID] = []

    def take(*, actor: Actor, entry: Entry) -> dict[str, Any]:
        done.append(entry.id)
        if entry.body.get("bad"):
            raise InvalidInputError({"bad": "hỏng"})
        return {"state": "TAKEN", "number": len(done)}

    queues.add("test.queue", Queue("test.queue", take))
    yield done
    queues.remove("test.queue")


def actor(user: User) -> Actor:
    return Actor(kind=ActorKind.OFFICIAL, id=user.pk, username=user.username)


def entry(number: UUID, **body: Any) -> Entry:
    return Entry(id=number, made_at=datetime(2026, 11, 23, tzinfo=UTC), body=body)


def test_sending_twice_changes_nothing(taken: list[UUID]) -> None:
    with as_system("people of the test"):
        one, other = (User.objects.create(username=name) for name in ("one", "other"))
        number = uuid4()
        first = take_in(actor=actor(one), name="test.queue", entry=entry(number, a=1))
        again = take_in(actor=actor(one), name="test.queue", entry=entry(number, a=1))
        assert (first.answer, first.repeated) == (again.answer, not again.repeated)
        assert taken == [number]
        with pytest.raises(ConflictError):
            take_in(actor=actor(one), name="test.queue", entry=entry(number, a=2))
        with pytest.raises(ConflictError):
            take_in(actor=actor(other), name="test.queue", entry=entry(number, a=1))
        with pytest.raises(NotFoundError):
            take_in(actor=actor(one), name="test.none", entry=entry(uuid4()))


def test_what_is_refused_leaves_no_receipt(taken: list[UUID]) -> None:
    with as_system("people of the test"):
        one = User.objects.create(username="one")
        with pytest.raises(InvalidInputError):
            take_in(actor=actor(one), name="test.queue", entry=entry(uuid4(), bad=True))
        assert Receipt.objects.count() == 0
