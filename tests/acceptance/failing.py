"""What breaks, and what sends meanwhile: a database of a test's own, and senders that go on."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
import psycopg
from django.conf import settings
from django.db import connections
from paho.mqtt.enums import CallbackAPIVersion

from sen.domains.telemetry.tests.flowing import Flow, Sender
from sen.kernel.testing.processes import Process, free_port
from sen.project.launcher.house import run_as, service_account
from sen.project.launcher.postgres import Programs, programs_under

#: Durable as in production: what is committed is on the disk.
_SAFE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_PLAIN: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    # Recovery would else open and flush each of the thousands of files.
    "recovery_init_sync_method": "syncfs",
}
_ROLES: Final = ("sen_owner", "sen_app", "sen_readonly", "sen_backup")


class PrivatePostgres(Process):
    """A PostgreSQL of the test's own that may be killed, with a copy of the test database.

    Its programs are those of the server that the tests use.
    """

    def __init__(self) -> None:
        self.port = free_port()
        # Not below pytest's folder: the account of the server could not enter it.
        self.folder = Path(tempfile.mkdtemp(prefix="sen-postgres-"))
        self.data = self.folder / "data"
        found = _ask("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        self.programs: Programs = programs_under(Path(found).parents[4])
        self.account = service_account()
        self._initialise()
        options = [f"-c{name}={value}" for name, value in (_PLAIN | _SAFE).items()]
        super().__init__(
            str(self.programs.bin / "postgres"), "-D", str(self.data), f"-p{self.port}", *options,
            environment=self.programs.env(), log=self.folder / "log",
        )  # fmt: skip

    def start(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            with self.log.open("ab") as log:
                self._child = subprocess.Popen(
                    self.argv, env=self.environment, stdout=log, stderr=log, cwd="/",
                    start_new_session=True, **run_as(self.account),
                )  # fmt: skip
            while self._child.poll() is None:
                if self.answers():
                    return
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.05)
            # Memory of the one before is still in use.
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)

    def kill(self) -> None:
        """SIGKILL to the server and every process of it."""
        if not self.is_running:
            return
        pids = [self.pid, *self._children()]
        for pid in pids:
            _kill(pid)
        assert self._child is not None
        self._child.wait(20)
        deadline = time.monotonic() + 20
        while any(Path(f"/proc/{pid}/exe").exists() for pid in pids):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.dsn("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def dsn(self, database: str, user: str = "postgres") -> str:
        return f"postgres://{user}@127.0.0.1:{self.port}/{database}"

    def bring_copy(self) -> dict[str, str]:
        """Copy the test database; returns the variables of processes that use the copy."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as server:
            for role in _ROLES:
                server.execute(f"CREATE ROLE {role} LOGIN")
            server.execute("CREATE DATABASE sen OWNER sen_owner")
            # Copying flushes nothing; the senders' time is what the flushes are for.
            server.execute("ALTER DATABASE sen SET synchronous_commit = off")
        for each in connections.all():
            each.close()
        source = urlsplit(settings.DATABASE_SUPERUSER_URL)
        word = {"PGPASSWORD": unquote(source.password)} if source.password else {}
        given = {**os.environ, **self.programs.env(), **word}
        name = settings.DATABASES["default"]["NAME"]
        dump = self.folder / "copy.dump"
        host = ["-h", str(source.hostname), "-p", str(source.port or 5432)]
        subprocess.run(
            [str(self.programs.bin / "pg_dump"), *host, "-U", str(source.username), "-Fc",
             "-f", str(dump), str(name)],
            env=given, check=True,
        )  # fmt: skip
        subprocess.run(
            [str(self.programs.bin / "pg_restore"), "-d", self.dsn("sen"), "-1", str(dump)],
            env=given, check=True, capture_output=True,
        )  # fmt: skip
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as server:
            server.execute("ALTER DATABASE sen RESET synchronous_commit")
            server.execute("CHECKPOINT")
        return {
            "DATABASE_URL": self.dsn("sen", "sen_app"),
            "DATABASE_OWNER_URL": self.dsn("sen", "sen_owner"),
        }

    def _children(self) -> list[int]:
        tasks = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        try:
            return [int(pid) for pid in tasks.read_text().split()]
        except OSError:
            return []

    def _initialise(self) -> None:
        self.data.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(self.data, self.account.pw_uid, self.account.pw_gid)
            self.folder.chmod(0o711)
        subprocess.run(
            [str(self.programs.bin / "initdb"), "-D", str(self.data), "-U", "postgres",
             "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu",
             "--icu-locale=vi", "--no-instructions", "-N"],
            env={**os.environ, **self.programs.env()}, check=True, capture_output=True, cwd="/",
            **run_as(self.account),
        )  # fmt: skip


