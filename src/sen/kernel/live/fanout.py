"""From one message to many screens: judged and rendered once per group of equal clients.

A group is everyone who sees the same of a topic. A first message goes out at once; while more
follow, the newest of each thing goes out ``hz`` times a second. Urgent messages never wait.
No Django.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from sen.kernel.live.messages import Message
from sen.kernel.live.tickets import TopicGrant

RING: Final = 500
RING_S: Final = 300.0
#: Every page holds one for the bell, and perhaps one of its own; two windows may stand open.
MAX_STREAMS: Final = 4
HEARTBEAT_S: Final = 25
#: Streams end after a while, so that rights that ended by date end here too.
LIFETIME_S: Final = 900.0
#: What was sent so shortly before the last id that a client names may not have reached it.
OVERLAP_S: Final = 3.0

BEAT: Final = b": \n\n"

#: Writes to a client; ``False`` when it reads too slowly to take more.
Write = Callable[[bytes], bool]


@dataclass(slots=True, eq=False)
class Client:
    """One open stream. ``end`` closes it and names the reason to the other side."""

    session: str
    actor: int | None
    write: Write
    end: Callable[[str], None]
    opened_at: float = 0.0
    written_at: float = 0.0
    bucket: int = 0
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the ring, with its number and the time of its arrival."""

    number: int
    at: float
    message: Message


@dataclass(slots=True)
class Counts:
    """Since the start of the process."""

    received: int = 0
    delivered: int = 0
    slow: int = 0
    refused: int = 0
    replayed: int = 0


