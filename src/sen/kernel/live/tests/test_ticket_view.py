from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import pytest
from django.conf import settings
from django.test import Client, override_settings

from sen.kernel.access.models import User
from sen.kernel.access.scope import AccessRule, Actor, ActorKind, Entitlement
from sen.kernel.access.services import grant_role, put_role, revoke_role
from sen.kernel.errors import NotFoundError, PermissionDeniedError
from sen.kernel.events import PII, Audience, Event, publish
from sen.kernel.events.models import OutboxEvent
from sen.kernel.events.relay import numbered
from sen.kernel.events.transport import live_message
from sen.kernel.live.tickets import TicketError, signing_key, verify
from sen.kernel.live.topics import declare_topic, topics
from sen.kernel.live.views import issue_ticket

KEY = signing_key(settings.SECRET_KEY)


@dataclass(frozen=True, kw_only=True)
class GateMoved(Event):
    type = "vn.dongthap.sen.testing.gate.moved.v1"
    live_topic = "test.gates"
    live_key = "gate"
    gate: str
    keeper: Annotated[str, PII]


@pytest.fixture(autouse=True)
def _topics() -> Iterator[None]:
    declare_topic("test.gates", rule=AccessRule("testing.gate", public=False))
    declare_topic("test.levels", rule=AccessRule("testing.level"))
    yield
    topics.remove("test.gates")
    topics.remove("test.levels")


def official(*permissions: str) -> Actor:
    held = Entitlement("r", frozenset(permissions), 1, frozenset({2}), None)
    return Actor(ActorKind.OFFICIAL, id=7, username="t", entitlements=(held,))


def test_a_ticket_carries_the_scope_of_its_holder() -> None:
    text = issue_ticket(
        official("testing.gate.view"),
        names=["test.gates", "test.levels"],
        session="s",
        origin="http://127.0.0.1:8000",
    )
    gates, levels = verify(text, KEY).topics
    assert [c.orgs for c in gates.clauses] == [[2]]
    assert [c.max_class for c in levels.clauses] == [0]


def test_nobody_listens_to_what_they_may_not_see() -> None:
    with pytest.raises(PermissionDeniedError):
        issue_ticket(official(), names=["test.gates"], session="s", origin="")
    with pytest.raises(NotFoundError, match="chủ đề trực tiếp"):
        issue_ticket(official(), names=["test.none"], session="s", origin="")


@pytest.mark.django_db
@override_settings(SEN_LIVE_URL="http://127.0.0.1:8001")
def test_the_page_of_a_guest_gets_a_ticket_for_public_topics_only(client: Client) -> None:
    answer = client.post("/live/ticket", {"topic": "test.levels"})
    body = answer.json()
    assert body["url"] == f"http://127.0.0.1:8001/live/stream?ticket={body['ticket']}"
    ticket = verify(body["ticket"], KEY)
    assert (ticket.actor, ticket.origin) == (None, "http://testserver")
    with pytest.raises(TicketError, match="expired"):
        verify(body["ticket"], KEY, now=ticket.expires + 1)

    refused = client.get("/live/ticket", {"topic": "test.gates"})
    assert refused.status_code == 403
    assert refused["content-type"] == "application/problem+json"
    assert refused.json()["title"] == "Bạn không có quyền thực hiện việc này."
    assert client.get("/live/ticket").status_code == 422


@pytest.mark.django_db
def test_an_event_is_shown_live_to_its_audience_without_personal_data() -> None:
    seen_by = Audience(owner_org_id=2, area_id=3, data_class=1)
    publish(GateMoved(gate="C12", keeper="Trần Thị B"), key=1, audience=seen_by)
    message = live_message(numbered(OutboxEvent.objects.latest("pk")))
    assert message is not None
    assert (message.subject, message.key, message.data) == (
        "live.test.gates",
        "C12",
        {"gate": "C12"},
    )
    assert (message.audience.owner_org_id, message.audience.area_id) == (2, 3)


@pytest.mark.django_db
def test_a_change_of_rights_tells_the_streams() -> None:
    user = User.objects.create_user("nv.cong", full_name="Lê Thị Cống", kind="OFFICIAL")
    role = put_role(
        code="t", name_vi="t", name_en="t", permissions=["testing.gate.view"], clearance=1
    )
    before = set(OutboxEvent.objects.values_list("pk", flat=True))
    revoke_role(grant=grant_role(user=user, role=role))
    subjects = {
        message.subject
        for row in OutboxEvent.objects.exclude(pk__in=before)
        if (message := live_message(numbered(row)))
    }
    assert subjects == {f"live.control.close.{user.pk}"}
