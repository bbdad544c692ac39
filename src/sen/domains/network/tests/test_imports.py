from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sen.domains.network.models import KmPost, Road, RouteEvent
from sen.domains.network.tests.conftest import wavy
from sen.kernel.access.context import as_system
from sen.kernel.imports.engine import Request, run
from sen.kernel.imports.importer import importers
from sen.kernel.imports.models import ImportRun

pytestmark = pytest.mark.django_db
MakeRoad = Callable[..., Road]


def read(kind: str, path: Path, **options: Any) -> ImportRun:
    with as_system("import of a test file") as actor:
        request = Request(file=path, outside=True, **options)
        return run(importer=importers[kind], actor=actor, request=request)


def lines(path: Path, rows: list[tuple[dict[str, Any], Any]]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": values,
            "geometry": shape and {"type": "LineString", "coordinates": shape},
        }
        for values, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def text(path: Path, table: str) -> Path:
    path.write_text(table, encoding="utf-8")
    return path


def test_roads_by_code_and_by_number(house: None, tmp_path: Path) -> None:
    path = lines(
        tmp_path / "duong.geojson",
        [
            (
                {"Mã tuyến": "X1", "Tên đường": "Đường Rạch Ông", "Mặt đường": "Nhựa",
                 "Đơn vị quản lý": "Sở Xây dựng", "Xã": "Xã Hòa Long", "Số hiệu": "ĐX.7"},
                wavy(2),
            ),
            ({"Số hiệu": "dt 848", "Tên đường": "Đường tỉnh 848", "Số làn xe": "2"}, wavy(3)),
        ],
    )  # fmt: skip
    refused = read("roads", path)
    assert [(fault["row"], fault["field"]) for fault in refused.faults] == [(2, "Đơn vị quản lý")]
    done = read("roads", path, options={"owner": "KQLDB4"})
    assert (done.state, done.created) == ("DONE", 2), done.faults
    with as_system("what was imported"):
        one, two = Road.objects.get(code="X1"), Road.objects.get(code="ĐT.848")
    assert (one.number, one.manager_class, one.surface) == ("ĐX.7", "COMMUNE", "ASPHALT")
    assert (one.owner_org.code, one.area.code) == ("SXD", "30244")
    assert (two.manager_class, two.lanes, two.owner_org.code) == ("PROVINCIAL", 2, "KQLDB4")
    assert two.area.code == "82"
    assert read("roads", path, options={"owner": "KQLDB4"}).unchanged == 2


def test_empty_cells_keep_what_is_stored(make_road: MakeRoad, tmp_path: Path) -> None:
    make_road("ĐT.848", lanes=4, surface="ASPHALT", width_m=9)
    done = read("roads", text(tmp_path / "d.csv", "Số hiệu;Số làn xe;Mặt đường\nĐT 848;6;\n"))
    assert (done.state, done.updated) == ("DONE", 1), done.faults
    with as_system("what was imported"):
        road = Road.objects.get(code="ĐT.848")
    assert (road.lanes, road.surface, float(road.width_m or 0)) == (6, "ASPHALT", 9)
    assert road.owner_org.code == "SXD"
    assert road.length_m


def test_every_fault_of_roads_has_its_row(house: None, tmp_path: Path) -> None:
    path = text(
        tmp_path / "d.csv",
        "Mã,Số hiệu,Tên đường,Đơn vị,Xã,Cấp quản lý\n"
        ",,Không tên,SXD,,\n"
        "A,QL30x9,Đường A,SXD,,\n"
        "B,QL.30,Đường B,SXD,,Đường xã\n"
        "C,,Đường C,Sở Lạ,,\n"
        "D,,Đường D,SXD,Xã Lạ,\n"
        "E,,Đường E,SXD,,\nE,,Đường E,SXD,,\n",
    )
    done = read("roads", path)
    assert [fault["row"] for fault in done.faults] == [2, 5, 6]
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace(",,Không tên,SXD,,\n", "")
        .replace("Sở Lạ", "SXD")
        .replace("Xã Lạ", "82"),
        encoding="utf-8",
    )
    done = read("roads", path)
    assert [fault["row"] for fault in done.faults] == [2, 3, 6, 7]
    assert "lặp lại" in done.faults[2]["message"]
    with as_system("nothing was written"):
        assert not Road.objects.exists()


def test_km_posts_with_and_without_a_place(make_road: MakeRoad, tmp_path: Path) -> None:
    make_road("ĐT.848")
    at = wavy()[40]
    path = text(
        tmp_path / "coc.csv",
        f"Tuyến;Km;Kinh độ;Vĩ độ;Lý trình cũ\nĐT848;Km4;{at[0]};{at[1]};Km104\nĐT.848;Km8;;;\n",
    )
    done = read("km-posts", path)
    assert (done.state, done.created) == ("DONE", 2), done.faults
    with as_system("what was imported"):
        posts = {int(post.measure_m): post for post in KmPost.objects.all()}
    assert posts[4000].geom.x == pytest.approx(at[0])
    assert int(posts[4000].old_measure_m or 0) == 104_000
    again = read("km-posts", path)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    wrong = read("km-posts", text(tmp_path / "b.csv", "Tuyến;Km\nĐT.848;Km99\nQL.99;Km1\n"))
    assert [(fault["row"], fault["field"]) for fault in wrong.faults] == [
        (2, "Lý trình"),
        (3, "Tuyến"),
    ]


