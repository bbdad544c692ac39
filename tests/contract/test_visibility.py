"""What may not be seen is not seen, counted, exported, tiled or found, in any register.

Every registered register × every kind of actor × every channel. The truth is the Python predicate
of the actor's scope over all rows, read by the house; every channel must show exactly those.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio.raw
import pytest
from django.contrib.gis.db.models.functions import PointOnSurface
from django.test import Client

from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.geo.layers import layers
from sen.kernel.web.palette.suggest import suggest
from sen.kernel.web.register import listing
from sen.kernel.web.register.resource import Resource, resources
from tests.conftest import Demo

PEOPLE = (
    "",
    "lanhdao",
    "giamdoc",
    "hatang",
    "tracuu",
    "ioc",
    "xa.caolanh",
    "xa.tanphudong",
    "motcua",
    "kysu",
    "nguoidan",
    "kiemtoan",
    "quantri",
)
REGISTERS = sorted(resource.key for resource in resources)
LARGEST_FILE = 1000


def actor_named(username: str) -> Actor:
    return actor_for(User.objects.get(username=username)) if username else ANONYMOUS


def every_row(resource: Resource[Any]) -> list[Any]:
    """All rows of a register, to be judged one by one."""
    with as_system("every row, to be judged one by one"):
        rows = resource.model.base.all()
        if resource.where is not None:
            rows = rows.filter(resource.where)
        return list(rows.defer(*[f for f in ("geom",) if hasattr(resource.model, f)]))


def judged(resource: Resource[Any], actor: Actor, rows: list[Any]) -> set[int]:
    """The truth: rows that the predicate allows in Python."""
    scope = actor.scope(resource.rule)
    with as_system("rows are judged"):
        return {row.pk for row in rows if scope.allows(row)}


def signed_in(username: str) -> Client:
    client = Client()
    if username:
        client.force_login(User.objects.get(username=username))
    return client


@pytest.fixture(scope="module")
def visitor() -> Callable[[str], Client]:
    """Signs in each person once: making a client and a session costs more than many a request."""
    return cache(signed_in)


@pytest.fixture(scope="module")
def offered_layers(visitor: Callable[[str], Client]) -> Callable[[str], set[str]]:
    """The layers that the map offers a person; the same for the tests of every layer."""

    @cache
    def ids(username: str) -> set[str]:
        config = visitor(username).get("/map/config.json").json()
        return {item["id"] for item in config["layers"]}

    return ids


@pytest.mark.parametrize("key", REGISTERS)
def test_queries_and_counts_show_what_the_predicate_allows(mixed: Demo, key: str) -> None:
    resource = resources[key]
    every = every_row(resource)
    differing = set()
    for username in PEOPLE:
        actor = actor_named(username)
        truth = judged(resource, actor, every)
        differing.add(frozenset(truth))
        with acting_as(actor):
            assert set(resource.rows(actor).values_list("pk", flat=True)) == truth, username
            assert resource.rows(actor).count() == len(truth), username
            raw = resource.model.base.values_list("pk", flat=True)
            everything = raw.filter(resource.where) if resource.where is not None else raw
            assert set(everything) == truth, f"{username}: row-level security"
    if len(judged(resource, actor_named("giamdoc"), every)) > 3:
        assert len(differing) > 1, "the actors of the test do not differ: it would prove nothing"


@pytest.mark.parametrize("key", REGISTERS)
def test_files_rest_and_lists_show_what_the_predicate_allows(
    mixed: Demo, visitor: Callable[[str], Client], key: str
) -> None:
    resource = resources[key]
    every = every_row(resource)
    for username in ("", "tracuu", "xa.caolanh", "kysu", "kiemtoan"):
        actor = actor_named(username)
        truth = judged(resource, actor, every)
        client = visitor(username)
        prefix = "/ql/" if username else "/tra-cuu/"
        page = client.get(f"{prefix}{resource.path}/", {"size": "25"})
        if not resource.may(actor, "view"):
            assert page.status_code == 404, username
            continue
        shown = re.search(r'class="list-count"><b>(?:Hơn )?([\d.]+)', page.content.decode())
        assert shown is not None
        assert int(shown[1].replace(".", "")) == min(len(truth), listing.COUNT_CAP), username
        audience = "internal" if username and actor.kind == "OFFICIAL" else "public"
        body = client.get(f"/api/{audience}/v1/{resource.path}", {"size": "25"}).json()
        assert body["count"] == min(len(truth), listing.COUNT_CAP), f"{username} REST"
        assert {row["id"] for row in body["items"]} <= truth
        hidden = next((row.pk for row in every if row.pk not in truth), None)
        if hidden is not None:
            assert client.get(f"{prefix}{resource.path}/{hidden}/").status_code == 404
            rest = client.get(f"/api/{audience}/v1/{resource.path}/{hidden}")
            assert rest.status_code == 404
        _check_files(client, resource, prefix, truth, username)


def _check_files(
    client: Client, resource: Resource[Any], prefix: str, truth: set[int], username: str
) -> None:
    if len(truth) > LARGEST_FILE:
        return  # the same statement as the list; large files are a matter of time only
    counters: dict[str, Callable[[bytes], int]] = {
        "csv": lambda raw: sum(1 for _row in csv.reader(io.StringIO(raw.decode("utf-8-sig")))) - 1,
        "xlsx": _rows_of_sheet,
    }
    if resource.model_field("geom") is not None:
        counters["geojson"] = lambda raw: raw.count(b'"type":"Feature"')
    for fmt, count in counters.items():
        answer = client.get(f"{prefix}{resource.path}/xuat.{fmt}")
        actor = actor_named(username)
        if prefix == "/ql/" and not resource.may(actor, "export"):
            assert answer.status_code == 404, (username, fmt)
            continue
        assert answer.status_code == 200, (username, fmt)
        assert count(answer.content) <= len(truth), (username, fmt)


def _rows_of_sheet(raw: bytes) -> int:
    sheet = openpyxl.load_workbook(io.BytesIO(raw), read_only=True).active
    assert sheet is not None
    return sum(1 for _row in sheet.iter_rows(min_row=2))


@pytest.mark.parametrize("name", sorted(layer.name for layer in layers))
def test_tiles_and_ogc_show_what_the_predicate_allows(
    mixed: Demo,
    visitor: Callable[[str], Client],
    offered_layers: Callable[[str], set[str]],
    name: str,
    tmp_path: Path,
) -> None:
    layer = layers[name]
    with as_system("every row of the layer, to be judged one by one"):
        model: Any = layer.model
        rows = model.base.exclude(geom=None)
        if layer.where is not None:
            rows = rows.filter(layer.where)
        every = list(rows.defer("geom"))
    for username in ("", "tracuu", "xa.tanphudong", "kiemtoan"):
        scope = actor_named(username).scope(layer.rule)
        with as_system("rows are judged"):
            truth = {row.pk for row in every if scope.allows(row)}
        client = visitor(username)
        answer = client.get(f"/ogc/collections/{name}/items", {"limit": "1", "f": "json"})
        assert answer.status_code == 200, (username, answer.content[:300])
        matched = answer.json().get("numberMatched")
        assert matched is None or matched == len(truth) or matched >= 10_000, username
        hidden = next((row.pk for row in every if row.pk not in truth), None)
        if hidden is not None:
            item = client.get(f"/ogc/collections/{name}/items/{hidden}", {"f": "json"})
            assert item.status_code == 404, username
            _check_tile(client, name, hidden, layer.model, tmp_path)
        listed = name in offered_layers(username)
        assert not listed or scope.clauses, "a layer of which the actor may see nothing is listed"


def _check_tile(client: Client, name: str, hidden: int, model: Any, folder: Path) -> None:
    """The tile in which a hidden row lies does not carry it."""
    with as_system("where the hidden row lies"):
        point = model.base.annotate(spot=PointOnSurface("geom")).get(pk=hidden).spot
    tile = mercantile_of(point.x, point.y, 14)
    answer = client.get("/tiles/{}/0/{}/{}/{}.mvt".format(name, *tile), follow=True)
    assert answer.status_code in (200, 204), answer.content[:200]
    if answer.status_code == 204:
        return
    body = gzip.decompress(answer.content) if answer.content[:2] == b"\x1f\x8b" else answer.content
    file = folder / "tile.pbf"
    file.write_bytes(body)
    meta, _fids, _shapes, columns = pyogrio.raw.read(file)
    ids = columns[list(meta["fields"]).index("mvt_id")]
    assert hidden not in {int(value) for value in ids}


def mercantile_of(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    """The tile of a point (the usual slippy-map formula)."""
    side = 1 << zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return zoom, int((lon + 180) / 360 * side), int(y * side)


def test_the_palette_finds_nothing_hidden(mixed: Demo) -> None:
    every = cache(every_row)
    for username in ("", "tracuu", "xa.caolanh"):
        actor = actor_named(username)
        truth = cache(lambda resource, actor=actor: judged(resource, actor, every(resource)))
        with acting_as(actor):
            for text in ("cau", "ql", "cong", "ben", "tan"):
                for found in suggest(text, actor):
                    if not re.fullmatch(r"/(ql|tra-cuu)/[a-z]+/[a-z-]+/\d+/", found.url):
                        continue
                    _empty, _side, domain, slug, row_id, _end = found.url.split("/")
                    resource = resources[f"{domain}.{slug}"]
                    assert int(row_id) in truth(resource), found
