"""Servers and databases that a test may kill: they belong to it alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connections

from sen.kernel.nkeys import BRIDGE, SYSTEM, derived, issuer_of, public_name
from sen.kernel.testing.database import COPIED


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def wait_for_port(port: int, *, seconds: float = 10) -> None:
    """Return when something listens.

    Raises:
        TimeoutError: nothing does within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port} after {seconds} s")


class Process:
    """A child process that can be killed and started again."""

    def __init__(self, *argv: str, environment: Mapping[str, str] | None = None, log: Path) -> None:
        self.argv = argv
        self.environment = {**os.environ, **(environment or {})}
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        if self.is_running:
            raise RuntimeError(f"{self.argv} is running: a second one would be left behind")
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603
                self.argv, env=self.environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send a signal and wait for the end."""
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(number)
            try:
                self._child.wait(20)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait(10)


class NatsServer(Process):
    """A NATS server with JetStream, configured like the house's own.

    With ``password`` also its MQTT door, at which the doors say who may come in. ``sync`` other
    than the house's own shows what a test of a power cut can see.
    """

    def __init__(self, folder: Path, *, password: str = "", sync: str = "always") -> None:
        self.port = free_port()
        self.password = password
        text = (
            f'server_name: sen-test\nlisten: "127.0.0.1:{self.port}"\n'
            f'jetstream {{ store_dir: "{folder}/nats", sync_interval: {sync} }}\n'
        )
        if password:
            self.mqtt_port = free_port()
            system, bridge = derived(password, SYSTEM), derived(password, BRIDGE)
            text += (
                f'mqtt {{ listen: "127.0.0.1:{self.mqtt_port}" }}\n'
                'mappings { "v1//1.*.Observations": "sen.sta.{{wildcard(1)}}"\n'
                '"sen.tell.>": "v1//1.>" }\n'
                f'accounts {{ $SYS {{ users: [{{ user: {SYSTEM}, password: "{system}" }}] }} }}\n'
                f'authorization {{ timeout: 5, users: [{{ user: sen, password: "{password}" }}\n'
                f'{{ user: {BRIDGE}, password: "{bridge}", permissions: {{\n'
                'publish: ["sen.v1.>"], subscribe: ["sen.v1.*.commands.>", "$MQTT.sub.>"] }}]\n'
                f"auth_callout {{ issuer: {public_name(issuer_of(password))}\n"
                f"auth_users: [sen, {SYSTEM}, {BRIDGE}] }} }}\n"
            )
        config = folder / "nats.conf"
        config.write_text(text, encoding="utf-8")
        program = Path(sysconfig.get_path("scripts")) / "nats-server"
        super().__init__(str(program), "-c", str(config), log=folder / "nats.log")

    def start(self) -> None:
        super().start()
        wait_for_port(self.port)

    @property
    def url(self) -> str:
        word = f"sen:{self.password}@" if self.password else ""
        return f"nats://{word}127.0.0.1:{self.port}"


class PythonProcess(Process):
    """``python -m module arguments`` on the same code."""

    def __init__(
        self, module: str, *arguments: str, environment: Mapping[str, str], log: Path
    ) -> None:
        super().__init__(sys.executable, "-m", module, *arguments, environment=environment, log=log)


@contextmanager
def database_of_its_own(suffix: str) -> Iterator[dict[str, str]]:
    """A committed copy of this worker's test database; yields the variables that point at it.

    For tests whose processes commit: the shared test database is rolled back, never written.
    """
    source = str(settings.DATABASES["default"]["NAME"])
    name = f"{source}_{suffix}"
    for connection in connections.all():
        connection.close()
    with psycopg.connect(settings.DATABASE_SUPERUSER_URL, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        # What threads of earlier tests left open keeps a template from being copied.
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (source,)
        )
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" OWNER sen_owner {COPIED}')
        try:
            yield {
                variable: urlunsplit((*urlsplit(os.environ[variable])[:2], f"/{name}", "", ""))
                for variable in ("DATABASE_URL", "DATABASE_OWNER_URL")
            }
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
