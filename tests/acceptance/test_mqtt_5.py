"""A device with MQTT 5 comes by Mosquitto in front: once, with its key, and no longer than it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from django.conf import settings
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

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
from sen.kernel.nkeys import BRIDGE, derived
from sen.kernel.testing.processes import (
    Process,
    database_of_its_own,
    free_port,
    wait_for_port,
)
from sen.project.launcher.mosquitto import CONFIG

TREE = Path(settings.ROOT) / "var" / "mosquitto-tree"
PROGRAM = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or (
    str(TREE / "usr/sbin/mosquitto") if (TREE / "ready").exists() else ""
)


@pytest.fixture(scope="module")
def front(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flow, int]]:
    if not PROGRAM:
        pytest.skip("mosquitto is not installed (./sen bring-mosquitto)")
    folder = tmp_path_factory.mktemp("mosquitto")
    for name in ("passwords", "rights"):
        (folder / name).touch(0o600)
    with (
        django_db_blocker.unblock(),
        database_of_its_own("mosquitto") as variables,
        running_flow(folder, {**variables, "SEN_MOSQUITTO_DIR": str(folder)}) as flow,
    ):
        port = free_port()
        text = CONFIG.format(
            user="user root\n" if os.geteuid() == 0 else "",
            host="127.0.0.1",
            port=port,
            folder=folder,
            nats_host="127.0.0.1",
            mqtt_port=flow.nats.mqtt_port,
            word=derived(flow.nats.password, BRIDGE),
        )
        (folder / "mosquitto.conf").write_text(text)
        libraries = TREE / "ready"
        environment = {"LD_LIBRARY_PATH": libraries.read_text()} if libraries.exists() else {}
        process = Process(
            PROGRAM, "-c", str(folder / "mosquitto.conf"),
            environment=environment, log=folder / "mosquitto.log",
        )  # fmt: skip
        try:
            wait_for_port(port)
            yield flow, port
        finally:
            process.end()


class Client5:
    """A real MQTT 5 client."""

    def __init__(self, port: int, sender: Sender, password: str = "") -> None:
        self._answered = threading.Event()
        self.failed = False
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=sender.device.code, protocol=mqtt.MQTTv5
        )
        self._client.username_pw_set(sender.name, password or sender.secret)
        self._client.on_connect = self._connected
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._answered.wait(20)

    def _connected(self, _c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        self.failed = bool(reason.is_failure)
        self._answered.set()

    def send(self, topic: str, payload: str) -> None:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.UserProperty = [("firmware", "1.2"), ("gói", "4")]
        properties.ContentType = "application/json"
        sent = self._client.publish(topic, payload, qos=1, properties=properties)
        sent.wait_for_publish(20)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.mark.slow
def test_a_device_with_mqtt_5_lands_once_and_only_with_its_key(front: tuple[Flow, int]) -> None:
    _flow, port = front
    sender, other = make_sender("FIVE", streams=1), make_sender("SIX", streams=1)

    def refused(password: str = "") -> bool:
        client = Client5(port, sender, password)
        client.close()
        return client.failed

    wait(lambda: not refused(), seconds=40)
    assert refused("wrong")
    client = Client5(port, sender)
    at = 1_780_000_000
    for _ in range(2):
        client.send("sen/v1/FIVE/obs", f'{{"stream": "FIVE-1", "time": {at}, "value": 4.5}}')
    client.send("sen/v1/SIX/obs", '{"stream": "SIX-1", "value": 1}')
    client.send("sen/v1/FIVE/obs/FIVE-1", f'{{"time": {at + 1}, "value": 5.5}}')
    wait(lambda: [row[2] for row in stored(*sender.streams)] == [4.5, 5.5], seconds=40)
    assert stored(*other.streams) == []
    assert sender.device.account is not None
    with as_system("set up a test"):
        revoke_device_credential(
            actor=system("test"), device=sender.device.account, key_id=sender.name
        )
    wait(lambda: client.failed, seconds=50)
    client.close()
