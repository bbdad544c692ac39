"""Live streams show what the predicate allows: every topic × every kind of actor.

The whole way of a message: the row's audience, the ticket as text, the groups of the live
process, the bytes that a client gets.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from sen.kernel.access.context import as_system
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import PermissionDeniedError
from sen.kernel.events import Audience
from sen.kernel.live.fanout import Client, Hub
from sen.kernel.live.messages import decode
from sen.kernel.live.push import message_for
from sen.kernel.live.tickets import signing_key, verify
from sen.kernel.live.topics import topics
from sen.kernel.live.views import issue_ticket
from tests.conftest import Demo
from tests.contract.test_visibility import PEOPLE, actor_named

ROWS = 400
GUARDED: dict[str, type[Model]] = {
    model.access.resource: model for model in apps.get_models() if issubclass(model, ScopedModel)
}
TOPICS = sorted(topic.name for topic in topics if topic.resource in GUARDED)


@pytest.fixture(autouse=True)
def _secret(settings: Any) -> None:
    settings.SECRET_KEY = "s" * 50


@pytest.mark.parametrize("name", TOPICS)
def test_streams_show_what_the_predicate_allows(mixed: Demo, name: str) -> None:
    topic = topics[name]
    rule = topic.access_rule()
    with as_system("rows of every class, to be shown live"):
        rows = list(GUARDED[topic.resource].base.order_by("pk")[:ROWS])  # type: ignore[attr-defined]
    assert len({row.data_class for row in rows}) == 4, "rows of every class are needed"
    differing = set()
    for username in PEOPLE:
        actor = actor_named(username)
        scope = actor.scope(rule)
        truth = {row.pk: scope.masked(row) for row in rows if scope.allows(row)}
        shown = _shown(actor, name, rows, sorted(rule.masks))
        assert shown == truth, username
        differing.add(frozenset(truth))
    assert len(differing) > 1, "the actors of the test do not differ: it would prove nothing"


def _shown(
    actor: Actor, topic: str, rows: list[Any], masked: list[str]
) -> dict[int, frozenset[str]]:
    """Ids that reach the screen of an actor, each with the masked fields that it lacks."""
    try:
        text = issue_ticket(actor, names=[topic], session="s", origin="http://127.0.0.1:8000")
    except PermissionDeniedError:
        return {}
    ticket = verify(text, signing_key("s" * 50))
    received = bytearray()

    def write(body: bytes) -> bool:
        received.extend(body)
        return True

    hub = Hub()
    hub.join(Client("s", actor.id, write, lambda _why: None), ticket.topics)
    data = dict.fromkeys(masked, "shown")
    for row in rows:
        sent = message_for(topic, row.pk, data, audience=Audience.of(row), urgent=True)
        hub.receive(decode(sent.encoded()))
    events = [json.loads(line[6:]) for line in received.splitlines() if line.startswith(b"data: ")]
    return {
        int(event["key"]): frozenset(field for field in masked if field not in event["data"])
        for event in events
    }
