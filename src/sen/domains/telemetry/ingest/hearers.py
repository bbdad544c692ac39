"""Who hears by MQTT: API keys of people and services, and the datastreams that they see."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from django.db import DatabaseError, connection

from sen.domains.telemetry.ingest.topics import MAY_HEAR_ALL, MOST, Wish, may_hear
from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.sta.callers import Caller
from sen.kernel.access.accounts import tokens
from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import ANY, Actor, DataClass

#: Who may hear what is asked again after it.
KNOWN_S: Final = 5.0
_MARK: Final = tokens.PREFIX


@dataclass(slots=True)
class Hearer:
    """A connection's actor with the streams that they were found to see."""

    caller: Caller
    sees_all: bool
    until: float
    streams: dict[int, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Hearers:
    """Looked up in the thread that reads the directory."""

    _known: dict[str, Hearer | None] = field(default_factory=dict)

    def admit(self, secret: str, ip: str) -> tuple[str, list[str]] | None:
        """The name of a connection and its rights to subscribe; None when the key is none."""
        try:
            actor = tokens.actor_of(secret=secret, ip=ip)
            if actor is None:
                return None
            name = _MARK + secret.removeprefix(_MARK).partition("_")[0]
            return name, rights_of(actor)
        except DatabaseError:
            connection.close()
            raise

    def hearing(self, name: str, wishes: list[Wish]) -> Caller | None:
        """For whom a connection hears; None when it may not hear all that it asks for."""
        now = time.monotonic()
        known = self._known.get(name)
        if known is None or known.until < now:
            known = self._known[name] = self._look(name, now)
        if known is None:
            return None
        return known.caller if all(self._sees(known, wish) for wish in wishes) else None

    def keep(self, names: set[str]) -> None:
        self._known = {name: one for name, one in self._known.items() if name in names}

    @staticmethod
    def _look(name: str, now: float) -> Hearer | None:
        if not name.startswith(_MARK):
            return None
        try:
            actor = tokens.actor_of_prefix(prefix=name.removeprefix(_MARK))
        except DatabaseError:
            connection.close()
            raise
        if actor is None:
            return None
        return Hearer(Caller.of(actor), sees_all(actor), now + KNOWN_S)

    @staticmethod
    def _sees(known: Hearer, wish: Wish) -> bool:
        if known.sees_all or not wish.stream:
            return known.sees_all
        if wish.stream not in known.streams:
            actor = known.caller.actor
            with acting_as(actor):
                rows = Datastream.objects.visible_to(actor).filter(pk=wish.stream)
                known.streams[wish.stream] = rows.exists()
        return known.streams[wish.stream]


def rights_of(actor: Actor) -> list[str]:
    """What an actor may subscribe to."""
    if sees_all(actor):
        return list(MAY_HEAR_ALL)
    with acting_as(actor):
        rows = Datastream.objects.visible_to(actor).order_by("pk")
        return may_hear(rows.values_list("pk", flat=True)[:MOST])


def sees_all(actor: Actor) -> bool:
    """Whether an actor sees every datastream there can be."""
    return any(
        clause.max_class >= DataClass.SECRET
        and clause.orgs is ANY
        and clause.areas is ANY
        and clause.subject is None
        for clause in actor.scope(Datastream.access).clauses
    )
