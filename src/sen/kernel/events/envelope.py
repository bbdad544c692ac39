"""The CloudEvents 1.0 envelope in which an event leaves the database, and its origin. No Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sen.kernel.access.scope import Actor, ActorKind
from sen.kernel.events.base import Event, thing_of, to_data


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from: what a handler may want to know besides the event."""

    event_id: str
    type: str
    key: str
    at: datetime
    actor_id: int | None
    actor_name: str
    actor_kind: ActorKind
    request_id: str
    owner_org_id: int | None
    area_id: int | None
    data_class: int

    @property
    def actor(self) -> Actor:
        """Who caused the event, by name only: without any right."""
        return Actor(self.actor_kind, id=self.actor_id, username=self.actor_name)


def pack(
    event: Event, *, event_id: str, key: str, at: datetime, who: Actor, request_id: str
) -> dict[str, Any]:
    """The envelope without the fields of access, which :func:`sen.kernel.events.publish` adds."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/sen/" + thing_of(event.type).partition(".")[0],
        "type": event.type,
        "subject": key,
        "time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": f"urn:sen:event:{event.type}",
        "actorid": who.id,
        "actorname": who.username or who.kind.value,
        "actorkind": who.kind.value,
        "requestid": request_id,
        "data": to_data(event),
    }


def origin_of(envelope: Mapping[str, Any]) -> Origin:
    """The origin of an event as its envelope tells it."""
    return Origin(
        event_id=envelope["id"],
        type=envelope["type"],
        key=envelope["subject"],
        at=datetime.fromisoformat(envelope["time"]),
        actor_id=envelope.get("actorid"),
        actor_name=envelope.get("actorname", ""),
        actor_kind=ActorKind(envelope.get("actorkind", ActorKind.SYSTEM)),
        request_id=envelope.get("requestid", ""),
        owner_org_id=envelope.get("orgid"),
        area_id=envelope.get("areaid"),
        data_class=int(envelope.get("dataclass", 1)),
    )
