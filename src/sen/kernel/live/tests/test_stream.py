"""The live process as it runs: uvicorn, NATS, sockets."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from sen.kernel.access.scope import AccessRule, Clause, Scope
from sen.kernel.broker import Broker
from sen.kernel.live.messages import CLOSE, Audience, Message
from sen.kernel.live.tickets import Ticket, TopicGrant, sign, signing_key
from sen.kernel.testing.processes import NatsServer, Process, free_port, wait_for_port

SECRET = "s" * 50
ORIGIN = "http://127.0.0.1:8000"


@dataclass
class House:
    port: int
    broker: Broker
    live: Process

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path, headers=headers)
        return connection.getresponse()

    def stream(self, session: str = "s", actor: int = 7, last_id: str = "") -> Stream:
        path = "/live/stream?" + urlencode({"ticket": make_ticket(session, actor)})
        known = {"Last-Event-ID": last_id} if last_id else {}
        return Stream(self.get(path, Origin=ORIGIN, **known))

    def say(self, message: Message) -> None:
        self.broker.publish_soon(message.subject, message.encoded())


class Stream:
    """An open stream read event by event."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.response = response
        assert response.status == 200, response.read()
        assert self.next() == {"retry": "3000"}

    def next(self) -> dict[str, str]:
        event: dict[str, str] = {}
        while line := self.response.readline().decode().rstrip("\n"):
            name, _colon, value = line.partition(": ")
            event[name] = value
        return event

    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.next()["data"])
        return found


def make_ticket(session: str, actor: int) -> str:
    scope = Scope(AccessRule("alarms.alarm"), (Clause(1, None, frozenset({3})),))
    grant = TopicGrant.of("alarms", scope)
    ticket = Ticket(int(time.time()) + 60, session, "http://khac.example", [grant], actor)
    return sign(ticket, signing_key(SECRET))


def alarm(key: str, *, area: int = 3) -> Message:
    return Message("alarms", key, "t", Audience(1, 1, area), urgent=True, data={"n": key})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("live")
    nats = NatsServer(folder)
    port = free_port()
    live = Process(
        sys.executable,
        *("-m", "uvicorn", "sen.kernel.live.app:app", "--port", str(port)),
        environment={"SEN_SECRET_KEY": SECRET, "NATS_URL": nats.url, "SEN_PORT": "8000"},
        log=folder / "live.log",
    )
    wait_for_port(port)
    broker = Broker(nats.url, name="test")
    broker.wait()
    house = House(port, broker, live)
    deadline = time.monotonic() + 5
    while house.get("/live/health").status != 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    yield house
    broker.close()
    live.kill()
    nats.kill()


def test_the_process_knows_no_django() -> None:
    code = "import sys, sen.kernel.live.app; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_message_reaches_the_screens_that_may_see_it(house: House) -> None:
    stream = house.stream(session="see")
    assert stream.response.headers["access-control-allow-origin"] == ORIGIN
    house.say(alarm("hidden", area=4))
    house.say(alarm("shown"))
    assert stream.data()["key"] == "shown"
    stream.response.close()


def test_a_returning_screen_names_its_last_event(house: House) -> None:
    stream = house.stream(session="back")
    house.say(alarm("one"))
    last_id = stream.next()["id"]
    stream.response.close()
    house.say(alarm("two"))
    time.sleep(0.1)
    again = house.stream(session="back", last_id=last_id)
    keys = [again.data()["key"]]
    while keys[-1] != "two":
        keys.append(again.data()["key"])
    again.response.close()
    lost = house.stream(session="back", last_id="khac.1")
    assert lost.next()["event"] == "reset"
    lost.response.close()


def test_a_change_of_rights_ends_the_streams_of_its_person(house: House) -> None:
    stream, other = house.stream(session="r1", actor=21), house.stream(session="r2", actor=22)
    house.say(Message(CLOSE, "21", "t", Audience()))
    event = stream.next()
    assert event["event"] == "closed"
    assert json.loads(event["data"]) == {"reason": "rights"}
    assert stream.response.read() == b""
    house.say(alarm("after"))
    assert other.data()["key"] == "after"
    other.response.close()


def test_a_session_may_open_four_streams(house: House) -> None:
    streams = [house.stream(session="many") for _ in range(4)]
    refused = house.get(f"/live/stream?ticket={make_ticket('many', 7)}")
    assert refused.status == 429
    assert "tối đa 4 luồng" in json.loads(refused.read())["detail"]
    for stream in streams:
        stream.response.close()


@pytest.mark.parametrize(
    ("path", "headers", "status", "words"),
    [
        ("/live/stream", {}, 401, "Thiếu vé"),
        ("/live/stream?ticket=abc", {}, 403, "không hợp lệ"),
        ("/live/stream?ticket=abc", {"Accept-Language": "en"}, 403, "not valid"),
        ("/live/other", {}, 404, "Không có địa chỉ"),
    ],
)
def test_a_refusal_says_why_and_how_to_mend_it(
    house: House, path: str, headers: dict[str, str], status: int, words: str
) -> None:
    response = house.get(path, Origin=ORIGIN, **headers)
    problem = json.loads(response.read())
    assert (response.status, problem["status"]) == (status, status)
    assert words in problem["title"]
    assert problem["detail"]
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == ORIGIN


def test_a_foreign_page_is_refused(house: House) -> None:
    path = f"/live/stream?ticket={make_ticket('foreign', 7)}"
    response = house.get(path, Origin="https://evil.example")
    assert response.status == 403
    assert "access-control-allow-origin" not in response.headers


def test_metrics_count_the_streams(house: House) -> None:
    stream = house.stream(session="count")
    text = house.get("/live/metrics").read().decode()
    assert any(
        line.startswith("sen_live_streams ") and int(line.split()[1]) >= 1
        for line in text.splitlines()
    )
    stream.response.close()
