from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio.raw
import pytest
import shapely
import shapely.geometry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sen.domains.places import api
from sen.domains.places.choices import BoundarySource, UnitKind
from sen.domains.places.models import Unit
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.access.services import grant_role, put_node, put_role
from sen.kernel.imports.engine import Request, run
from sen.kernel.imports.importer import ImportRow, importers

pytestmark = pytest.mark.django_db


def boundary(row: int, code: str, west: float, east: float) -> ImportRow:
    return ImportRow(row, {"code": code}, shapely.to_wkb(shapely.box(west, 10.2, east, 10.3)))


@pytest.fixture
def system() -> Actor:
    """Three units side by side; the last has no boundary yet."""
    with as_system("test data of places") as actor:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        province = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        for code, name, kind, before in (
            ("29905", "Sa Đéc", UnitKind.WARD, ["Phường 1", "An Hòa"]),
            ("28261", "Thới Sơn", UnitKind.WARD, ["Thới Sơn"]),
            ("30244", "Hòa Long", UnitKind.COMMUNE, ["Lai Vung", "Long Hậu"]),
        ):
            api.put_unit(
                actor=actor,
                code=code,
                name=name,
                kind=kind,
                area=put_node(Area, code=code, name=name, kind="WARD", parent=province),
                owner_org=org,
                former_district="Lai Vung" if code == "30244" else "Thành phố Sa Đéc",
                predecessors=before,
            )
        return actor


def draw(actor: Actor) -> None:
    with as_system("test data of places"):
        done = api.apply_boundaries(
            actor=actor,
            source=BoundarySource.REFERENCE,
            rows=[boundary(2, "29905", 105.7, 105.8), boundary(3, "28261", 105.8, 105.9)],
        )
    assert (done.updated, done.faults) == (2, [])


def test_a_point_belongs_to_one_unit_and_over_water_to_the_nearest(system: Actor) -> None:
    draw(system)
    with as_system("look-up"):
        inside = api.unit_at(lon=105.75, lat=10.25)
        water = api.unit_at(lon=105.91, lat=10.25)
        far = api.unit_at(lon=106.5, lat=10.25)
    assert inside is not None
    assert (inside.code, inside.distance_m) == ("29905", 0)
    assert water is not None
    assert water.code == "28261"
    assert 1000 < water.distance_m < 1200
    assert far is None


def test_an_import_of_boundaries_names_every_fault_and_changes_nothing(
    system: Actor, tmp_path: Path
) -> None:
    path = tmp_path / "ranh_gioi.geojson"
    bow = {"type": "Polygon", "coordinates": [[[105.1, 10.2], [105.2, 10.3], [105.2, 10.2],
                                               [105.1, 10.3], [105.1, 10.2]]]}  # fmt: skip
    square = shapely.geometry.mapping(shapely.box(105.7, 10.2, 105.8, 10.3))
    rows = [("29905", square), ("99999", square), ("28261", bow), ("29905", square)]
    features = [
        {"type": "Feature", "geometry": shape, "properties": {"Ma_Xa": code}}
        for code, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    done = run(
        importer=importers["boundaries"],
        actor=system,
        request=Request(file=path, outside=True),
    )
    assert done.state == "REFUSED"
    assert [(fault["row"], fault["field"]) for fault in done.faults] == [(3, "geometry")]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [features[i] for i in (0, 1, 3)]})
    )
    done = run(
        importer=importers["boundaries"],
        actor=system,
        request=Request(file=path, outside=True),
    )
    assert [(fault["row"], fault["field"]) for fault in done.faults] == [(2, "code"), (3, "code")]
    with as_system("nothing was written"):
        assert not Unit.objects.exclude(geom=None).exists()


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("sa dec", "29905"),
        ("Phường Sa Đéc", "29905"),
        ("hoa long", "30244"),
        ("Hoà Long", "30244"),
        ("xã Long Hậu, huyện Lai Vung", "30244"),
        ("thoi son", "28261"),
    ],
)
def test_present_and_former_addresses_find_their_unit(
    system: Actor, asked: str, first: str
) -> None:
    with as_system("look-up") as actor:
        found = api.units_named(actor, asked)
    assert found[0].code == first


