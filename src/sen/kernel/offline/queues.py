"""Queues of devices: who takes their entries, and that each is taken once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, NotFoundError
from sen.kernel.offline.models import Receipt
from sen.kernel.registry import Store


class SentFile(Protocol):
    """A file of an entry, as uploaded."""

    name: str | None

    def chunks(self) -> Iterable[bytes]:
        """The content, part by part; it may be read more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody recorded on a device, perhaps hours ago.

    ``made_at`` is the clock of the device.
    """

    id: UUID
    made_at: datetime
    body: Mapping[str, Any]
    files: Sequence[SentFile] = ()


class Taker(Protocol):
    """Takes one entry in; returns what the device is told of it."""

    def __call__(self, *, actor: Actor, entry: Entry) -> dict[str, Any]:
        """Write the entry in the transaction of the caller."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The entries of one kind."""

    name: str
    take: Taker


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a device; ``repeated`` when the entry had been taken before."""

    answer: dict[str, Any]
    repeated: bool


queues: Store[Queue] = Store("offline queue")


def queue(name: str) -> Callable[[Taker], Taker]:
    """Decorator for ``web/offline.py`` of a domain."""

    def decorate(take: Taker) -> Taker:
        queues.add(name, Queue(name, take))
        return take

    return decorate


def take_in(*, actor: Actor, name: str, entry: Entry) -> Taken:
    """Take an entry in, once: all of it with its receipt, or nothing.

    Raises:
        ConflictError: another content, or another person's, has the same id.
        NotFoundError: there is no such queue.
    """
    found = queues.get(name)
    if found is None:
        raise NotFoundError(_("hàng đợi"), name)
    digest = _digest(name, entry)
    with transaction.atomic():
        made = Receipt(id=entry.id, queue=name, user_id=actor.id, digest=digest)
        # Waits for a transaction that takes the same entry just now.
        Receipt.objects.bulk_create([made], ignore_conflicts=True)
        kept = Receipt.objects.select_for_update().get(pk=entry.id)
        if kept.digest != digest or kept.user_id != actor.id:
            raise ConflictError(
                _("Mã của bản ghi này đã được dùng cho nội dung khác."),
                hint=_("Hãy ghi lại thành bản ghi mới."),
            )
        if kept.answer:
            return Taken(kept.answer, repeated=True)
        answer = found.take(actor=actor, entry=entry) or {"state": "TAKEN"}
        kept.answer = answer
        kept.save(update_fields=["answer"])
    return Taken(answer, repeated=False)


def _digest(name: str, entry: Entry) -> str:
    digest = hashlib.sha256(name.encode())
    digest.update(orjson.dumps(entry.body, option=orjson.OPT_SORT_KEYS))
    for file in entry.files:
        for chunk in file.chunks():
            digest.update(chunk)
    return digest.hexdigest()
