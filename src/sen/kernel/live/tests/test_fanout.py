from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from sen.kernel.access.scope import PUBLIC_CLAUSE, AccessRule, Clause, DataClass, Scope
from sen.kernel.live import fanout
from sen.kernel.live.fanout import Client, Hub
from sen.kernel.live.messages import Audience, Message
from sen.kernel.live.tickets import TopicGrant

RULE = AccessRule("alarms.alarm", masks={"owner": DataClass.RESTRICTED})


class Screen:
    """A client that keeps what it gets."""

    def __init__(self, hub: Hub, *clauses: Clause, key: str = "", actor: int = 1) -> None:
        self.bytes = b""
        self.ended = ""
        self.reads = True
        grant = TopicGrant.of("alarms", Scope(RULE, clauses), hz=20, key=key)
        self.client = Client(f"s{id(self)}", actor, self.write, self.end)
        hub.join(self.client, [grant])
        self.hub = hub

    def write(self, body: bytes) -> bool:
        self.bytes += body * self.reads
        return self.reads

    def end(self, reason: str) -> None:
        self.ended = reason
        self.hub.leave(self.client)

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = self.bytes.decode().splitlines()
        return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]

    @property
    def seen(self) -> list[tuple[str, int]]:
        return [(event["key"], event["data"]["n"]) for event in self.events]


def message(
    key: str, n: int, *, urgent: bool = False, data_class: int = 0, area: int = 1
) -> Message:
    return Message(
        "alarms",
        key,
        "2026-11-23T00:00:00Z",
        Audience(data_class, 1, area),
        urgent=urgent,
        data={"n": n, "owner": "Trần Thị B"},
    )


def test_each_screen_gets_what_its_scope_admits_without_the_masked_fields() -> None:
    async def run() -> None:
        hub = Hub()
        public = Screen(hub, PUBLIC_CLAUSE)
        internal = Screen(hub, PUBLIC_CLAUSE, Clause(2, None, frozenset({1})))
        one = Screen(hub, PUBLIC_CLAUSE, key="b")
        hub.receive(message("a", 1, urgent=True, data_class=1))
        hub.receive(message("b", 2, urgent=True))
        hub.receive(message("c", 3, urgent=True, data_class=2, area=2))
        assert public.seen == one.seen == [("b", 2)]
        assert internal.seen == [("a", 1), ("b", 2)]
        assert "owner" not in public.events[0]["data"]
        assert internal.events[0]["data"]["owner"] == "Trần Thị B"
        assert hub.groups == 3

    asyncio.run(run())


def test_a_burst_shows_the_first_at_once_and_then_the_newest_of_each_thing() -> None:
    async def run() -> None:
        hub = Hub()
        screen = Screen(hub, PUBLIC_CLAUSE)
        for n in range(50):
            hub.receive(message("a", n))
            hub.receive(message("b", n))
        assert screen.seen == [("a", 0)]
        hub.receive(message("c", 7, urgent=True))
        assert screen.seen[1:] == [("c", 7)]
        await asyncio.sleep(0.12)
        assert screen.seen[2:] == [("a", 49), ("b", 49)]

    asyncio.run(run())


def test_who_comes_back_gets_the_newest_of_what_was_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout, "OVERLAP_S", 0.0)

    async def run() -> None:
        hub = Hub()
        first = Screen(hub, PUBLIC_CLAUSE)
        hub.receive(message("a", 1, urgent=True))
        last_id = first.bytes.decode().splitlines()[0].removeprefix("id: ")
        first.end("gone")
        for n in (2, 3):
            hub.receive(message("a", n, urgent=True))
        hub.receive(message("b", 4, urgent=True, data_class=1))
        again = Screen(hub, PUBLIC_CLAUSE)
        missed = hub.replay(again.client, last_id)
        assert missed.count(b"data:") == 1
        assert b'"n":3' in missed
        assert hub.replay(again.client, "0.5").startswith(b"event: reset")
        for n in range(fanout.RING + 1):
            hub.receive(message("a", n))
        assert hub.replay(again.client, last_id).startswith(b"event: reset")

    asyncio.run(run())


def test_a_slow_screen_is_dropped_and_the_others_go_on() -> None:
    async def run() -> None:
        hub = Hub()
        slow, quick = Screen(hub, PUBLIC_CLAUSE), Screen(hub, PUBLIC_CLAUSE)
        slow.reads = False
        hub.receive(message("a", 1, urgent=True))
        hub.receive(message("a", 2, urgent=True))
        assert slow.ended == "slow"
        assert quick.seen == [("a", 1), ("a", 2)]
        assert hub.clients == {quick.client}

    asyncio.run(run())


def test_streams_of_an_actor_end_when_their_rights_change() -> None:
    hub = Hub()
    theirs, others = Screen(hub, PUBLIC_CLAUSE, actor=5), Screen(hub, PUBLIC_CLAUSE, actor=6)
    assert hub.close_actor(5) == 1
    assert (theirs.ended, others.ended) == ("rights", "")


def test_every_quiet_stream_gets_a_heartbeat_and_an_old_one_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = Hub()
    screen, old = Screen(hub, PUBLIC_CLAUSE), Screen(hub, PUBLIC_CLAUSE)
    _beat(hub)
    assert screen.bytes == b"", "a stream that was just opened needs no heartbeat"
    screen.client.written_at -= 20
    old.client.opened_at -= fanout.LIFETIME_S
    _beat(hub)
    assert screen.bytes == fanout.BEAT
    assert old.ended == "renew"


def _beat(hub: Hub, tick: Callable[[Hub], None] = Hub.tick) -> None:
    for _second in range(fanout.HEARTBEAT_S):
        tick(hub)


def test_a_group_goes_with_its_last_screen() -> None:
    hub = Hub()
    screens = [Screen(hub, PUBLIC_CLAUSE) for _ in range(2)]
    for screen in screens:
        assert hub.groups == 1
        screen.end("gone")
    assert hub.groups == 0
