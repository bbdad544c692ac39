"""Files of geographic systems, and coordinates that are not what they seem."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pyogrio
import pyogrio.raw
import pytest
import shapely

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.tests.conftest import things
from sen.lib.vn2000 import SRIDS, from_wgs84

pytestmark = pytest.mark.django_db
Read = Callable[..., ImportRun]

#: Two points of the province.
PLACES = {"A": (105.6341, 10.4592), "Đ": (106.3521, 10.3606)}


def in_system(srid: int) -> dict[str, tuple[float, float]]:
    if srid == 4326:
        return PLACES
    return {code: from_wgs84(lon, lat, srid) for code, (lon, lat) in PLACES.items()}


def write(path: Path, srid: int = 4326, *, crs: bool = True, **options: Any) -> Path:
    places = in_system(srid)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapely.points(list(places.values()))),
        field_data=[
            np.array(list(places), dtype=object),
            np.array(["Cầu Đỏ", "Cầu Ô"], dtype=object),
        ],
        fields=["ma_vat", "ten"],
        geometry_type="Point",
        crs=f"EPSG:{srid}" if crs else None,
        **options,
    )
    return path


def zipped(folder: Path, *, without: str = "", inside: str = "") -> Path:
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.iterdir()):
            if file.suffix != without:
                archive.write(file, f"{inside}{file.name}")
    return target


def shapefile(tmp_path: Path, srid: int, **options: Any) -> Path:
    folder = tmp_path / "cau"
    folder.mkdir()
    write(folder / "cau.shp", srid, driver="ESRI Shapefile", encoding="UTF-8", **options)
    return folder


def check_places() -> None:
    found = things()
    assert set(found) == set(PLACES)
    for code, (lon, lat) in PLACES.items():
        geom = found[code].geom
        assert geom is not None
        # Two centimetres: the pinned parameters, not what PROJ takes for VN-2000.
        assert geom.x == pytest.approx(lon, abs=2e-7)
        assert geom.y == pytest.approx(lat, abs=2e-7)
    assert found["A"].name == "Cầu Đỏ"


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.fgb", "a.kml"])
def test_formats_in_wgs84(read: Read, tmp_path: Path, name: str) -> None:
    if name.endswith("kml"):
        path = tmp_path / name
        marks = "".join(
            f"<Placemark><name>Cầu Đỏ</name><ExtendedData><Data name='ma_vat'><value>{code}"
            f"</value></Data></ExtendedData><Point><coordinates>{lon},{lat},0</coordinates></Point>"
            "</Placemark>"
            for code, (lon, lat) in PLACES.items()
        )
        path.write_text(
            '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
            f"<Document>{marks}</Document></kml>",
            encoding="utf-8",
        )
    else:
        path = write(tmp_path / name)
    done = read(path)
    assert (done.state, done.created) == ("DONE", 2), done.faults
    check_places()


@pytest.mark.parametrize("srid", [5897, 9210, 3405])
def test_vn2000_in_a_geopackage_and_a_zipped_shapefile(
    read: Read, tmp_path: Path, srid: int
) -> None:
    assert read(write(tmp_path / "a.gpkg", srid)).state == "DONE"
    check_places()
    assert read(zipped(shapefile(tmp_path, srid), inside="Bản đồ/")).updated == 2
    check_places()


def test_a_shapefile_without_prj_asks_and_names_the_right_system(
    read: Read, tmp_path: Path
) -> None:
    path = zipped(shapefile(tmp_path, 5897), without=".prj")
    with pytest.raises(InvalidInputError) as caught:
        read(path)
    said = caught.value.fields["crs"][0]
    assert said.startswith("Tệp không cho biết hệ tọa độ. Hãy chọn hệ tọa độ.")
    assert "EPSG:5897: 100%" in said
    assert read(path, srid=5897).state == "DONE"
    check_places()


def test_a_shapefile_whose_encoding_is_not_said(read: Read, tmp_path: Path) -> None:
    assert read(zipped(shapefile(tmp_path, 4326), without=".cpg")).state == "DONE"
    check_places()


def test_a_wrong_meridian_is_refused_with_the_right_one(read: Read, tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", 9217)
    assert SRIDS[9217].central_meridian_deg > 107
    with pytest.raises(InvalidInputError) as caught:
        read(path, srid=5897)
    said = caught.value.fields["crs"][0]
    assert "Theo EPSG:5897 thì dữ liệu nằm ngoài địa bàn" in said
    assert "EPSG:9217: 100%" in said


def test_swapped_axes_are_found(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{code};{x};{y}" for code, (y, x) in in_system(5897).items()]
    path.write_text("Mã;X;Y\n" + "\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="EPSG:5897 với X và Y đổi chỗ: 100%"):
        read(path, srid=5897)
    done = read(path, srid=5897, swapped=True)
    assert done.state == "DONE", done.faults
    assert things()["A"].geom.x == pytest.approx(PLACES["A"][0], abs=2e-7)  # type: ignore[union-attr]


def test_unknown_systems_are_said(read: Read, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Không có hệ tọa độ EPSG:999999"):
        read(write(tmp_path / "a.gpkg"), srid=999999)
    with pytest.raises(InvalidInputError, match="Tệp không cho biết hệ tọa độ"):
        read(write(tmp_path / "b.gpkg", 5897, crs=False), outside=True)


def test_coordinates_in_columns(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Mã;Tên;Kinh độ;Vĩ độ\nA;Cầu Đỏ;105,6341;10,4592\nĐ;Cầu Ô;106.3521;10.3606\n",
        encoding="utf-8",
    )
    assert read(path).state == "DONE"
    check_places()
    path.write_text("Mã;Kinh độ;Vĩ độ\nA;105,6;mười\nB;;\n", encoding="utf-8")
    done = read(path)
    assert [(fault["row"], fault["field"]) for fault in done.faults] == [(2, "geometry")]


def geojson(path: Path, shapes: list[Any]) -> Path:
    features = [
        {"type": "Feature", "properties": {"ma_vat": f"N{i}"}, "geometry": shape}
        for i, shape in enumerate(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


POINT = {"type": "Point", "coordinates": [105.6341, 10.4592]}


def test_geometry_that_is_missing_wrong_or_elsewhere(read: Read, tmp_path: Path) -> None:
    done = read(geojson(tmp_path / "a.geojson", [POINT, None]))
    assert (done.state, done.created) == ("DONE", 2), "the importer needs no geometry"
    line = {"type": "LineString", "coordinates": [[105.6, 10.4], [105.7, 10.5]]}
    done = read(geojson(tmp_path / "b.geojson", [POINT, line]))
    assert [(fault["row"], fault["field"]) for fault in done.faults] == [(2, "geometry")]
    assert "cần điểm" in done.faults[0]["message"]
    far = {"type": "Point", "coordinates": [2.35, 48.85]}
    with pytest.raises(InvalidInputError, match="Không hệ tọa độ nào đưa dữ liệu vào địa bàn"):
        read(geojson(tmp_path / "c.geojson", [far]))
    assert read(geojson(tmp_path / "c.geojson", [far]), outside=True).state == "DONE"


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.fgb"])
@pytest.mark.parametrize("part", [0.3, 0.8])
def test_truncated_files_are_refused(read: Read, tmp_path: Path, name: str, part: float) -> None:
    path = write(tmp_path / name)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * part)])
    with pytest.raises(InvalidInputError) as caught:
        read(path)
    assert "file" in caught.value.fields


def test_shapes_that_cannot_be_taken_are_not_left_out_silently(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    corners = (105.6, 10.4, 105.7, 10.4, 105.7, 10.5, 105.6, 10.4)
    triangle = struct.pack("<BIII8d", 1, 17, 1, 4, *corners)
    tin = struct.pack("<BII", 1, 16, 1) + triangle
    pyogrio.raw.write(
        path,
        geometry=np.array([tin], dtype=object),
        field_data=[np.array(["A"], dtype=object)],
        fields=["ma_vat"],
        geometry_type="Unknown",
        crs="EPSG:4326",
    )
    done = read(path)
    assert [(fault["row"], fault["field"]) for fault in done.faults] == [(1, "geometry")]
    assert "Không đọc được hình" in done.faults[0]["message"]


def test_archives_that_hold_nothing_usable(read: Read, tmp_path: Path) -> None:
    folder = shapefile(tmp_path, 4326)
    with pytest.raises(InvalidInputError, match=r"thiếu tệp \.dbf"):
        read(zipped(folder, without=".dbf"))
    with pytest.raises(InvalidInputError, match="gồm nhiều tệp đi cùng nhau"):
        read((folder / "cau.shp").rename(tmp_path / "le.shp"))
    empty = tmp_path / "b.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(InvalidInputError, match="Tệp nén không có Shapefile"):
        read(empty)
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("a.shp", "<OGRVRTDataSource></OGRVRTDataSource>")
        archive.writestr("a.dbf", "x")
    with pytest.raises(InvalidInputError, match="XML"):
        read(empty)


def test_several_shapefiles_in_one_archive(read: Read, tmp_path: Path) -> None:
    folder = shapefile(tmp_path, 4326)
    write(folder / "phu.shp", driver="ESRI Shapefile", encoding="UTF-8")
    path = zipped(folder)
    assert read(path, layer="phu.shp").options["layer"] == "phu.shp"
    with pytest.raises(InvalidInputError, match=r"“x\.shp”; tệp có: cau\.shp, phu\.shp"):
        read(path, layer="x.shp")


@pytest.mark.parametrize("name", ["cau.tab", "cau.mif"])
def test_mapinfo(read: Read, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "cau"
    folder.mkdir()
    kind = {"FORMAT": "MIF"} if name.endswith("mif") else {}
    write(folder / name, driver="MapInfo File", encoding="UTF-8", layer_options=kind)
    assert read(zipped(folder)).state == "DONE"
    assert things()["A"].geom.x == pytest.approx(PLACES["A"][0], abs=1e-6)  # type: ignore[union-attr]
    alone = (folder / name).rename(tmp_path / name)
    with pytest.raises(InvalidInputError, match="gồm nhiều tệp đi cùng nhau"):
        read(alone)


def test_openstreetmap(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (kind, at) in enumerate(
            [("bus_station", PLACES["A"]), ("bank", PLACES["Đ"])], 1
        ):
            writer.add_node(
                osmium.osm.mutable.Node(
                    id=number, location=at, tags={"amenity": kind, "name": "Bến xe"}
                )
            )
    done = read(path)
    assert (done.state, done.rows) == ("DONE", 1)
    assert "OpenStreetMap" in done.notes[0]
    assert things()["n1"].name == "Bến xe"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InvalidInputError, match="OpenStreetMap bị hỏng"):
        read(path)
