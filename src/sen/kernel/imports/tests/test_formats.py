"""The other formats of the real world: FileGDB, DXF, KMZ, several layers, closed lines."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.reading import read_table
from sen.kernel.imports.tables import Table
from sen.kernel.imports.tests.conftest import ThingImporter

SHAPES = [shapely.Point(105.6, 10.4), shapely.Point(105.7, 10.5)]


def write(path: Path, layer: str = "", **options: Any) -> Path:
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(SHAPES, dtype=object)),
        field_data=[np.array(["Cầu Đỏ", "Cầu Ô"], dtype=object)],
        fields=["ten"],
        geometry_type="Point",
        crs="EPSG:4326",
        **({"layer": layer} if layer else {}),
        **options,
    )
    return path


def read(path: Path, layer: str = "") -> Table:
    return read_table(path, ThingImporter(), layer=layer)


def test_a_zipped_file_geodatabase_with_several_layers(tmp_path: Path) -> None:
    folder = write(tmp_path / "tinh.gdb", layer="cau", driver="OpenFileGDB")
    write(folder, layer="cong", driver="OpenFileGDB", append=True)
    path = tmp_path / "tinh.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"DuLieu/tinh.gdb/{file.name}")
        archive.writestr("DuLieu/tinh.gdb/khac.exe", b"MZ")
    table = read(path)
    assert (table.layers, table.srid) == (["cau", "cong"], 4326)
    assert [row[table.columns.index("ten")] for row in table.rows] == ["Cầu Đỏ", "Cầu Ô"]
    assert read(path, "cong").layer == "cong"


DXF = """0
SECTION
2
ENTITIES
0
POINT
8
CAU
10
563000.0
20
1156000.0
0
TEXT
8
GHI_CHU
10
563000.0
20
1156000.0
40
2.5
1
CÇu Mü ThuËn
0
ENDSEC
0
EOF
"""


def test_a_drawing_is_read_by_its_layers_and_says_no_system(tmp_path: Path) -> None:
    path = tmp_path / "ban-ve.dxf"
    path.write_text(DXF, encoding="latin-1")
    table = read(path)
    assert (table.layers, table.srid) == (["*", "CAU", "GHI_CHU"], None)
    assert len(table.rows) == 2
    assert len(read(path, "CAU").rows) == 1
    with pytest.raises(InvalidInputError, match="Không có lớp “X”"):
        read(path, "X")


def test_a_dwg_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "ban-ve.dwg"
    path.write_bytes(b"AC1032" + b"\x00" * 500)
    with pytest.raises(InvalidInputError, match="lưu lại thành DXF"):
        read(path)


def test_what_is_kept_for_the_next_step_is_read_without_the_file(tmp_path: Path) -> None:
    path, kept = write(tmp_path / "a.gpkg"), tmp_path / "a.table"
    first = read_table(path, ThingImporter(), kept=kept)
    stamp = kept.stat().st_mtime_ns
    again = read_table(path, ThingImporter(), kept=kept)
    assert (again, kept.stat().st_mtime_ns) == (first, stamp)
