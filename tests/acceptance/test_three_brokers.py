"""Three brokers keep each message, and one of them dies: no acknowledged observation is lost.

A JetStream cluster on this machine, configured as docs/operate/telemetry.md says, keeps the stream
of observations three times (``NATS_REPLICAS``). The leader of the stream is killed while devices
send; it comes back, and the next leader dies. Each acknowledged observation is stored once.
"""

from __future__ import annotations

import asyncio
import os
import sysconfig
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sen.domains.telemetry import wire
from sen.domains.telemetry.tests.flowing import (
    Door,
    Flow,
    connected_to,
    make_sender,
    stored,
    wait,
)
from sen.kernel.broker import connect
from sen.kernel.testing.processes import (
    Process,
    database_of_its_own,
    free_port,
    wait_for_port,
)
from tests.acceptance.failing import HttpLoad

pytestmark = pytest.mark.slow

PASSWORD = "test-password"
CONFIG = """\
server_name: {name}
listen: "127.0.0.1:{port}"
max_payload: 4MB
jetstream {{ store_dir: "{folder}/{name}", sync_interval: always, max_file_store: 10GB }}
authorization {{ users: [ {{ user: sen, password: "{password}" }} ] }}
cluster {{
  name: sen
  listen: "127.0.0.1:{cluster_port}"
  authorization {{ user: route, password: "{password}" }}
  routes: [ {routes} ]
}}
"""


class Node(Process):
    """One broker of the cluster."""

    def __init__(self, folder: Path, name: str, port: int, cluster_port: int, routes: str) -> None:
        self.name = name
        self.port = port
        config = folder / f"{name}.conf"
        config.write_text(
            CONFIG.format(
                name=name, port=port, cluster_port=cluster_port, folder=folder,
                password=PASSWORD, routes=routes,
            )
        )  # fmt: skip
        program = Path(sysconfig.get_path("scripts")) / "nats-server"
        super().__init__(str(program), "-c", str(config), log=folder / f"{name}.log")

    def start(self) -> None:
        super().start()
        wait_for_port(self.port, seconds=30)


@contextmanager
def cluster(folder: Path) -> Iterator[list[Node]]:
    names = ["nats-1", "nats-2", "nats-3"]
    ports = {name: (free_port(), free_port()) for name in names}
    routes = ", ".join(
        f'"nats-route://route:{PASSWORD}@127.0.0.1:{ports[name][1]}"' for name in names
    )
    with ExitStack() as ends:
        nodes = []
        for name in names:
            nodes.append(Node(folder, name, *ports[name], routes))
            ends.callback(nodes[-1].kill)
        yield nodes


def url_of(nodes: list[Node]) -> str:
    return ",".join(f"nats://sen:{PASSWORD}@127.0.0.1:{node.port}" for node in nodes)


async def _state(url: str) -> tuple[str, int, int]:
    """The leader of the stream, how many follow it closely, and how many keep it."""
    client = await connect(url, name="test")
    try:
        info = await client.jetstream(timeout=5).stream_info(wire.STREAM)
    finally:
        await client.close()
    assert info.cluster is not None
    current = sum(bool(peer.current) for peer in info.cluster.replicas or ())
    return info.cluster.leader or "", current, info.config.num_replicas or 0


def state(nodes: list[Node]) -> tuple[str, int, int]:
    return asyncio.run(_state(url_of(nodes)))


@pytest.fixture
def variables(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    with django_db_blocker.unblock(), database_of_its_own("brokers") as found:
        yield found


def test_no_acknowledged_observation_is_lost_with_a_broker(
    variables: dict[str, str], tmp_path: Path
) -> None:
    with connected_to(variables), cluster(tmp_path) as nodes, ExitStack() as ends:
        more = {"SEN_SECRET_KEY": os.environ.get("SEN_SECRET_KEY", "x" * 50)}
        more |= {"NATS_URL": url_of(nodes), "NATS_REPLICAS": "3"}
        flow = Flow(tmp_path, {**variables, **more})
        flow.writer = flow.python("telemetry-writer")
        ends.callback(flow.writer.end)
        flow.door = Door(environment=flow.environment, log=tmp_path / "door.log")
        ends.callback(flow.door.end)
        flow.wait_for_door()
        loads = [
            HttpLoad(flow, make_sender(f"B{n}", streams=2), seed=n, size=20, pause_s=0.02)
            for n in range(2)
        ]
        for load in loads:
            load.start()
        for _time in range(2):
            _progress(loads)
            leader, current, kept = state(nodes)
            assert (current, kept) == (2, 3)
            victim = next(node for node in nodes if node.name == leader)
            victim.kill()
            _progress(loads)
            others = [node for node in nodes if node is not victim]
            assert state(others)[0] in {node.name for node in others}
            victim.start()
            wait(lambda: state(nodes)[1] == 2, seconds=60)
        _progress(loads)
        for load in loads:
            load.halt()
        for load in loads:
            load.join(60)
            assert load.error is None, load.error
        streams = [stream for load in loads for stream in load.sender.streams]
        expected = [
            (pk, *row) for load in loads for pk, rows in sorted(load.sent.items()) for row in rows
        ]
        wait(lambda: len(stored(*streams)) >= len(expected), seconds=60)
        assert [row[:3] for row in stored(*streams)] == sorted(expected)


def _progress(loads: list[HttpLoad]) -> None:
    goals = [load.acknowledged + 5 * load.size for load in loads]

    def reached() -> bool:
        assert not [load.error for load in loads if load.error]
        return all(load.acknowledged >= goal for load, goal in zip(loads, goals, strict=True))

    wait(reached, seconds=90)