def test_the_public_register_is_found_by_anyone(system: Actor, client: Client) -> None:
    page = client.get("/tra-cuu/places/units/", {"q": "hoa"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "Hòa Long" in text
    assert "Thới Sơn" not in text
    with as_system("id of the row"):
        unit = Unit.objects.get(code="30244")
    detail = client.get(f"/tra-cuu/places/units/{unit.pk}/")
    assert "Long Hậu" in detail.content.decode()


def test_an_internal_unit_is_invisible_to_the_public(system: Actor, client: Client) -> None:
    with as_system("make it internal"):
        unit = Unit.objects.get(code="30244")
        unit.data_class = 1
        unit.save()
    assert Unit.objects.visible_to(ANONYMOUS).filter(pk=unit.pk).count() == 0
    assert "Hòa Long" not in client.get("/tra-cuu/places/units/").content.decode()
    assert client.get(f"/tra-cuu/places/units/{unit.pk}/").status_code == 404


def editor() -> User:
    role = put_role(
        code="t-places",
        name_vi="Cán bộ địa bàn",
        name_en="Places officer",
        permissions=["places.unit.*"],
        clearance=1,
        needs_mfa=False,
    )
    user = User.objects.create_user("t-places", full_name="Lê Văn Địa", kind="OFFICIAL")
    grant_role(user=user, role=role)
    return user


def test_an_official_corrects_a_unit_and_a_late_colleague_is_told(
    system: Actor, client: Client
) -> None:
    client.force_login(editor())
    with as_system("id of the row"):
        unit = Unit.objects.get(code="30244")
    url = f"/ql/places/units/{unit.pk}/sua/"
    values = {"name": "Hòa Long", "population": "41000", "version": unit.version}

    wrong = client.post(url, values | {"published_area_km2": "-3"})
    assert wrong.status_code == 422
    assert "Diện tích phải lớn hơn 0" in wrong.content.decode()

    saved = client.post(url, values | {"published_area_km2": "71.5", "reason": "số liệu 2025"})
    assert saved.status_code == 302
    late = client.post(url, values | {"published_area_km2": "60"})
    assert late.status_code == 409
    assert "Lê Văn Địa" in late.content.decode() or "t-places" in late.content.decode()
    with as_system("what was kept"):
        kept = Unit.objects.get(pk=unit.pk)
    assert (kept.population, str(kept.published_area_km2)) == (41000, "71.500")


def test_boundaries_are_imported_in_the_wizard(
    system: Actor, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    client.force_login(editor())

    def checked(name: str, content: bytes) -> tuple[str, str]:
        sent = client.post("/ql/places/units/nhap/", {"file": SimpleUploadedFile(name, content)})
        at = str(sent["Location"]).removesuffix("lop/") + "kiem-tra/"
        client.post(at, {"act": "check"})
        return at, client.get(at).content.decode()

    _at, refused = checked("xa.csv", "Mã xã;Kinh độ;Vĩ độ\n29905;105,75;10,25\n".encode())
    assert "Hình kiểu Point không dùng được" in refused
    assert 'value="run"' not in refused

    square = shapely.geometry.mapping(shapely.box(105.7, 10.2, 105.8, 10.3))
    feature = {"type": "Feature", "geometry": square, "properties": {"Mã đơn vị": "29905"}}
    good = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    at, accepted = checked("xa.geojson", good)
    assert 'value="run"' in accepted
    with as_system("still without boundary"):
        assert Unit.objects.get(code="29905").geom is None
    done = client.post(at, {"act": "run"}, follow=True)
    assert "Đã nhập xong" in done.content.decode()
    with as_system("with boundary"):
        assert Unit.objects.get(code="29905").geom is not None


def test_working_screens_ask_for_sign_in(system: Actor, client: Client) -> None:
    answer = client.get("/ql/places/units/?q=hoa")
    assert answer.status_code == 302
    assert "next=%2Fql%2Fplaces%2Funits%2F%3Fq%3Dhoa" in answer.headers["Location"]


@pytest.mark.parametrize("fmt", ["csv", "xlsx", "geojson", "gpkg"])
def test_a_file_holds_what_the_list_shows(
    system: Actor, client: Client, fmt: str, tmp_path: Path
) -> None:
    draw(system)
    answer = client.get(f"/tra-cuu/places/units/xuat.{fmt}", {"kind": "WARD"})
    assert answer.status_code == 200
    path = tmp_path / f"units.{fmt}"
    path.write_bytes(answer.content)
    if fmt == "csv":
        with path.open(encoding="utf-8-sig") as file:
            found = sorted(row["Tên"] for row in csv.DictReader(file))
    elif fmt == "xlsx":
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        found = sorted(str(row[1].value) for row in sheet.iter_rows(min_row=2))
    else:
        meta, _fids, shapes, columns = pyogrio.raw.read(path)
        found = sorted(columns[list(meta["fields"]).index("name")])
        assert all(shape is not None for shape in shapes)
        assert "4326" in str(meta["crs"])
    assert found == ["Sa Đéc", "Thới Sơn"]


def test_the_palette_finds_without_diacritics(system: Actor, client: Client) -> None:
    found = client.get("/tim-kiem/goi-y", {"q": "SA DEC"}).json()["items"]
    assert found[0]["title"] == "Sa Đéc"
    assert found[0]["url"].startswith("/tra-cuu/places/units/")


def test_the_public_api_gives_rows_pages_and_clear_refusals(system: Actor, client: Client) -> None:
    draw(system)
    body = client.get("/api/public/v1/places/units", {"q": "29905", "geometry": "1"}).json()
    assert body["count"] == 1
    row = body["items"][0]
    assert (row["code"], row["name"], row["geometry"]["type"]) == (
        "29905",
        "Sa Đéc",
        "MultiPolygon",
    )
    item = client.get(f"/api/public/v1/places/units/{row['id']}").json()
    assert item == row

    refused = client.get("/api/public/v1/places/units", {"knd": "WARD"})
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "knd" in refused.json()["errors"]
    assert client.get("/api/public/v1/places/units/999999").status_code == 404
    assert client.get("/api/internal/v1/places/units").status_code == 401
    paths = client.get("/api/public/v1/openapi.json").json()["paths"]
    assert "/api/public/v1/places/units/{row_id}" in paths


def test_history_shows_who_changed_what_and_a_version_comes_back(
    system: Actor, client: Client
) -> None:
    client.force_login(editor())
    with as_system("id of the row"):
        unit = Unit.objects.get(code="30244")
    url = f"/ql/places/units/{unit.pk}/"
    values = {"name": "Hoà Long Mới", "population": "41000", "version": unit.version}
    saved = client.post(f"{url}sua/", values | {"published_area_km2": "71.5", "reason": "đổi tên"})
    assert saved.status_code == 302

    page = client.get(f"{url}lich-su/").content.decode()
    assert "đổi tên" in page
    assert "Hòa Long" in page
    with as_system("version now"):
        now = Unit.objects.get(pk=unit.pk).version
    late = client.post(
        f"{url}lich-su/", {"to": unit.version, "version": now - 1, "reason": "lùi lại"}
    )
    assert late.status_code == 422
    done = client.post(f"{url}lich-su/", {"to": unit.version, "version": now, "reason": "lùi lại"})
    assert done.status_code == 302
    with as_system("restored"):
        assert Unit.objects.get(pk=unit.pk).name == "Hòa Long"


def test_a_list_is_saved_edited_in_bulk_and_chosen_columns_stay(
    system: Actor, client: Client
) -> None:
    client.force_login(editor())
    saved = client.post("/ql/places/units/luu/", {"name": "Phường", "query": "kind=WARD&after=x"})
    assert saved.headers["Location"] == "/ql/places/units/?kind=WARD"
    assert "Phường" in client.get("/ql/places/units/").content.decode()
    columns = client.get("/ql/places/units/", {"col": ["code", "predecessors", "nothing"]})
    assert columns.headers["Location"].endswith("?cols=code%2Cpredecessors")
