"""SensorThings by MQTT: who may create and subscribe, and what subscribers are told."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Self

import paho.mqtt.client as mqtt
import pytest
from django.utils import timezone
from paho.mqtt.enums import CallbackAPIVersion

from sen.domains.telemetry import services
from sen.domains.telemetry.ingest.topics import created_in, wish_of
from sen.domains.telemetry.models import Datastream, DeadLetter
from sen.domains.telemetry.tests.flowing import (
    Flow,
    Sender,
    make_sender,
    running_flow,
    stored,
    wait,
)
from sen.kernel.access.accounts.tokens import create_api_token, revoke_api_token
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.access.models import ApiToken, DataClassChoices
from sen.kernel.access.scope import system
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.processes import database_of_its_own

SELECTED = "?$select=result,phenomenonTime"


@pytest.mark.parametrize(
    ("subject", "stream", "observations", "select"),
    [
        ("v1//1.Datastreams(7)", 7, False, ""),
        ("v1//1.Datastreams(7).Observations", 7, True, ""),
        ("v1//1.Datastreams(7).Observations?$select=result,id", 7, True, "result,id"),
        ("v1//1.Observations", 0, True, ""),
        ("v1//1.Observations?$select=result", 0, True, "result"),
    ],
)
def test_topics_that_are_told(subject: str, stream: int, observations: bool, select: str) -> None:
    wish = wish_of(subject)
    assert wish is not None
    assert wish[1:] == (stream, observations, select)
    assert wish.tell == f"sen.tell{subject.removeprefix('v1//1')}"


@pytest.mark.parametrize(
    "subject",
    [
        "v1//1.>",
        "v1//1.*.Observations",
        "v1//1.Datastreams(7).*",
        "v1//1.Datastreams(7x).Observations",
        "v1//1.Observations.Observations",
        "v1//1.Datastreams(7).Observations?$expand=Datastream",
        "v1//1.Things(7)",
        "sen.v1.7.obs",
    ],
)
def test_topics_that_are_not(subject: str) -> None:
    assert wish_of(subject) is None
    assert created_in(subject) == 0


@pytest.fixture(scope="module")
def flow(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flow]:
    with (
        django_db_blocker.unblock(),
        database_of_its_own("subscribing") as variables,
        running_flow(tmp_path_factory.mktemp("subscribing"), variables) as running,
    ):
        yield running


class Client:
    """A real MQTT 3.1.1 client that keeps what it hears."""

    def __init__(self, flow: Flow, name: str, word: str, client_id: str = "") -> None:
        self._answered, self._granted = threading.Event(), threading.Event()
        self.failed = False
        self.losses = self.connections = 0
        self.heard: list[tuple[str, Any]] = []
        self._grants: list[Any] = []
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id or f"{name}-{id(self)}"
        )
        self._client.username_pw_set(name, word)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._lost
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._message
        self._client.connect("127.0.0.1", flow.nats.mqtt_port)

    def _connected(self, _c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        self.failed = bool(reason.is_failure)
        self.connections += not self.failed
        self._answered.set()

    def _lost(self, *_given: Any) -> None:
        self.losses += 1

    def _subscribed(self, _c: Any, _u: Any, _m: Any, reasons: Any, _p: Any) -> None:
        self._grants = reasons
        self._granted.set()

    def _message(self, _c: Any, _u: Any, message: Any) -> None:
        self.heard.append((message.topic, json.loads(message.payload)))

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._answered.wait(20)
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def subscribe(self, topic: str, qos: int = 0) -> bool:
        """Whether the broker lets it."""
        self._granted.clear()
        self._client.subscribe(topic, qos=qos)
        assert self._granted.wait(20)
        return not self._grants[0].is_failure

    def send(self, topic: str, body: Any) -> None:
        payload = body if isinstance(body, bytes) else json.dumps(body)
        self._client.publish(topic, payload, qos=1).wait_for_publish(20)

    def heard_on(self, topic: str) -> list[Any]:
        return [body for heard, body in self.heard if heard == topic]


def device(flow: Flow, sender: Sender, client_id: str = "") -> Client:
    return Client(flow, sender.name, sender.secret, client_id)


def make_token(make: MakeAccount, stream: Datastream, max_class: int = 1) -> tuple[ApiToken, str]:
    with as_system("set up a test"):
        user = make("telemetry.*.view", organisation=stream.owner_org)
        return create_api_token(
            actor=actor_for(user),
            user=user,
            name="thử",
            scopes=["telemetry.*.view"],
            expires_at=timezone.now() + timedelta(days=1),
            max_class=max_class,
        )


def topic_of(stream: Datastream) -> str:
    return f"v1.1/Datastreams({stream.pk})/Observations"


@pytest.mark.slow
def test_an_observation_published_is_stored_and_told(flow: Flow, make_account: MakeAccount) -> None:
    sender, other = make_sender("CREATES", streams=2), make_sender("FOREIGN", streams=1)
    a, b = sender.streams
    _row, secret = make_token(make_account, a)
    with Client(flow, "anyone", secret) as hearer, device(flow, sender) as client:
        assert hearer.subscribe(topic_of(a), qos=1)
        assert hearer.subscribe(topic_of(a) + SELECTED)
        assert hearer.subscribe(f"v1.1/Datastreams({b.pk})")
        for forbidden in ("v1.1/Observations", "v1.1/+/Observations", "#", "sen/#", "$SYS/#"):
            assert not hearer.subscribe(forbidden)
        assert not client.subscribe(topic_of(a))
        moment = "2026-03-01T08:00:00Z"
        body = {"result": 12.5, "phenomenonTime": moment, "parameters": {"n": 1}}
        for _ in range(2):
            client.send(topic_of(a), body)
        client.send(topic_of(other.streams[0]), body)
        hearer.send(topic_of(a), {"result": 99})
        client.send(f"v1.1/Datastreams({b.pk})", {"name": "forged"})
        wait(lambda: hearer.heard_on(topic_of(a) + SELECTED), seconds=30)
        with urllib.request.urlopen(
            urllib.request.Request(
                f"{flow.base}/sta/v1.1/Datastreams({a.pk})/Observations",
                headers={"Authorization": f"Bearer {secret}"},
            )
        ) as answer:
            listed = json.loads(answer.read())["value"]
        assert [(one["result"], one["parameters"]) for one in listed] == [(12.5, {"n": 1})]
        assert hearer.heard_on(topic_of(a) + SELECTED) == [
            {"result": 12.5, "phenomenonTime": listed[0]["phenomenonTime"]}
        ]
        # By HTTP it is told as well, and what is told twice would stand before it.
        assert flow.post({"stream": b.code, "value": 3}, auth=sender.basic)[0] == 201
        assert flow.post({"stream": a.code, "value": 4}, auth=sender.basic)[0] == 201
        wait(lambda: len(hearer.heard_on(topic_of(a))) == 2, seconds=30)
        first, second = hearer.heard_on(topic_of(a))
        assert (first["@iot.id"], first["result"]) == (listed[0]["@iot.id"], 12.5)
        assert second["result"] == 4
        wait(lambda: hearer.heard_on(f"v1.1/Datastreams({b.pk})"), seconds=30)
        changed = hearer.heard_on(f"v1.1/Datastreams({b.pk})")[-1]
        assert (changed["@iot.id"], changed["name"]) == (b.pk, b.name)
    assert stored(*other.streams) == []


@pytest.mark.slow
def test_what_is_no_observation_is_put_aside_with_its_reason(flow: Flow) -> None:
    sender = make_sender("ASIDE", streams=1)
    topic = topic_of(sender.streams[0])
    faults: list[tuple[Any, str]] = [
        (b"{", "not-readable"),
        ({"result": "x"}, "wrong-result"),
        ({"result": 1, "phenomenonTime": "hôm qua"}, "time"),
        ({"result": 1, "phenomenonTime": "2199-01-01T00:00:00Z"}, "clock-ahead"),
        ({"result": 1, "Datastream": {"@iot.id": 1}}, "not-readable"),
    ]
    with device(flow, sender) as client:
        for body, _reason in faults:
            client.send(topic, body)
        client.send(topic, {"result": 2.5, "Datastream": {"@iot.id": sender.streams[0].pk}})
        wait(lambda: [row[2] for row in stored(*sender.streams)] == [2.5], seconds=30)

    def counted() -> dict[str, int]:
        found: dict[str, int] = {}
        with as_system("look at refused payloads"):
            for row in DeadLetter.objects.filter(device=sender.device, door="mqtt"):
                found[row.reason] = found.get(row.reason, 0) + row.count
        return found

    reasons = {"not-readable": 2, "wrong-result": 1, "time": 1, "clock-ahead": 1}
    wait(lambda: counted() == reasons, seconds=30)


@pytest.mark.slow
def test_who_may_not_see_hears_nothing_and_rights_that_end_end_the_connection(
    flow: Flow, make_account: MakeAccount
) -> None:
    sender = make_sender("HIDDEN", streams=2, data_class=DataClassChoices.RESTRICTED)
    a, b = sender.streams
    _row, low = make_token(make_account, a)
    row, high = make_token(make_account, a, max_class=2)
    _row, other = make_token(make_account, a, max_class=2)
    with (
        Client(flow, "low", low) as below,
        Client(flow, "high", high) as hearer,
        Client(flow, "other", other) as watching,
    ):
        assert not below.subscribe(topic_of(a))
        assert hearer.subscribe(topic_of(a))
        assert watching.subscribe(topic_of(b))
        with as_system("set up a test"):
            revoke_api_token(actor=system("test"), user=row.user, token_id=row.pk)
            Datastream.objects.filter(pk=b.pk).update(data_class=DataClassChoices.SECRET)
        wait(lambda: hearer.failed, seconds=50)
        wait(lambda: watching.connections == 2, seconds=50)
        assert not watching.subscribe(topic_of(b))
    with Client(flow, "wrong", low[:-1] + ("a" if low[-1] != "a" else "b")) as wrong:
        assert wrong.failed


@pytest.mark.slow
def test_a_quarantined_device_loses_its_standing_connection(flow: Flow) -> None:
    sender, other = make_sender("BARRED", streams=1), make_sender("UNBARRED", streams=1)
    with device(flow, sender) as client, device(flow, other) as standing:
        client.send(topic_of(sender.streams[0]), {"result": 1})
        with as_system("set up a test") as actor:
            services.quarantine_device(actor=actor, row=sender.device, reason="thử")
        began = time.monotonic()
        wait(lambda: client.failed, seconds=60)
        assert time.monotonic() - began < 60
        assert standing.losses == 0


@pytest.mark.slow
def test_no_device_takes_the_session_or_the_name_of_another(flow: Flow) -> None:
    sender = make_sender("TAKEN", streams=1)
    named = make_sender(str(sender.device.pk + 1), streams=1)
    other = make_sender("AFTER", streams=1)
    with as_system("set up a test"):
        type(named.device).objects.filter(pk=named.device.pk).update(code=str(other.device.pk))
    with device(flow, sender, "own") as client:
        with device(flow, other, "own") as thief:
            assert thief.failed
        with Client(flow, other.name, "") as wordless:
            assert wordless.failed
        with device(flow, sender, "own-2") as second:
            assert not second.failed
        assert client.losses == 0
        with device(flow, named) as digits, device(flow, other) as rightful:
            topic = f"sen/v1/{other.device.pk}/obs"
            # Its code is the number of another: it neither speaks for that one nor is spoken for.
            digits.send(topic, {"stream": other.streams[0].code, "value": 1})
            rightful.send(topic, {"stream": named.streams[0].code, "value": 2})
            rightful.send(topic, {"stream": other.streams[0].code, "value": 3})
            wait(lambda: [row[2] for row in stored(*other.streams)] == [3], seconds=30)
    assert stored(*named.streams) == []
