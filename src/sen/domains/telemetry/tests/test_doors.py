"""The doors and the writer as they run: what devices send, what comes of it, what is refused."""

from __future__ import annotations

import base64
import itertools
import json
import threading
import time
from collections.abc import Iterator
from typing import Any, Self

import cbor2
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from sen.domains.telemetry.choices import Quality
from sen.domains.telemetry.models import DeadLetter, Device, PayloadMapping
from sen.domains.telemetry.tests.flowing import (
    Flow,
    Sender,
    make_sender,
    running_flow,
    stored,
    wait,
)
from sen.kernel.access.accounts.devices import revoke_device_credential
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import system
from sen.kernel.testing.processes import database_of_its_own

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def flow(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flow]:
    with (
        django_db_blocker.unblock(),
        database_of_its_own("doors") as variables,
        running_flow(tmp_path_factory.mktemp("doors"), variables) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def bridge(flow: Flow) -> Sender:
    return make_sender("BRIDGE")


NOW = time.time()


def test_every_form_of_body_becomes_observations(flow: Flow, bridge: Sender) -> None:
    a, b, c = bridge.streams
    at = int(NOW) - 3600

    def senml(number: int) -> list[dict[Any, Any]]:
        return [{-2: "BRIDGE-", -3: at + number, 0: "1", 2: 1.5}, {0: "2", 2: 0.5, 1: "cm"}]

    bodies: list[tuple[Any, str]] = [
        ({"stream": a.pk, "time": at, "value": 1.5}, "application/json"),
        ([{"stream": a.code, "time": at + 1, "value": 1.5}], "application/json"),
        (
            {"streams": [a.pk, b.pk], "times": [(at + 2) * 10**6] * 2, "values": [1.5, 5]},
            "application/json",
        ),
        (
            [
                {
                    "Datastream": {"@iot.id": a.pk},
                    "components": ["phenomenonTime", "result"],
                    "dataArray": [[f"{_iso(at + 3)}/{_iso(at + 9)}", 1.5]],
                }
            ],
            "application/json",
        ),
        (
            [{"bn": "urn:dev:BRIDGE-", "bt": at + 4, "n": "1", "v": 1.5}],
            "application/senml+json",
        ),
        (cbor2.dumps(senml(5)), "application/senml+cbor"),
        (cbor2.dumps({"stream": a.code, "time": at + 6, "value": 1.5}), "application/cbor"),
    ]
    for number, (body, kind) in enumerate(bodies):
        status, answer = flow.post(body, auth=bridge.basic, kind=kind)
        assert (status, answer.get("problems")) == (201, None), (kind, number)
    assert [row[1:4] for row in stored(a)] == [
        ((at + n) * 10**6, 1.5, Quality.GOOD) for n in range(7)
    ]
    assert [row[2] for row in stored(b)] == [5.0, 5.0]
    assert stored(c) == []


def test_what_is_doubtful_is_kept_and_marked(flow: Flow) -> None:
    sender = make_sender("MARKED", streams=2)
    a, b = sender.streams
    ahead = time.time() + 3600
    flow.post({"stream": a.code, "value": 700}, auth=sender.basic)
    status, _ = flow.post(
        [{"stream": b.code, "value": n, "time": ahead + n} for n in range(3)], auth=sender.basic
    )
    assert status == 201
    assert [row[3] for row in stored(a)] == [Quality.OUT_OF_RANGE]
    corrected = stored(b)
    assert [row[3] for row in corrected] == [Quality.CLOCK_CORRECTED] * 3
    steps = [after[1] - before[1] for before, after in itertools.pairwise(corrected)]
    assert steps == [10**6] * 2
    assert abs(corrected[-1][1] / 1e6 - time.time()) < 30
    assert 3500 < corrected[0][4]["parameters"]["clockAhead_s"] < 3700


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"stream": "BRIDGE-1", "value": 1}, "unknown-stream"),
        ({"stream": "WRONG-1", "value": "1,5"}, "no-number"),
        ({"stream": "WRONG-1", "value": None}, "no-number"),
        ({"stream": "WRONG-1", "value": 1, "time": "yesterday"}, "time"),
        ({"stream": "WRONG-1", "value": 1, "time": 3600}, "clock-unset"),
        ({"stream": "WRONG-1", "value": 1, "time": 4e9}, "clock-ahead"),
        ({"stream": "WRONG-1", "value": 1, "time": 1e300}, "time"),
        ({"stream": "WRONG-1", "value": 1, "unit": "kg"}, "unit"),
    ],
)
def test_one_bad_value_is_refused_with_its_reason_and_the_others_taken(
    flow: Flow, wrong: Sender, item: dict[str, Any], code: str
) -> None:
    before = len(stored(*wrong.streams))
    good = {"stream": "WRONG-2", "value": 2.0}
    status, answer = flow.post([good, item], auth=f"Device {wrong.key}")
    assert (status, answer["accepted"], answer["refused"]) == (201, 1, 1)
    assert [(p["index"], p["code"]) for p in answer["problems"]] == [(1, code)]
    assert len(stored(*wrong.streams)) == before + 1
    alone, answer = flow.post([item], auth=f"Device {wrong.key}", language="en")
    assert (alone, answer["code"], answer["problems"][0]["code"]) == (422, "refused", code)
    wait(lambda: DeadLetter.objects.filter(device=wrong.device, reason=code).exists())


