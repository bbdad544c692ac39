"""The flow as it runs: broker, writer and doors as processes, with devices that may be let in."""

from __future__ import annotations

import base64
import json
import os
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, connections

from sen.domains.telemetry.models import Datastream, Device, ObservedProperty, Sensor, Thing
from sen.domains.telemetry.store.writing import Store, TakenError
from sen.kernel.access.accounts.devices import issue_device_credential
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import system
from sen.kernel.access.services import put_node
from sen.kernel.testing.processes import (
    NatsServer,
    Process,
    PythonProcess,
    free_port,
    wait_for_port,
)


@dataclass(frozen=True, slots=True)
class Sender:
    """A device with its key and the numbers of its streams."""

    device: Device
    key: str
    streams: list[Datastream]

    @property
    def name(self) -> str:
        return self.key.removeprefix("sen_d_").partition(".")[0]

    @property
    def secret(self) -> str:
        return self.key.partition(".")[2]

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.name}:{self.secret}".encode()).decode()


def make_sender(code: str, streams: int = 3, **fields: Any) -> Sender:
    """A device that serves one thing with ``streams`` datastreams ``<code>-1`` …."""
    with as_system("set up a test"):
        owner = Organisation.objects.order_by("pk").first() or put_node(
            Organisation, code="T-SXD", name="Sở Xây dựng", kind="DEPARTMENT"
        )
        area = Area.objects.order_by("pk").first() or put_node(
            Area, code="T-82", name="Đồng Tháp", kind="PROVINCE"
        )
        kept = {"owner_org": owner, "area": area}
        thing = Thing.objects.create(code=f"TH-{code}", name=f"Trạm {code}", **kept)
        sensor, _ = Sensor.objects.get_or_create(
            code="S-TEST", defaults={"name": "Cảm biến", **kept}
        )
        quantity, _ = ObservedProperty.objects.get_or_create(
            code="deflection", defaults={"name": "Độ võng", "unit": "mm", **kept}
        )
        values = {
            "thing": thing,
            "sensor": sensor,
            "observed_property": quantity,
            "unit": "mm",
            "valid_min": -500.0,
            "valid_max": 500.0,
            **kept,
            **fields,
        }
        made = [
            Datastream.objects.create(code=f"{code}-{n}", name=f"Kênh {n}", **values)
            for n in range(1, streams + 1)
        ]
        account = User.objects.create_user(
            f"device-{code.lower()}", kind=User.Kind.DEVICE, full_name=code, organisation=owner
        )
        device = Device.objects.create(code=code, name=code, account=account, **kept)
        device.things.add(thing)
        _, key = issue_device_credential(actor=system("set up a test"), device=account)
    return Sender(device, key, made)


class Door(Process):
    """The door for HTTP in a process of its own."""

    def __init__(self, *, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        program = Path(sysconfig.get_path("scripts")) / "uvicorn"
        super().__init__(
            str(program), "sen.domains.telemetry.ingest.app:app", "--port", str(self.port),
            "--no-access-log", environment=environment, log=log,
        )  # fmt: skip

    def start(self) -> None:
        super().start()
        wait_for_port(self.port, seconds=90)


@dataclass
class Flow:
    """Broker, writer and HTTP door over the database of this process."""

    folder: Path
    environment: dict[str, str]
    nats: NatsServer = field(init=False)
    writer: PythonProcess = field(init=False)
    door: Door = field(init=False)

    def start(self) -> None:
        self.nats = NatsServer(self.folder, password="test-password")
        self.environment["NATS_URL"] = self.nats.url
        self.writer = self.python("telemetry-writer")
        self.door = Door(environment=self.environment, log=self.folder / "door.log")
        self.wait_for_door()

    def python(self, command: str) -> PythonProcess:
        return PythonProcess(
            "sen.project.cli", command,
            environment=self.environment, log=self.folder / f"{command}.log",
        )  # fmt: skip

    def wait_for_door(self) -> None:
        def ready() -> bool:
            try:
                with urllib.request.urlopen(f"{self.base}/ingest/health", timeout=2) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        wait(ready, seconds=90)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.door.port}"

    def post(
        self,
        body: Any,
        *,
        auth: str = "",
        kind: str = "application/json",
        timeout_s: float = 20,
        language: str = "vi",
    ) -> tuple[int, Any]:
        """POST observations; the status and the document of the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": kind, "Accept-Language": language}
        if auth:
            headers["Authorization"] = auth
        url = f"{self.base}/ingest/v1/observations"
        request = urllib.request.Request(url, data, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def stop(self) -> None:
        for name in ("door", "writer", "nats"):
            process = getattr(self, name, None)
            if process is not None:
                process.end()


def stored(*streams: Datastream) -> list[tuple[Any, ...]]:
    """Rows of the store, as the house sees them."""
    with as_system("look at the store"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT datastream_id, (extract(epoch FROM at) * 1000000)::bigint, result, quality,"
            " extra FROM telemetry_observation WHERE datastream_id = ANY(%s) ORDER BY 1, 2",
            [[stream.pk for stream in streams]],
        )
        return [(*row[:4], row[4] and json.loads(row[4])) for row in cursor.fetchall()]


def wait(condition: Callable[[], Any], *, seconds: float = 15) -> None:
    """Return when ``condition`` holds.

    Raises:
        TimeoutError: it does not within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.02)


def opened(store: Store) -> int:
    """Open ``store``; a connection that was closed just now may hold the place a moment longer.

    Raises:
        TakenError: another writer really works.
    """
    deadline = time.monotonic() + 10
    while True:
        try:
            return store.open()
        except TakenError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def connected_to(variables: dict[str, str]) -> Iterator[None]:
    """Connects this process to the database of ``variables`` meanwhile."""
    default = connections["default"]
    before = default.settings_dict["NAME"]
    default.settings_dict["NAME"] = variables["DATABASE_URL"].rpartition("/")[2]
    try:
        yield
    finally:
        for each in connections.all():
            each.close()
        default.settings_dict["NAME"] = before


@contextmanager
def running_flow(folder: Path, variables: dict[str, str]) -> Iterator[Flow]:
    """A flow over the database of ``variables``, to which this process is connected meanwhile."""
    flow = Flow(folder, {**variables, "SEN_SECRET_KEY": os.environ.get("SEN_SECRET_KEY", "x" * 50)})
    with connected_to(variables):
        try:
            flow.start()
            yield flow
        finally:
            flow.stop()


__all__ = [
    "Door",
    "Flow",
    "Sender",
    "connected_to",
    "make_sender",
    "opened",
    "running_flow",
    "stored",
    "wait",
]
