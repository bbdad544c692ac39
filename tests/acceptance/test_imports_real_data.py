"""Real files into the demonstration province, as ``./sen import`` reads them.

The files are not part of the project: they are looked for under ``SEN_SHARED_DATA``.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import osmium
import pytest
from django.db import transaction

from sen.domains.network.models import Road, RouteEvent
from sen.domains.places.models import Unit
from sen.kernel.access.context import as_system
from sen.kernel.imports.models import ImportRun
from sen.project.commands import import_file

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SEN_SHARED_DATA", ROOT.parent / "shared" / "data"))

pytestmark = pytest.mark.acceptance
Command = Callable[..., ImportRun | None]


def real(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not there; set SEN_SHARED_DATA to the folder of real data")
    return path


@pytest.fixture
def command(demo: Any) -> Iterator[Command]:
    """``./sen import`` with its arguments; everything is taken back after the test."""

    def call(*arguments: object) -> ImportRun | None:
        parser = argparse.ArgumentParser()
        import_file.arguments(parser)
        before = ImportRun.objects.count()
        import_file.run(parser.parse_args([str(argument) for argument in arguments]))
        return None if ImportRun.objects.count() == before else ImportRun.objects.latest("pk")

    with transaction.atomic():
        yield call
        transaction.set_rollback(True)


def test_commune_boundaries_are_matched_by_code(command: Command, tmp_path: Path) -> None:
    path = real("boundaries/dongthap_communes.geojson")
    dry = command("boundaries", path, "--dry-run")
    assert dry is not None
    assert (dry.state, dry.rows, dry.updated, dry.created) == ("CHECKED", 102, 102, 0), dry.faults
    done = command("boundaries", path, "--option", "source=REFERENCE")
    assert done is not None
    assert (done.state, done.updated) == ("DONE", 102)
    with real("boundaries/communes.csv").open(encoding="utf-8") as file:
        centres = {
            row["code"]: (float(row["label_lon"]), float(row["label_lat"]))
            for row in csv.DictReader(file)
        }
    with as_system("what was imported"):
        units = list(Unit.objects.all())
        assert {unit.code for unit in units} == set(centres)
        for unit in units:
            assert unit.boundary_source == "REFERENCE"
            assert unit.geom is not None
            west, south, east, north = unit.geom.extent
            lon, lat = centres[unit.code]
            assert west <= lon <= east
            assert south <= lat <= north
    again = command("boundaries", path)
    assert again is not None
    assert (again.updated, again.unchanged) == (0, 102)


def test_gaps_and_overlaps_between_communes_are_noted_not_refused(
    command: Command, tmp_path: Path
) -> None:
    import json

    data = json.loads(real("boundaries/dongthap_communes.geojson").read_text(encoding="utf-8"))
    moved = data["features"][0]
    moved["geometry"]["coordinates"] = [
        [[[x + 0.00005, y] for x, y in ring] for ring in polygon]
        for polygon in moved["geometry"]["coordinates"]
    ]
    path = tmp_path / "lech.geojson"
    path.write_text(json.dumps(data), encoding="utf-8")
    done = command("boundaries", path)
    assert done is not None
    assert (done.state, done.updated) == ("DONE", 102), done.faults
    noted = [note for note in done.notes if "hở hoặc chồng" in note]
    assert len(noted) == 1
    assert moved["properties"]["code"] in noted[0]


def test_road_sections_of_another_province(command: Command) -> None:
    path = real("vn_road_sections.gpkg")
    asked: tuple[str, ...] = ("--map", "surface=section_surface", "--option", "owner=SXD")
    assert command("road-sections", path, *asked) is None, "it lies in another province"
    asked += ("--outside",)
    refused = command("road-sections", path, *asked)
    assert refused is not None
    assert (refused.state, refused.rows, refused.fault_count) == ("REFUSED", 1013, 1013)
    asked += ("--option", "roads=create", "--option", "date=2020-01-01")
    wrong = command("road-sections", path, *asked)
    assert wrong is not None
    assert wrong.state == "REFUSED"
    assert all("30 m/km" in fault["message"] for fault in wrong.faults), wrong.faults
    asked += ("--map", "iri=")
    before = _roads()
    done = command("road-sections", path, *asked)
    assert done is not None
    assert done.state == "DONE", done.faults[:5]
    assert (done.rows, done.fault_count) == (1013, 0)
    with as_system("what was imported"):
        kinds = Counter(
            RouteEvent.objects.filter(code__contains="_", valid_from="2020-01-01").values_list(
                "kind", flat=True
            )
        )
    # Five sections are drawn twice or thrice with the same values.
    repeated = [note for note in done.notes if "lặp lại" in note]
    assert len(repeated) == 1
    assert sum(kinds.values()) == done.created
    assert 1000 <= kinds["surface"] <= 1013
    assert 990 <= kinds["width"] <= 1013
    assert _roads() - before >= 863
    again = command("road-sections", path, *asked)
    assert again is not None
    assert (again.state, again.created, again.updated) == ("DONE", 0, 0), again.faults[:5]


def _roads() -> int:
    with as_system("count roads"):
        return Road.objects.count()


#: From Andorra to the middle of Đồng Tháp, in degrees.
EAST, NORTH = 104.4, -32.1
LINKED = ("motorway", "trunk", "primary", "secondary", "tertiary")
CARS = {*LINKED, *(f"{kind}_link" for kind in LINKED), "unclassified", "road", "residential"}
CARS |= {"living_street"}


def test_an_extract_of_openstreetmap(command: Command, tmp_path: Path) -> None:
    path = real("andorra.osm.pbf")
    assert command("roads", path, "--option", "owner=SXD") is None, "it lies in another country"
    ways = _car_ways(path)
    abroad = command("roads", path, "--option", "owner=SXD", "--outside")
    assert abroad is not None
    assert (abroad.state, abroad.rows, abroad.created) == ("DONE", ways, ways), abroad.faults[:5]
    here = tmp_path / "dong-thap.osm.pbf"
    _move(path, here)
    done = command("roads", here, "--option", "owner=SXD")
    assert done is not None
    assert (done.state, done.rows, done.updated) == ("DONE", ways, ways), done.faults[:5]
    assert any("OpenStreetMap" in note for note in done.notes)
    with as_system("what was imported"):
        made = Road.objects.filter(code__startswith="OSM-w")
        assert made.count() == ways
        assert not made.filter(length_m=None).exists(), "every road is measured"


def _car_ways(path: Path) -> int:
    return sum(
        isinstance(thing, osmium.osm.Way)
        and thing.tags.get("highway") in CARS
        and len(thing.nodes) > 1
        for thing in osmium.FileProcessor(str(path))
    )


def _move(source: Path, target: Path) -> None:
    with osmium.SimpleWriter(str(target)) as writer:
        for thing in osmium.FileProcessor(str(source)):
            if isinstance(thing, osmium.osm.Node):
                writer.add_node(
                    thing.replace(location=(thing.location.lon + EAST, thing.location.lat + NORTH))
                )
            elif isinstance(thing, osmium.osm.Way):
                writer.add_way(thing)
