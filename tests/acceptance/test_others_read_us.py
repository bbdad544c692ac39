"""GDAL, OWSLib and QGIS read the running service as their users would."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import pyogrio
import pytest
from owslib.ogcapi.features import Features

from tests.conftest import Platform

pytestmark = pytest.mark.acceptance
QGIS = "/usr/bin/python3"
READ_WITH_QGIS = """
import sys
from qgis.core import QgsApplication, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
source = f"srsname='EPSG:4326' typename='communes' url='{sys.argv[1]}/ogc/'"
layer = QgsVectorLayer(source, "communes", "OAPIF")
names = [feature["name"] for feature in layer.getFeatures()]
print(layer.isValid(), len(names), "Sa Đéc" in names)
app.exitQgis()
"""


def count(platform: Platform, name: str) -> int:
    url = f"{platform.url}/ogc/collections/{name}/items?limit=1&f=json"
    with urllib.request.urlopen(url) as answer:
        matched: int = json.load(answer)["numberMatched"]
    return matched


def test_gdal_reads_every_public_bridge_with_its_name_and_place(platform: Platform) -> None:
    meta, _fids, shapes, columns = pyogrio.raw.read(f"OAPIF:{platform.url}/ogc", layer="bridges")
    assert len(shapes) == count(platform, "bridges") > 200
    names = columns[list(meta["fields"]).index("name")]
    assert any("Mỹ Thuận" in name for name in names)
    bounds = pyogrio.read_info(f"OAPIF:{platform.url}/ogc", layer="communes")["total_bounds"]
    assert bounds is None or (105 < bounds[0] < 106 and 10 < bounds[1] < 11)


def test_owslib_finds_collections_items_and_what_we_conform_to(platform: Platform) -> None:
    service = Features(f"{platform.url}/ogc/")
    assert {"communes", "roads", "bridges"} <= set(service.feature_collections())
    assert any("ogcapi-features-2" in text for text in service.conformance()["conformsTo"])
    items = service.collection_items("communes", limit=5)
    assert len(items["features"]) == 5
    assert items["numberMatched"] == 102


def test_qgis_opens_a_collection_as_a_layer(platform: Platform, tmp_path: Path) -> None:
    probe = subprocess.run([QGIS, "-c", "import qgis.core"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("QGIS is not installed (apt-get install python3-qgis)")
    script = tmp_path / "read.py"
    script.write_text(READ_WITH_QGIS, encoding="utf-8")
    done = subprocess.run(
        [QGIS, str(script), platform.url],
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "True 102 True" in done.stdout, done.stdout + done.stderr[-2000:]


@pytest.mark.parametrize("srid", [3405, 5897, 9210])
def test_vn2000_coordinates_come_out_in_the_right_place(platform: Platform, srid: int) -> None:
    from sen.lib.vn2000 import to_wgs84

    base = f"{platform.url}/ogc/collections/communes/items?limit=1&f=json"
    crs = f"http://www.opengis.net/def/crs/EPSG/0/{srid}"
    with urllib.request.urlopen(base) as answer:
        plain = json.load(answer)["features"][0]
    with urllib.request.urlopen(f"{base}&crs={crs}") as answer:
        projected = json.load(answer)["features"][0]
    assert projected["id"] == plain["id"]
    lon, lat = plain["geometry"]["coordinates"][0][0][0]
    first, second = projected["geometry"]["coordinates"][0][0][0]
    # The axis order of the registry: northing first in EPSG's VN-2000 systems.
    easting, northing = (second, first) if first > second else (first, second)
    found = to_wgs84(easting, northing, srid)
    assert abs(found[0] - lon) < 2e-7
    assert abs(found[1] - lat) < 2e-7