def _ask(question: str) -> str:
    with psycopg.connect(settings.DATABASE_SUPERUSER_URL) as server:
        [found] = server.execute(question).fetchone() or ("",)
    return str(found)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Connects this process to the database of ``url`` meanwhile."""
    parts = urlsplit(url)
    given = {
        "HOST": parts.hostname,
        "PORT": str(parts.port),
        "USER": parts.username,
        "PASSWORD": "",
        "NAME": parts.path.lstrip("/"),
    }
    default = connections["default"]
    before = {name: default.settings_dict[name] for name in given}
    default.close()
    default.settings_dict.update(given)
    try:
        yield
    finally:
        for each in connections.all():
            each.close()
        default.settings_dict.update(before)


@dataclass
class Load(threading.Thread):
    """Sends one thing after the other, each again until it is acknowledged.

    ``sent`` are the acknowledged observations by stream, in the order of their times.
    """

    flow: Flow
    sender: Sender
    seed: int
    size: int = 1
    pause_s: float = 0.01
    sent: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    acknowledged: int = 0
    repeated: int = 0
    error: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._halt = threading.Event()
        self._chance = random.Random(self.seed)
        self._at = (int(time.time()) - 6 * 3600) * 1_000_000

    def __hash__(self) -> int:
        return id(self)

    def halt(self) -> None:
        self._halt.set()

    def run(self) -> None:
        try:
            self.begin()
            while not self._halt.is_set():
                self._one()
                time.sleep(self.pause_s)
            self.end()
        except BaseException as error:  # noqa: BLE001  told by the test
            self.error = error

    def begin(self) -> None:
        """Before the first."""

    def end(self) -> None:
        """After the last."""

    def bring(self, stream: int, rows: list[tuple[int, float]]) -> bool:
        raise NotImplementedError

    def _one(self) -> None:
        stream = self._chance.choice(self.sender.streams).pk
        rows = []
        for _number in range(self.size):
            self._at += 1_000_000
            rows.append((self._at, self._value()))
        while not self.bring(stream, rows):
            self.repeated += 1
            time.sleep(0.05)
        self.sent.setdefault(stream, []).extend(rows)
        self.acknowledged += len(rows)

    def _value(self) -> float:
        """Mostly quiet, now and then over the limit, often between the two limits."""
        bands = [(5, 24), (25.1, 29.9), (30.1, 60)]
        [(low, high)] = self._chance.choices(bands, weights=(20, 5, 1))
        return round(self._chance.uniform(low, high), 6)


class HttpLoad(Load):
    """The house's own form, by columns."""

    def bring(self, stream: int, rows: list[tuple[int, float]]) -> bool:
        times, values = zip(*rows, strict=True)
        body = {"streams": [stream] * len(rows), "times": times, "values": values}
        try:
            status, _answer = self.flow.post(body, auth=self.sender.basic, timeout_s=8)
        except (OSError, ValueError):
            return False
        return status in (201, 202)


class StaLoad(Load):
    """One observation after the other to SensorThings."""

    def bring(self, stream: int, rows: list[tuple[int, float]]) -> bool:
        [(at, value)] = rows
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 1_000_000))
        body = {
            "phenomenonTime": f"{moment}.{at % 1_000_000:06d}Z",
            "result": value,
            "Datastream": {"@iot.id": stream},
        }
        word = base64.b64encode(f"{self.sender.name}:{self.sender.secret}".encode()).decode()
        request = urllib.request.Request(
            f"{self.flow.base}/sta/v1.1/Observations",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Basic {word}"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=8) as answer:
                return bool(answer.status == 201)
        except urllib.error.HTTPError as error:
            error.read()
            if error.code < 500:
                raise RuntimeError(f"refused: {error.code}") from error
            return False
        except (OSError, ValueError):
            return False


class MqttLoad(Load):
    """MQTT 3.1.1 with QoS 1; what has no PUBACK the client sends again when it is connected."""

    def begin(self) -> None:
        name = self.sender.device.code
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name)
        self.answered: set[int] = set()
        self.client.on_publish = self._note
        self.client.username_pw_set(self.sender.name, self.sender.secret)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect_async("127.0.0.1", self.flow.nats.mqtt_port)
        self.client.loop_start()

    def bring(self, stream: int, rows: list[tuple[int, float]]) -> bool:
        times, values = zip(*rows, strict=True)
        body = {"streams": [stream] * len(rows), "times": times, "values": values}
        topic = f"sen/v1/{self.sender.device.pk}/obs"
        said = self.client.publish(topic, json.dumps(body), qos=1)
        # Without a connection it waits in the client, which sends it by itself when there is one.
        while said.mid not in self.answered:
            time.sleep(0.002)
        self.answered.clear()
        return True

    def _note(self, _client: object, _user: object, number: int, *_more: object) -> None:
        self.answered.add(number)

    def end(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