@pytest.fixture(scope="module")
def wrong(flow: Flow) -> Sender:
    return make_sender("WRONG", streams=2)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "not-readable"),
        (b"[1,2]", "application/json", 400, "not-readable"),
        (b'"x"', "application/json", 400, "not-readable"),
        (b"[" * 100_000, "application/json", 400, "not-readable"),
        (b"\xff\xff", "application/cbor", 400, "not-readable"),
        (b'[{"v": 1}]', "application/senml+json", 400, "not-readable"),
        (b'[{"n": "x", "v": 1, "must_": 1}]', "application/senml+json", 400, "not-readable"),
        (b'{"streams": [1], "times": [], "values": [1]}', "application/json", 400, "not-readable"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "media-type"),
        (b" " * 8_000_001, "application/json", 413, "too-large"),
    ],
)
def test_a_body_that_is_none_is_refused(
    flow: Flow, wrong: Sender, body: bytes, kind: str, status: int, code: str
) -> None:
    found, answer = flow.post(body, auth=wrong.basic, kind=kind)
    assert (found, answer["code"]) == (status, code)
    assert answer["title"]


def test_only_a_valid_key_opens_and_only_until_it_is_revoked(flow: Flow) -> None:
    sender = make_sender("KEYS", streams=1)
    item = {"stream": "KEYS-1", "value": 1}
    for auth in ("", "Basic !", f"Device {sender.key}x", sender.basic[:-8]):
        assert flow.post(item, auth=auth)[0] == 401
    assert flow.post(item, auth=sender.basic)[0] == 201
    wait(lambda: _device(sender).state == "ACTIVE" and _device(sender).last_seen_at)
    with as_system("set up a test"):
        Device.objects.filter(pk=sender.device.pk).update(state="QUARANTINED")
    wait(lambda: flow.post(item, auth=sender.basic)[0] == 403)
    assert sender.device.account is not None
    with as_system("set up a test"):
        revoke_device_credential(
            actor=system("test"), device=sender.device.account, key_id=sender.name
        )
    wait(lambda: flow.post(item, auth=sender.basic)[0] == 401)


def test_a_standing_connection_ends_with_its_key(flow: Flow) -> None:
    sender, other = make_sender("CUT", streams=1), make_sender("STAYS", streams=1)
    assert sender.device.account is not None
    with _client(flow, sender) as client, _client(flow, other) as standing:
        client.send("sen/v1/CUT/obs/CUT-1", "1")
        with as_system("set up a test"):
            revoke_device_credential(
                actor=system("test"), device=sender.device.account, key_id=sender.name
            )
        wait(lambda: client.failed, seconds=50)
        standing.send("sen/v1/STAYS/obs/STAYS-1", "1")
        assert standing.connections == 1
        wait(lambda: len(stored(*other.streams)) == 1)


def test_guessing_keys_is_slowed_down(flow: Flow) -> None:
    headers = [f"Basic {base64.b64encode(b'k:%d' % n).decode()}" for n in range(25)]
    assert flow.post({}, auth=headers[0])[0] in (401, 429)
    assert 429 in {flow.post({}, auth=auth)[0] for auth in headers}


def test_devices_send_by_mqtt_below_their_own_name(flow: Flow) -> None:
    sender = make_sender("MQTT")
    other = make_sender("OTHER", streams=1)
    a, b, c = sender.streams
    with as_system("set up a test"):
        rules = {"channels": [{"stream": "{device}-3", "path": "level", "scale": 10}]}
        mapping = PayloadMapping.objects.create(
            code="M", name="M", rules=rules, owner_org_id=sender.device.owner_org_id,
            area_id=sender.device.area_id,
        )  # fmt: skip
        Device.objects.filter(pk=sender.device.pk).update(mapping=mapping)
    with _client(flow, sender) as client:
        client.send("sen/v1/MQTT/obs", json.dumps({"stream": a.code, "value": 1.5}))
        client.send(
            f"sen/v1/{sender.device.pk}/obs", cbor2.dumps([{0: "MQTT-1", 5: 1, 2: 2.5, 6: -60}])
        )
        client.send("sen/v1/MQTT/obs/MQTT-2", "3.5")
        client.send("sen/v1/MQTT/raw", json.dumps({"level": 0.45}))
        client.send("sen/v1/MQTT/obs", "{")
        client.send("sen/v1/OTHER/obs", json.dumps({"stream": "OTHER-1", "value": 1}))
        wait(lambda: [row[2] for row in stored(a, b, c)] == [2.5, 1.5, 3.5, 4.5])
        wait(lambda: DeadLetter.objects.filter(device=sender.device, door="mqtt").exists())
    assert stored(*other.streams) == []
    with pytest.raises(ConnectionError), _client(flow, sender, password="wrong"):
        pass


class Client:
    """A real MQTT 3.1.1 client; ``send`` returns when the broker has acknowledged."""

    def __init__(self, flow: Flow, sender: Sender, password: str) -> None:
        self._answered = threading.Event()
        self.failed = False
        self.connections = 0
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=sender.device.code)
        self._client.username_pw_set(sender.name, password)
        self._client.on_connect = self._connected
        self._client.connect("127.0.0.1", flow.nats.mqtt_port)

    def _connected(self, _c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        self.failed = bool(reason.is_failure)
        self.connections += 1
        self._answered.set()

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._answered.wait(20)
        if self.failed:
            self.__exit__()
            raise ConnectionError
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, topic: str, payload: str | bytes) -> None:
        self._client.publish(topic, payload, qos=1).wait_for_publish(20)


def _client(flow: Flow, sender: Sender, password: str = "") -> Client:
    return Client(flow, sender, password or sender.secret)


def _device(sender: Sender) -> Device:
    with as_system("look at a device"):
        return Device.objects.get(pk=sender.device.pk)


def _iso(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
