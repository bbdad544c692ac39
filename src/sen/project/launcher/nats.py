"""Configuration of the private NATS server."""

from __future__ import annotations

import subprocess
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
# Devices show their keys; the process of the doors says which of them hold.
authorization {{
  timeout: 5
  users: [ {{ user: sen, password: "{password}" }} ]
  auth_callout {{
    issuer: {issuer}
    auth_users: [ sen ]
  }}
}}
"""


def issuer(python: Path, password: str) -> str:
    """The public key by which the doors sign who may connect; asked of the product's own Python.

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
    return made.stdout.strip()


def write_config(house: House, environment: Environment) -> None:
    """Write ``var/run/nats.conf`` for the chosen port."""
    store = house.var / "nats"
    store.mkdir(mode=0o700, exist_ok=True)
    password = secret(house, "nats")
    text = CONFIG.format(
        port=environment.nats_port,
        store=store,
        password=password,
        issuer=issuer(house.python, password),
        host=environment.values["SEN_HOST"],
        mqtt_port=environment.values["SEN_MQTT_PORT"],
    )
    write_private(house.run / "nats.conf", text)
