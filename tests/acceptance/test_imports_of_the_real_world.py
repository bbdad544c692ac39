"""Imports and exports for the real world: formats, mistakes of files, and the way back."""

from __future__ import annotations

import argparse
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import pytest
import shapely
from django.db import transaction
from django.test import Client

from sen.domains.assets.models import Asset
from sen.domains.places.models import Unit
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.imports import harvesting
from sen.kernel.imports.models import ImportRun
from sen.lib.vn2000 import from_wgs84
from sen.project.commands import import_file
from tests.conftest import Platform

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SEN_SHARED_DATA", ROOT.parent / "shared" / "data"))

pytestmark = pytest.mark.acceptance
Command = Callable[..., ImportRun | None]

#: Names as a drawing in TCVN3 has them, and what they say.
NAMES = {"CÇu R¹ch ¤ng": "Cầu Rạch Ông", "CÇu Kªnh X\xb8ng": "Cầu Kênh Xáng"}
PLACES = [(105.30, 10.75), (105.42, 10.68)]


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


def bridges(path: Path, srid: int, said: int | None) -> Path:
    """Two bridges in VN-2000 with names in TCVN3, under a system that the file claims."""
    points = [shapely.Point(*from_wgs84(lon, lat, srid)) for lon, lat in PLACES]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(points, dtype=object)),
        field_data=[
            np.array(["RW-1", "RW-2"], dtype=object),
            np.array(list(NAMES), dtype=object),
            np.array(["SXD", "SXD"], dtype=object),
            np.array([40.0, 25.0]),
        ],
        fields=["ma", "ten_cau", "don_vi", "chieu_dai"],
        geometry_type="Point",
        crs=f"EPSG:{said}" if said else None,
    )
    return path


def stored() -> dict[str, Asset]:
    with as_system("what was imported"):
        return {row.code: row for row in Asset.objects.filter(code__startswith="RW-")}


