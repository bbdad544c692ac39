"""The bell on open screens, through the live process as it runs."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.test import Client

from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import User
from sen.kernel.live.views import issue_ticket
from sen.kernel.notices.services import TOPIC, mark_read, notify
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.processes import NatsServer, Process, free_port, wait_for_port

pytestmark = pytest.mark.django_db
ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """The live process: its port, and the address of its broker."""
    folder: Path = tmp_path_factory.mktemp("bell")
    nats = NatsServer(folder)
    port = free_port()
    process = Process(
        sys.executable,
        *("-m", "uvicorn", "sen.kernel.live.app:app", "--port", str(port)),
        environment={
            "SEN_SECRET_KEY": django_settings.SECRET_KEY,
            "NATS_URL": nats.url,
            "SEN_PORT": "8000",
        },
        log=folder / "live.log",
    )
    wait_for_port(port)
    deadline = time.monotonic() + 10
    while _get(port, "/live/health").status != 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    yield port, nats.url
    process.kill()
    nats.kill()


def _get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Origin": ORIGIN})
    return connection.getresponse()


class Screen:
    """An open page of one person."""

    def __init__(self, port: int, user: User, key: str) -> None:
        ticket = issue_ticket(
            actor_for(user), names=[TOPIC], key=key, session=f"s{user.pk}{key}", origin=ORIGIN
        )
        self.response = _get(port, "/live/stream?" + urlencode({"ticket": ticket}))
        assert self.response.status == 200
        assert self._block() == {"retry": "3000"}

    def _block(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while line := self.response.readline().decode().rstrip("\n"):
            name, _colon, value = line.partition(": ")
            found[name] = value
        return found

    def next(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._block()["data"])["data"]
        return found


def test_a_notice_rings_on_the_screens_of_its_person_alone(
    live: tuple[int, str],
    make_account: MakeAccount,
    settings: LazySettings,
    django_capture_on_commit_callbacks: Any,
) -> None:
    port, settings.NATS_URL = live
    mine, other = make_account("*.*.view"), make_account("*.*.*", "kernel.*.*")
    screen, curious = Screen(port, mine, str(mine.pk)), Screen(port, other, "")
    with django_capture_on_commit_callbacks(execute=True):
        notify([mine.pk], key="ring", title="Chờ bạn duyệt", url="/ql/viec/", mail=False)
    assert screen.next() == {
        "unread": 1,
        "title": "Chờ bạn duyệt",
        "url": "/ql/viec/",
        "tone": "info",
    }
    with django_capture_on_commit_callbacks(execute=True):
        notify([mine.pk], key="ring", title="Chờ bạn duyệt", mail=False)  # known already
        mark_read(actor=actor_for(mine))
        notify([other.pk], key="own", title="Của người khác", mail=False)
    read = screen.next()
    assert (read["unread"], read["title"]) == (0, "")
    assert curious.next()["title"] == "Của người khác", "a notice of somebody else passed by"


def test_the_shell_has_a_bell_that_listens_only_where_there_is_a_live_process(
    make_account: MakeAccount, settings: LazySettings
) -> None:
    user = make_account("*.*.view")
    client = Client()
    client.force_login(user)
    notify([user.pk], key="one", title="Một việc", mail=False)
    settings.NATS_URL = ""
    page = client.get("/ql/thong-bao/").content.decode()
    assert "<sen-live" not in page
    assert "data-bell-count>1</span>" in page
    settings.NATS_URL = "nats://127.0.0.1:1"
    page = client.get("/ql/thong-bao/").content.decode()
    assert f'<sen-live topic="kernel.notices" key="{user.pk}" hidden>' in page
    assert client.get("/ql/thong-bao/chua-xem/").json() == {"unread": 1}
