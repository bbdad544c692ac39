"""Files for geographic systems are read back by GDAL with their letters, values and shapes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pyogrio
import pyogrio.raw
import pytest
import shapely

from sen.kernel.web.register import export, geofiles, sheets
from sen.kernel.web.register.resource import Column

NAMES = ["code", "name", "attributes__length_m", "attributes__length_t"]
POINT = bytes(shapely.to_wkb(shapely.Point(105.6, 10.4)))
LINE = bytes(shapely.to_wkb(shapely.LineString([(105.6, 10.4), (105.7, 10.5)])))
MANY_LINES = bytes(
    shapely.to_wkb(shapely.MultiLineString([[(105.6, 10.4), (105.7, 10.5)], [(1, 1), (2, 2)]]))
)
ROWS: list[tuple[bytes | None, list[Any]]] = [
    (POINT, ["A", "Cầu Đỏ", 12.5, None]),
    (LINE, ["B", "Đường Nguyễn Huệ", None, 3]),
    (None, ["C", "Không hình", 1, 2]),
]


@pytest.mark.parametrize(
    ("write", "name"), [(geofiles.fgb_file, "a.fgb"), (geofiles.kml_file, "a.kml")]
)
def test_one_file_holds_every_row_with_a_shape(write: object, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    assert callable(write)
    path.write_bytes(write("vat", NAMES, iter(ROWS)))
    meta, _fids, shapes, data = pyogrio.raw.read(path)
    fields = [str(field).lower() for field in meta["fields"]]
    assert sorted(data[fields.index("name")].tolist()) == ["Cầu Đỏ", "Đường Nguyễn Huệ"]
    assert {shapely.from_wkb(bytes(shape)).geom_type for shape in shapes} == {"Point", "LineString"}


def test_a_shapefile_for_each_kind_of_geometry(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(geofiles.shapefile_zip("vật", NAMES, iter(ROWS)))
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        said = archive.read("truong.csv").decode("utf-8-sig")
        archive.extractall(tmp_path)
    assert {"vat_diem.shp", "vat_diem.cpg", "vat_duong.prj", "truong.csv"} <= names
    assert "attribute2,attributes__length_t" in said
    meta, _fids, shapes, data = pyogrio.raw.read(tmp_path / "vat_diem.shp")
    assert meta["crs"] == "EPSG:4326"
    assert (data[1].tolist(), data[2].tolist()) == (["Cầu Đỏ"], [12.5])
    assert shapely.from_wkb(bytes(shapes[0])) == shapely.MultiPoint([(105.6, 10.4)])


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ([POINT, None, POINT], "Point"),
        ([LINE, MANY_LINES], "MultiLineString"),
        ([POINT, LINE], "Unknown"),
        ([None], "Unknown"),
    ],
)
def test_a_geopackage_declares_the_type_of_its_shapes(
    shapes: list[bytes | None], kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(sheets.gpkg_file("vat", ["n"], ((shape, [1]) for shape in shapes)))
    assert pyogrio.read_info(path)["geometry_type"] == kind
    assert pyogrio.read_info(path)["features"] == len(shapes)


def test_an_attribute_bears_its_own_name_in_geographic_files() -> None:
    columns = [Column(name) for name in ("code", "attributes__length_m", "attributes__code")]
    assert export.field_names(columns) == ["code", "length_m", "attributes__code"]


def test_every_format_has_its_type() -> None:
    assert {"fgb", "kml", "shp.zip", "gpkg", "geojson", "csv", "xlsx"} <= set(sheets.CONTENT_TYPES)