def test_a_drawing_with_the_wrong_meridian_and_old_letters_is_read_and_undone(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bridges(tmp_path / "cau.gpkg", srid=9210, said=5899)
    assert command("bridges", path) is None
    said = capsys.readouterr().out
    assert "ngoài địa bàn" in said
    assert "EPSG:9210" in said
    done = command("bridges", path, "--crs", "9210")
    assert done is not None
    assert (done.state, done.created) == ("DONE", 2), done.faults
    made = stored()
    assert [made[code].name for code in ("RW-1", "RW-2")] == list(NAMES.values())
    assert made["RW-1"].geom.centroid.coords == pytest.approx(PLACES[0], abs=1e-7)
    command("bridges", "--undo", done.pk, "--reason", "Nhầm tệp")
    assert stored() == {}
    assert ImportRun.objects.get(pk=done.pk).state == "UNDONE"


def test_the_same_bridges_are_found_again_by_name_or_place(
    command: Command, tmp_path: Path
) -> None:
    command("bridges", bridges(tmp_path / "cau.gpkg", 5897, 5897))
    table = tmp_path / "cau.csv"
    table.write_text(
        f"Mã,Tên,Chiều dài,lon,lat,Đơn vị\nX1,cau rach ong,41,{PLACES[0][0]},{PLACES[0][1]},SXD\n",
        encoding="utf-8",
    )
    done = command("bridges", table, "--match", "name")
    assert done is not None
    assert (done.updated, done.created) == (1, 0), done.faults
    assert stored()["RW-1"].attributes["length_m"] == 41
    done = command("bridges", table, "--match", "place", "--within", 15)
    assert done is not None
    assert (done.updated + done.unchanged, done.created) == (1, 0), done.faults


def test_words_of_an_office_are_given_a_meaning(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "cau.csv"
    table.write_text(
        "Mã,Tên,lon,lat,Đơn vị,Dài,Tình trạng kỹ thuật\nRW-9,Cầu A,105.42,10.68,SXD,20,loại 1\n",
        encoding="utf-8",
    )
    refused = command("bridges", table, "--map", "length_m=Dài")
    assert refused is not None
    assert "chọn một trong" in refused.faults[0]["message"]
    meant = ("--map", "length_m=Dài", "--value", "condition:loại 1=GOOD")
    done = command("bridges", table, *meant)
    assert done is not None
    assert stored()["RW-9"].condition == "GOOD"


def _convert(source: Path, target: Path, **options: Any) -> Path:
    meta, _fids, shapes, data = pyogrio.raw.read(source)
    keep = [place for place, name in enumerate(meta["fields"]) if name in ("code", "name")]
    pyogrio.raw.write(
        target,
        geometry=shapes,
        field_data=[data[place] for place in keep],
        fields=[meta["fields"][place] for place in keep],
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
        promote_to_multi=True,
        **options,
    )
    return target


def _zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    return target


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "kml", "shp", "gdb", "tab", "geojson"])
def test_boundaries_of_all_communes_come_in_whatever_the_format(
    command: Command, tmp_path: Path, kind: str
) -> None:
    source = DATA / "boundaries" / "dongthap_communes.geojson"
    if not source.exists():
        pytest.skip("boundaries are not there; set SEN_SHARED_DATA to the folder of real data")
    if kind == "geojson":
        path = source
    elif kind in ("gpkg", "fgb", "kml"):
        driver = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "kml": "KML"}[kind]
        path = _convert(source, tmp_path / f"xa.{kind}", driver=driver)
    else:
        (tmp_path / "xa").mkdir()
        drivers = {"shp": "ESRI Shapefile", "gdb": "OpenFileGDB", "tab": "MapInfo File"}
        _convert(source, tmp_path / "xa" / f"xa.{kind}", driver=drivers[kind])
        path = _zipped(tmp_path / "xa", tmp_path / "xa.zip")
    done = command("boundaries", path, "--dry-run", "--crs", "4326", "--repair", "invalid")
    assert done is not None
    assert (done.state, done.rows, done.created) == ("CHECKED", 102, 0), done.faults[:3]


def test_a_list_exported_in_each_format_is_imported_unchanged(
    command: Command, tmp_path: Path
) -> None:
    client = Client()
    client.force_login(User.objects.get(username="hatang"))
    for fmt in ("gpkg", "fgb", "kml", "shp.zip", "geojson", "csv", "xlsx"):
        answer = client.get(f"/ql/places/units/xuat.{fmt}")
        assert answer.status_code == 200, fmt
        path = tmp_path / f"xa.{fmt}"
        path.write_bytes(answer.content)
        if fmt in ("csv", "xlsx"):
            continue
        done = command("boundaries", path, "--dry-run", "--map", "code=code")
        assert done is not None, fmt
        assert done.fault_count == 0, (fmt, done.faults[:3])
    with as_system("how many there are"):
        assert Unit.objects.count() == 102


def test_our_own_open_interface_is_harvested_like_that_of_another_office(
    platform: Platform, command: Command, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.HARVEST_LOOPBACK = str(tmp_path), True
    actor = actor_for(User.objects.get(username="hatang"))
    source = harvesting.save_source(
        actor=actor,
        name="Ranh giới của chính ta",
        kind="boundaries",
        protocol="FEATURES",
        url=f"{platform.url}/ogc",
        layer="communes",
        key_column="code",
        schedule="WEEKLY",
        apply_rule="ASK",
        srid=None,
        profile=None,
        is_active=True,
    )
    made = harvesting.harvest(actor=actor, source=source)
    assert (made.state, made.added, made.error) == ("WAITING", 102, "")
    done = harvesting.apply_harvest(actor=actor, harvest=made)
    assert done.state == "APPLIED", done.run and done.run.faults[:3]
    assert harvesting.harvest(actor=actor, source=source).state == "SAME"
