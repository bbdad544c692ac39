"""Clients that were not written for us read the service."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import Any

import pytest
from owslib.ogcapi.features import Features

from sen.kernel.geo.layers import Layer
from sen.kernel.geo.tests.conftest import make_things
from sen.kernel.testing.house import build_house


@pytest.fixture
def filled(server: str, layer: Layer) -> str:
    house = build_house()
    make_things(house)
    for number in range(250):
        house.thing(f"P-{number:03d}", geom=f"SRID=4326;POINT({105.5 + number / 1000} 10.3)")
    return server


READ = """
import json, sys, pyogrio
source, box = sys.argv[1], tuple(json.loads(sys.argv[2])) or None
meta, _, geometry, columns = pyogrio.raw.read(source, layer="things", bbox=box)
print(json.dumps({
    "layers": [str(name) for name, _ in pyogrio.list_layers(source)],
    "announced": pyogrio.read_info(source, layer="things")["features"],
    "read": len(geometry),
    "values": {name: [str(v) for v in c] for name, c in zip(meta["fields"], columns)},
}))
"""


def gdal(url: str, box: tuple[float, ...] = ()) -> dict[str, Any]:
    """What GDAL reads, in a process of its own: it would keep our server from answering."""
    done = subprocess.run(
        [sys.executable, "-c", READ, f"OAPIF:{url}/ogc/", json.dumps(box)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_gdal_reads_every_page(filled: str) -> None:
    found = gdal(filled)
    assert "things" in found["layers"]
    assert found["announced"] == found["read"] == 252
    assert "Cầu Công" in found["values"]["name"]
    assert "Cầu Mật" not in found["values"]["name"]
    assert sorted(found["values"]["code"])[:2] == ["P-000", "P-001"]


def test_gdal_sends_its_box(filled: str) -> None:
    assert gdal(filled, (105.5985, 10.2, 105.6025, 10.4))["read"] == 4


def test_owslib_finds_and_reads(filled: str) -> None:
    service = Features(f"{filled}/ogc/")
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in json.dumps(
        service.conformance()
    )
    assert "things" in service.feature_collections()
    found = service.collection_items("things", bbox=[105.62, 10.45, 105.64, 10.47], limit=5)
    assert [feature["properties"]["name"] for feature in found["features"]] == ["Cầu Công"]
    feature = service.collection_item("things", str(found["features"][0]["id"]))
    assert feature["geometry"]["coordinates"] == [105.63, 10.46]


def test_every_link_of_the_service_leads_somewhere(filled: str) -> None:
    """From the landing page on; a template of tiles is filled in."""
    todo, seen = [f"{filled}/ogc/?f=json"], set[str]()
    while todo:
        url = todo.pop()
        if url in seen:
            continue
        seen.add(url)
        with urllib.request.urlopen(url) as answer:
            kind, body = answer.headers["Content-Type"] or "", answer.read()
        if "json" in kind:
            document = json.loads(body)
            holders = [document, *document.get("collections", []), *document.get("tilesets", [])]
            todo += [
                link["href"].format(tileMatrix=0, tileRow=0, tileCol=0)
                for holder in holders
                for link in holder.get("links", [])
                if not (link["rel"] == "next" and "after=" in url)
            ]
    assert len(seen) > 20
