"""Harvests from servers that really speak: a small WFS here, our own OGC API elsewhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from sen.kernel import outbound
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.imports import harvesting
from sen.kernel.imports.importer import importers
from sen.kernel.imports.models import Harvest, Source
from sen.kernel.imports.tests.conftest import ThingImporter, things
from sen.kernel.testing.accounts import MakeAccount

pytestmark = pytest.mark.django_db
Rows = dict[str, tuple[str, float, float]]
FIRST: Rows = {"A": ("Một", 105.6, 10.4), "B": ("Hai", 105.7, 10.5), "C": ("Ba", 105.8, 10.6)}


class Server(BaseHTTPRequestHandler):
    """A WFS 2.0 and an OGC API over the same rows; two rows a page."""

    rows: ClassVar[Rows] = {}
    speaks_json: ClassVar[bool] = True
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        parts = urlsplit(self.path)
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/away/collections/x/items":
            self._send(b"", 302, {"Location": "http://169.254.169.254/latest"})
        elif parts.path.endswith("/items"):
            start = int(query.get("offset", 0))
            self._json(start, f"{parts.path}?offset={start + 2}" if start + 2 < len(FIRST) else "")
        elif query.get("request") != "GetFeature":
            self._send(b"<ExceptionReport><ExceptionText>no</ExceptionText></ExceptionReport>")
        elif query.get("outputformat") == "application/json" and self.speaks_json:
            self._json(int(query["startindex"]), "")
        else:
            self._send(self._gml())

    def _json(self, start: int, after: str) -> None:
        page = list(self.rows.items())[start : start + 2]
        features = [
            {
                "type": "Feature",
                "properties": {"ma": code, "ten": name},
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
            }
            for code, (name, lon, lat) in page
        ]
        body: dict[str, Any] = {"type": "FeatureCollection", "features": features}
        body["numberMatched"] = len(self.rows)
        if after:
            body["links"] = [{"rel": "next", "href": after}]
        self._send(json.dumps(body).encode())

    def _gml(self) -> bytes:
        members = "".join(
            f'<wfs:member><t:vat gml:id="v.{code}"><t:ma>{code}</t:ma><t:ten>{name}</t:ten>'
            '<t:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="g.'
            f'{code}"><gml:pos>{lat} {lon}</gml:pos></gml:Point></t:geom></t:vat></wfs:member>'
            for code, (name, lon, lat) in self.rows.items()
        )
        return (
            '<?xml version="1.0"?><wfs:FeatureCollection '
            'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" '
            f'xmlns:t="http://thu.vn">{members}</wfs:FeatureCollection>'
        ).encode()

    def _send(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def server() -> Iterator[str]:
    Server.rows, Server.speaks_json, Server.asked = dict(FIRST), True, []
    made = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_address[1]}"
    made.shutdown()


@pytest.fixture
def keeper(
    province: None, make_account: MakeAccount, settings: Any, tmp_path: Path
) -> Iterator[Actor]:
    """Whoever keeps sources and may import things."""
    from sen.kernel.access.actors import actor_for

    settings.MEDIA_ROOT = str(tmp_path)
    settings.HARVEST_LOOPBACK = True
    importers.add(ThingImporter.kind, ThingImporter())
    with as_system("test data of harvests"):
        organisation = Organisation.objects.get(code="SXD")
    user = make_account("guarded.thing.*", "kernel.sources.*", organisation=organisation)
    yield actor_for(user)
    importers.remove(ThingImporter.kind)


def source(actor: Actor, url: str, **given: Any) -> Source:
    values: dict[str, Any] = {
        "name": "Sở khác",
        "kind": ThingImporter.kind,
        "protocol": "WFS",
        "url": f"{url}/wfs",
        "layer": "t:vat",
        "key_column": "ma",
        "schedule": "DAILY",
        "apply_rule": "ASK",
        "srid": None,
        "profile": None,
        "is_active": True,
    }
    return harvesting.save_source(actor=actor, **(values | given))


def fetched(actor: Actor, of: Source) -> Harvest:
    return harvesting.harvest(actor=actor, source=of)


@pytest.mark.parametrize("protocol", ["WFS", "FEATURES"])
def test_new_changed_and_vanished_rows_are_told_and_read_in_after_approval(
    keeper: Actor, server: str, protocol: str
) -> None:
    of = source(keeper, server, protocol=protocol)
    first = fetched(keeper, of)
    assert (first.state, first.added, first.changed, first.vanished) == ("WAITING", 3, 0, 0)
    assert not things()
    done = harvesting.apply_harvest(actor=keeper, harvest=first)
    assert done.state == "APPLIED", done.run and done.run.faults
    assert {code: thing.name for code, thing in things().items()} == {
        code: row[0] for code, row in FIRST.items()
    }
    assert fetched(keeper, of).state == "SAME"
    Server.rows = {"A": ("Một mới", 105.6, 10.4), "B": ("Hai", 105.71, 10.5), "D": FIRST["C"]}
    second = fetched(keeper, of)
    assert (second.added, second.changed, second.vanished) == (1, 2, 1)
    told = {row["key"]: (row["what"], row.get("columns")) for row in second.differences}
    assert told["A"] == ("changed", ["ten"])
    assert told["B"] == ("changed", ["geometry"])
    assert told["C"][0] == "vanished"
    harvesting.apply_harvest(actor=keeper, harvest=second)
    assert set(things()) == {"A", "B", "C", "D"}, "what vanished there is not deleted here"
    with pytest.raises(ConflictError):
        harvesting.apply_harvest(actor=keeper, harvest=second)


def test_a_server_without_json_is_read_through_its_gml(keeper: Actor, server: str) -> None:
    Server.speaks_json = False
    made = fetched(keeper, source(keeper, server, apply_rule="ALWAYS"))
    assert made.state == "APPLIED", (made.error, made.run and made.run.faults)
    where = things()["B"].geom
    assert where is not None
    assert where.coords == pytest.approx((105.7, 10.5))


def test_the_safe_rule_waits_where_rows_vanished(keeper: Actor, server: str) -> None:
    Server.rows = {f"T{i}": (f"Vật {i}", 105.6, 10.4) for i in range(20)}
    of = source(keeper, server, apply_rule="SAFE")
    harvesting.apply_harvest(actor=keeper, harvest=fetched(keeper, of))
    Server.rows["T3"] = ("Vật ba", 105.6, 10.4)
    assert fetched(keeper, of).state == "APPLIED"
    del Server.rows["T5"]
    assert fetched(keeper, of).state == "WAITING"


def test_a_rejected_harvest_changes_nothing(keeper: Actor, server: str) -> None:
    made = fetched(keeper, source(keeper, server))
    harvesting.reject_harvest(actor=keeper, harvest=made)
    assert not things()
    assert Harvest.objects.get(pk=made.pk).state == "REJECTED"


def test_what_goes_wrong_at_the_other_end_is_said(keeper: Actor, server: str) -> None:
    gone = fetched(keeper, source(keeper, "http://127.0.0.1:9", name="Tắt"))
    assert (gone.state, "Không kết nối được" in gone.error) == ("FAILED", True)
    nokey = fetched(keeper, source(keeper, server, name="Khác cột", key_column="id"))
    assert "Lớp không có cột “id”" in nokey.error
    Server.rows = {}
    assert fetched(keeper, source(keeper, server, name="Rỗng")).state == "FAILED"


def test_no_source_leads_into_this_machine(keeper: Actor, server: str, settings: Any) -> None:
    away = source(keeper, server, name="Chuyển hướng", protocol="FEATURES", layer="x")
    away.url = f"{server}/away"
    assert fetched(keeper, away).state == "FAILED"
    settings.HARVEST_LOOPBACK = False
    made = fetched(keeper, source(keeper, server, name="Trong máy"))
    assert "trỏ vào chính máy chủ" in made.error
    for url in ("file:///etc/passwd", "ftp://x/y", "http://a:b@x/"):
        with pytest.raises(InvalidInputError):
            outbound.check_url(url)


def test_sources_are_taken_when_their_time_has_come(keeper: Actor, server: str) -> None:
    of = source(keeper, server)
    assert of.next_at is not None
    assert of.next_at > timezone.now()
    assert harvesting.take_due(timezone.now()) == []
    due = harvesting.take_due(of.next_at + timedelta(seconds=1))
    assert due == [of]
    assert harvesting.owner_of(of).id == keeper.id
    assert source(keeper, server, name="Tay", schedule="MANUAL").next_at is None


def test_sources_are_for_those_who_may(
    keeper: Actor, server: str, make_account: MakeAccount
) -> None:
    from sen.kernel.access.actors import actor_for

    of = source(keeper, server)
    stranger = actor_for(make_account("kernel.sources.*"))
    with pytest.raises(PermissionDeniedError):
        harvesting.harvest(actor=stranger, source=of)
    with pytest.raises(PermissionDeniedError):
        source(actor_for(make_account("guarded.thing.*")), server, name="Khác")
    with pytest.raises(InvalidInputError) as wrong:
        source(keeper, server, layer="", schedule="x", kind="")
    assert {"layer", "schedule", "kind"} <= set(wrong.value.fields)