class Group:
    """Clients with the same grant on one topic."""

    def __init__(self, hub: Hub, grant: TopicGrant) -> None:
        self.hub = hub
        self.grant = grant
        self.scope = grant.scope()
        self.clients: set[Client] = set()
        self._waiting: dict[str, Kept] = {}
        self._sent_at = -1e9
        self._timer: asyncio.TimerHandle | None = None

    def sees(self, message: Message) -> bool:
        if self.grant.key and message.key != self.grant.key:
            return False
        return self.scope.allows(message.audience)

    def offer(self, kept: Kept) -> None:
        """Send now or with the next beat of the group."""
        message = kept.message
        if not self.sees(message):
            return
        if message.urgent:
            self._waiting.pop(message.key, None)
            self._send([kept])
            return
        # Taking the key out first puts it behind those that changed earlier.
        self._waiting.pop(message.key, None)
        self._waiting[message.key] = kept
        if self._timer is None:
            pause = self._sent_at + 1 / self.grant.hz - time.monotonic()
            if pause <= 0:
                self.flush()
            else:
                self._timer = asyncio.get_running_loop().call_later(pause, self.flush)

    def flush(self) -> None:
        """Send the newest of everything that waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = list(self._waiting.values())
        self._waiting.clear()
        self._sent_at = time.monotonic()
        if waiting:
            self._send(waiting)

    def render(self, kept: Kept) -> bytes:
        hidden = self.scope.masked(kept.message.audience)
        return b"id: %s\ndata: %s\n\n" % (self.hub.id_of(kept), kept.message.shown(hidden))

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self, messages: Iterable[Kept]) -> None:
        body = b"".join(map(self.render, messages))
        self.hub.write_all(tuple(self.clients), body)


@dataclass(slots=True)
class Hub:
    """All groups, all clients, and the last messages of every topic."""

    boot: str = field(default_factory=lambda: f"{int(time.time()):x}")
    clients: set[Client] = field(default_factory=set)
    counts: Counts = field(default_factory=Counts)
    _sessions: Counter[str] = field(default_factory=Counter)
    _groups: dict[str, Group] = field(default_factory=dict)
    _by_topic: dict[str, set[Group]] = field(default_factory=dict)
    _rings: dict[str, deque[Kept]] = field(default_factory=dict)
    _number: int = 0
    _tick: int = 0

    @property
    def groups(self) -> int:
        return len(self._groups)

    def id_of(self, kept: Kept) -> bytes:
        return f"{self.boot}.{kept.number}".encode()

    def receive(self, message: Message) -> None:
        """Keep a message for those who come back, and hand it to every group of its topic."""
        self.counts.received += 1
        self._number += 1
        kept = Kept(self._number, time.monotonic(), message)
        ring = self._rings.get(message.topic)
        if ring is None:
            ring = self._rings[message.topic] = deque(maxlen=RING)
        ring.append(kept)
        while ring and ring[0].at < kept.at - RING_S:
            ring.popleft()
        for group in tuple(self._by_topic.get(message.topic, ())):
            group.offer(kept)

    def has_room(self, session: str) -> bool:
        """Whether a session may open one more stream."""
        if self._sessions[session] < MAX_STREAMS:
            return True
        self.counts.refused += 1
        return False

    def join(self, client: Client, grants: Iterable[TopicGrant]) -> None:
        """Add a client to the groups of its grants."""
        client.opened_at = client.written_at = time.monotonic()
        client.bucket = self._tick % HEARTBEAT_S
        client.groups = tuple(self._group(grant) for grant in grants)
        for group in client.groups:
            group.clients.add(client)
        self.clients.add(client)
        self._sessions[client.session] += 1

    def leave(self, client: Client) -> None:
        """Remove a client; a group without clients goes with its last one."""
        if client not in self.clients:
            return
        self.clients.remove(client)
        self._sessions[client.session] -= 1
        if not self._sessions[client.session]:
            del self._sessions[client.session]
        for group in client.groups:
            group.clients.discard(client)
            if not group.clients:
                group.close()
                self._groups.pop(group.grant.digest, None)
                self._by_topic[group.grant.topic].discard(group)
        client.groups = ()

    def replay(self, client: Client, last_id: str) -> bytes:
        """What a returning client missed, or the word that it must load its page's data anew."""
        boot, _dot, number = last_id.partition(".")
        if boot != self.boot or not number.isdigit():
            return b"event: reset\ndata: {}\n\n"
        last = int(number)
        missed: dict[tuple[str, str], tuple[Kept, Group]] = {}
        for group in client.groups:
            ring = self._rings.get(group.grant.topic, deque())
            if len(ring) == RING and ring[0].number > last + 1:
                return b"event: reset\ndata: {}\n\n"
            since = next((k.at for k in ring if k.number >= last), 0.0) - OVERLAP_S
            for kept in ring:
                if (kept.number > last or kept.at > since) and group.sees(kept.message):
                    name = (kept.message.topic, kept.message.key)
                    missed.pop(name, None)
                    missed[name] = (kept, group)
        self.counts.replayed += len(missed)
        return b"".join(group.render(kept) for kept, group in missed.values())

    def write_all(self, clients: Iterable[Client], body: bytes) -> None:
        now = time.monotonic()
        for client in clients:
            if client.write(body):
                client.written_at = now
                self.counts.delivered += 1
            else:
                self.counts.slow += 1
                client.end("slow")

    def close_actor(self, actor: int) -> int:
        """End the streams of an actor whose rights changed; a new ticket opens new ones."""
        theirs = [client for client in self.clients if client.actor == actor]
        for client in theirs:
            client.end("rights")
        return len(theirs)

    def close_all(self, reason: str) -> None:
        for client in tuple(self.clients):
            client.end(reason)

    def tick(self) -> None:
        """Once a second: heartbeats of one share of the clients, and the end of old streams."""
        self._tick += 1
        now = time.monotonic()
        mine = [c for c in self.clients if c.bucket == self._tick % HEARTBEAT_S]
        for client in mine:
            if now - client.opened_at > LIFETIME_S:
                client.end("renew")
        # A stream that just got data needs no heartbeat.
        due = now - HEARTBEAT_S / 2
        self.write_all([c for c in mine if c.written_at < due and c in self.clients], BEAT)

    def _group(self, grant: TopicGrant) -> Group:
        group = self._groups.get(grant.digest)
        if group is None:
            group = self._groups[grant.digest] = Group(self, grant)
            self._by_topic.setdefault(grant.topic, set()).add(group)
        return group
