"""Configuration of the private NATS server."""

from __future__ import annotations

from sen.project.launcher.environment import Environment, secret
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
  max_memory_store: 64MB
  max_file_store: 10GB
}}
authorization {{
  user: sen
  password: "{password}"
}}
"""


def write_config(house: House, environment: Environment) -> None:
    """Write ``var/run/nats.conf`` for the chosen port."""
    store = house.var / "nats"
    store.mkdir(mode=0o700, exist_ok=True)
    text = CONFIG.format(port=environment.nats_port, store=store, password=secret(house, "nats"))
    write_private(house.run / "nats.conf", text)
