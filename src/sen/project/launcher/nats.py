"""Configuration of the private NATS server."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from sen.project.launcher.environment import Environment, secret
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House, write_private

CONFIG = """\
# Written by ./sen at every start.
server_name: sen
listen: "127.0.0.1:{port}"
max_payload: 4MB
jetstream {{
  store_dir: "{store}"
  # Every acknowledged message is on the disk: the default loses two minutes at a power cut.
  sync_interval: always
  max_memory_store: 256MB
  max_file_store: 10GB
}}
mqtt {{
  listen: "{host}:{mqtt_port}"
  ack_wait: "30s"
}}
mappings {{
  # Observations by SensorThings: what clients publish is read by the doors before it is told, and
  # what the doors tell goes to the topic (docs/develop/telemetry.md).
  "v1//1.*.Observations": "sen.sta.{{{{wildcard(1)}}}}"
  "sen.tell.>": "v1//1.>"
}}
# The process of the doors ends the connections of keys that are revoked.
accounts {{ $SYS {{ users: [ {{ user: system, password: "{system}" }} ] }} }}
# Devices show their keys; the process of the doors says which of them hold. Mosquitto, if it
# runs in front, has asked its devices already and passes on what they publish.
authorization {{
  timeout: 5
  users: [
    {{ user: sen, password: "{password}" }}
    {{
      user: mosquitto, password: "{bridge}"
      permissions: {{
        publish: ["sen.v1.>"], subscribe: ["sen.v1.*.commands.>", "$MQTT.sub.>"]
      }}
    }}
  ]
  auth_callout {{
    issuer: {issuer}
    auth_users: [ sen, system, mosquitto ]
  }}
}}
"""


@dataclass(frozen=True)
class Words:
    """What is derived from the broker's password.

    ``issuer`` is the public key by which the doors sign who may connect.
    """

    issuer: str
    system: str
    bridge: str


def words_of(python: Path, password: str) -> Words:
    """The words that belong to a password; asked of the product's own Python.

    Raises:
        LauncherError: it cannot be made.
    """
    made = subprocess.run(
        [str(python), "-m", "sen.kernel.nkeys"],
        input=password,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise LauncherError(
            "Không tạo được khóa cho hàng đợi NATS", made.stderr.strip().splitlines()[-1]
        )
    return Words(*made.stdout.split())


def write_config(house: House, environment: Environment) -> None:
    """Write ``var/run/nats.conf`` for the chosen port."""
    store = house.var / "nats"
    store.mkdir(mode=0o700, exist_ok=True)
    password = secret(house, "nats")
    words = words_of(house.python, password)
    text = CONFIG.format(
        port=environment.nats_port,
        store=store,
        password=password,
        issuer=words.issuer,
        system=words.system,
        bridge=words.bridge,
        host=environment.values["SEN_HOST"],
        mqtt_port=environment.values["SEN_MQTT_PORT"],
    )
    write_private(house.run / "nats.conf", text)
