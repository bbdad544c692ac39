"""Kept public tiles are answered around Django, with the same answer."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.geo import changes as log
from sen.kernel.geo.changes import changes
from sen.kernel.geo.config import tiles_url
from sen.kernel.geo.fastpath import PublicTiles
from sen.kernel.geo.layers import Layer
from sen.kernel.geo.tests.test_tile_views import url
from sen.kernel.testing.guarded.models import Thing


class Behind:
    """The application behind, which only counts."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.asked += 1
        start("599 Behind", [])
        return [b""]


def ask(path: str, **environ: str) -> tuple[int, dict[str, str], bytes]:
    """Status (599: left to the application behind), headers and body."""
    said: list[tuple[int, dict[str, str]]] = []

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        said.append((int(status[:3]), dict(headers)))

    known = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_ACCEPT_ENCODING": "gzip, br"}
    body = b"".join(PublicTiles(Behind())(known | environ, start))  # type: ignore[arg-type]
    return (*said[0], body)


@pytest.fixture
def address(stored: dict[str, Thing], layer: Layer, client: Client) -> str:
    """The address of a tile that was drawn."""
    found = url(layer)
    assert client.get(found).status_code == 200
    return found


def test_a_kept_tile_is_answered_as_django_would(address: str, client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        status, headers, body = ask(address)
    assert (status, len(queries)) == (200, 0)
    assert "Cầu Công".encode() in gzip.decompress(body)
    other = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert body == other.content
    assert headers == {name: other[name] for name in headers}
    assert ask(address, HTTP_IF_NONE_MATCH=headers["ETag"])[::2] == (304, b"")


@pytest.mark.parametrize(
    "environ",
    [
        {"REQUEST_METHOD": "HEAD"},
        {"QUERY_STRING": "ids-of=guarded.things"},
        {"HTTP_ACCEPT_ENCODING": "identity"},
        {"PATH_INFO": "/ban-do/"},
        {"PATH_INFO": "/tiles/things/0123456789abcdef-652585-1/14/12999/7713.mvt"},
        {"PATH_INFO": "/tiles/unknown/p-1-1/14/12999/7713.mvt"},
        {"PATH_INFO": "/tiles/things/p-1-1/14/99999/7713.mvt"},
    ],
)
def test_everything_else_is_left_to_the_application(address: str, environ: dict[str, str]) -> None:
    assert ask(address, **environ)[0] == 599


def test_a_changed_tile_is_drawn_again(address: str, layer: Layer) -> None:
    with as_system("change a thing in a test"):
        Thing.objects.filter(code="V-1").update(name="Cầu Mới")
    changes.refresh()
    status, headers, body = ask(address)
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=30")
    assert "Cầu Mới".encode() in gzip.decompress(body)
    status, headers, _ = ask(tiles_url(layer, ANONYMOUS).format(z=14, x=1, y=1))
    assert (status, headers["Cache-Control"]) == (204, "public, max-age=31536000, immutable")
    assert ask(tiles_url(layer, ANONYMOUS).format(z=2, x=1, y=1))[0] == 204


def test_an_old_mirror_and_a_version_not_seen_are_left_to_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, _, rest = address.rpartition("-")
    version, _, place = rest.partition("/")
    assert ask(f"{head}-{int(version) + 1}/{place}")[0] == 599
    monkeypatch.setattr(log, "REUSE_S", 0)
    time.sleep(0.01)
    assert ask(address)[0] == 599
