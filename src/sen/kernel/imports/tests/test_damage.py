"""Files with wrong bytes anywhere: read, or refused in words; never anything else."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import osmium
import pytest

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.tests.test_gis import shapefile, write, zipped
from sen.kernel.imports.tests.test_tables import ROWS, workbook

pytestmark = pytest.mark.django_db
DAMAGES = 5


def _made(folder: Path, kind: str) -> Path:
    path = folder / kind
    if kind == "a.xlsx":
        return workbook(path, [["Mã", "Tên", "Chiều dài"], ["A", "B", 3.5]])
    if kind == "a.csv":
        path.write_bytes((ROWS * 3).encode("utf-16"))
        return path
    if kind == "cau.zip":
        return zipped(shapefile(folder, 5897))
    if kind == "a.osm.pbf":
        with osmium.SimpleWriter(str(path)) as writer:
            writer.add_node(
                osmium.osm.mutable.Node(
                    id=1, location=(105.6, 10.4), tags={"amenity": "bus_station"}
                )
            )
        return path
    return write(path)


def _damaged(raw: bytes, draw: random.Random) -> bytes:
    copy = bytearray(raw)
    if draw.random() < 0.3:
        return bytes(copy[: draw.randrange(len(copy))])
    for _change in range(draw.choice([1, 5, 60])):
        copy[draw.randrange(len(copy))] = draw.randrange(256)
    return bytes(copy)


@pytest.mark.parametrize(
    "kind", ["a.xlsx", "a.csv", "a.gpkg", "a.geojson", "a.fgb", "cau.zip", "a.osm.pbf"]
)
def test_wrong_bytes_are_refused_in_words(
    read: Callable[..., ImportRun], tmp_path: Path, kind: str
) -> None:
    draw = random.Random(597)
    whole = _made(tmp_path, kind)
    assert read(whole, dry_run=True).rows
    raw = whole.read_bytes()
    refused, said = 0, list[str]()
    for _round in range(DAMAGES):
        whole.write_bytes(_damaged(raw, draw))
        try:
            refused += read(whole, dry_run=True).state == ImportRun.State.REFUSED
        except InvalidInputError as error:
            refused += 1
            said += [text for texts in error.fields.values() for text in texts]
    assert all(said)
    assert refused, "none of the damages was noticed"