def test_sections_of_a_table(make_road: MakeRoad, tmp_path: Path) -> None:
    make_road("ĐT.848")
    path = text(
        tmp_path / "doan.csv",
        "Mã đoạn;Tuyến;Từ lý trình;Đến lý trình;Mặt đường;IRI;Bề rộng;Áp dụng từ\n"
        "D1;ĐT 848;Km0;Km2+500;BTN;3,2;6+;01/02/2026\n"
        "D2;ĐT.848;Km2+500;Km6;bê tông;;5,5;01/02/2026\n",
    )
    done = read("road-sections", path)
    assert (done.state, done.created) == ("DONE", 5), done.faults
    with as_system("what was imported"):
        events = {event.code: event for event in RouteEvent.objects.all()}
    assert events["D1/surface"].value_text == "ASPHALT"
    assert float(events["D1/width"].value_number or 0) == 6
    assert float(events["D1/iri"].value_number or 0) == 3.2
    assert events["D2/width"].from_m == 2500
    assert events["D2/width"].to_m == 6000
    again = read("road-sections", path)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 5)


def test_faults_of_sections_have_their_rows(make_road: MakeRoad, tmp_path: Path) -> None:
    make_road("ĐT.848")
    head = "Tuyến;Từ lý trình;Đến lý trình;IRI\n"
    done = read(
        "road-sections",
        text(tmp_path / "a.csv", head + "ĐT.848;Km0;Km1;êm\nQL.1;Km0;Km1;3\nĐT.848;Km3;;4\n"),
    )
    assert [(fault["row"], fault["field"]) for fault in done.faults] == [
        (2, "Độ gồ ghề IRI"),
        (3, "Tuyến"),
        (4, "Từ lý trình"),
    ]
    done = read(
        "road-sections",
        text(tmp_path / "b.csv", head + "ĐT.848;Km0;Km2;3\nĐT.848;Km1;Km3;4\nĐT.848;Km5;Km90;4\n"),
    )
    assert {fault["row"] for fault in done.faults} == {4}
    with as_system("nothing was written"):
        assert not RouteEvent.objects.exists()


def test_sections_that_are_lines_on_a_known_road(make_road: MakeRoad, tmp_path: Path) -> None:
    make_road("ĐT.848")
    line = wavy()
    path = lines(
        tmp_path / "doan.geojson",
        [
            ({"Tuyến": "ĐT.848", "Mã đoạn": "D1", "Mặt đường": "1"}, line[:51]),
            ({"Tuyến": "ĐT.848", "Mã đoạn": "D2", "Mặt đường": "2"}, line[50:][::-1]),
        ],
    )
    done = read("road-sections", path)
    assert (done.state, done.created) == ("DONE", 2), done.faults
    with as_system("what was imported"):
        one, two = RouteEvent.objects.order_by("from_m")
        road = Road.objects.get()
    assert one.from_m == 0
    assert two.to_m == road.end_m
    assert one.to_m == two.from_m
    aside = lines(
        tmp_path / "lac.geojson",
        [({"Tuyến": "ĐT.848", "Mặt đường": "1"}, [[105.5, 10.9], [105.6, 10.9]])],
    )
    assert "không nằm trên tuyến" in read("road-sections", aside).faults[0]["message"]


def test_roads_made_of_their_sections(house: None, tmp_path: Path) -> None:
    line = wavy()
    ring = [[105.7, 10.4], [105.71, 10.4], [105.71, 10.41], [105.7, 10.4]]
    path = lines(
        tmp_path / "doan.geojson",
        [
            ({"Tuyến": "T1", "Mã đoạn": "D1", "Mặt đường": "1", "Số hiệu": "ĐH.5"}, line[:51]),
            ({"Tuyến": "T1", "Mã đoạn": "D2", "Mặt đường": "5"}, line[50:80]),
            ({"Tuyến": "T1", "Mã đoạn": "D3", "Mặt đường": "5"}, line[90:]),
            ({"Tuyến": "T1", "Mã đoạn": "D4", "Mặt đường": "5"}, line[90:]),
            ({"Tuyến": "T2", "Mã đoạn": "D5", "Mặt đường": "4", "Tên đường": "Vòng"}, ring),
        ],
    )
    assert read("road-sections", path).fault_count == 5, "roads are made only when asked for"
    asked = {"roads": "create", "owner": "SXD", "date": "2026-01-01"}
    done = read("road-sections", path, options=asked)
    assert (done.state, done.created) == ("DONE", 4), done.faults
    assert any("T1" in note and "đoạn rời" in note for note in done.notes)
    assert any("lặp lại" in note and "4" in note for note in done.notes)
    with as_system("what was imported"):
        roads = {road.code: road for road in Road.objects.all()}
        events = {event.code: event for event in RouteEvent.objects.select_related("road")}
    assert set(roads) == {"T1-1", "T1-2", "T2"}
    assert roads["T1-1"].number == "ĐH.5"
    assert events["D1/surface"].road_id == events["D2/surface"].road_id
    assert events["D5/surface"].to_m == roads["T2"].end_m
    again = read("road-sections", path, options=asked)
    assert (again.state, again.created, again.updated) == ("DONE", 0, 0), again.faults


def test_openstreetmap_tags_become_values() -> None:
    cells = importers["roads"].osm_cells
    road = cells("w7", {"highway": "trunk", "ref": "QL.30;CT.02", "surface": "asphalt"})
    assert road is not None
    assert (road["code"], road["number"], road["manager_class"]) == ("OSM-w7", "QL.30", "NATIONAL")
    assert road["surface"] == "ASPHALT"
    other = cells("w8", {"highway": "primary", "ref": "CG-1", "lanes": "2;3", "oneway": "yes"})
    assert other is not None
    assert (other["number"], other["name"], other["lanes"]) == ("", "CG-1", None)
    assert other["carriageway"] == "ONE_WAY"
