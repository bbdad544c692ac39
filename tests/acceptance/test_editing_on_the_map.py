"""Drawing and editing on the map: shapes, splitting, merging, many at once, two dates, programs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from sen.demo.load.history import first_day
from sen.domains.projects.models import Work
from sen.kernel.access.context import as_system
from sen.kernel.files.models import Attachment
from sen.kernel.geo.layers import layer_editors
from tests.conftest import Demo
from tests.contract.test_visibility import signed_in

pytestmark = pytest.mark.acceptance
GEOJSON = "application/geo+json"


def line_work() -> Work:
    with as_system("a work of the demonstration that runs along a road"):
        row = Work.objects.filter(shape="LINE", status="BUILDING", value_vnd__gt=0).first()
    assert row is not None
    return row


def facts(work: Work) -> tuple[int, float, float, float]:
    """Value, length in degrees, and the chainages of both ends."""
    assert work.geom is not None
    assert work.chainage_m is not None
    assert work.to_chainage_m is not None
    value, length = work.value_vnd or 0, float(work.geom.length)
    return value, length, float(work.chainage_m), float(work.to_chainage_m)


def test_a_line_is_entered_and_edited_without_a_map(demo: Demo) -> None:
    client = signed_in("hatang")
    row = line_work()
    url = f"/ql/projects/works/{row.pk}/sua/"
    page = client.get(url).content.decode()
    text = re.search(r'<textarea name="geom"[^>]*>\s*([^<]+)<', page)
    assert text is not None
    assert text[1].startswith("LINESTRING")
    assert 'edited-layer="works"' in page
    data = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    wrong = client.post(url, data | {"geom": "LINESTRING (105.6 10.4)"})
    assert wrong.status_code == 422
    assert "Không đọc được hình" in wrong.content.decode()


def test_a_work_is_split_by_a_drawn_line_and_merged_again(demo: Demo) -> None:
    client = signed_in("hatang")
    row = line_work()
    with as_system("what the work is before"):
        value_vnd, whole, _from_m, _to_m = facts(row)
        middle = row.geom.interpolate_normalized(0.4) if row.geom else None
        assert middle is not None
        file = Attachment.objects.exclude(file=None).first()
        if file is not None:
            Attachment.objects.create(
                register="projects.works", object_id=row.pk, file=file.file, name="anh.jpg"
            )
    cut = (
        f"LINESTRING ({middle.x - 0.002} {middle.y - 0.002}, {middle.x + 0.002} {middle.y + 0.002})"
    )
    url = f"/ql/projects/works/{row.pk}/"
    preview = client.post(f"{url}tach/", {"cut": cut, "act": "preview"}).content.decode()
    for said in ("chia theo tỷ lệ", "tính từ hình mới", "Phần mới 1", "đính kèm ở mọi phần"):
        assert said in preview, said
    done = client.post(f"{url}tach/", {"cut": cut, "act": "run", "reason": "Tách gói thầu"})
    assert done.status_code == 302, done.content.decode()
    with as_system("what came of it"):
        new = Work.objects.latest("pk")
        row.refresh_from_db()
        assert new.code == f"{row.code}-2"
        kept, part = facts(row), facts(new)
        assert kept[0] + part[0] == value_vnd
        assert kept[1] + part[1] == pytest.approx(whole, rel=1e-9)
        assert kept[3] == pytest.approx(part[2], abs=0.2)
        if file is not None:
            assert Attachment.objects.filter(register="projects.works", object_id=new.pk).exists()
    assert "Tách ra từ" in client.get(f"/ql/projects/works/{new.pk}/").content.decode()
    assert str(new) in client.get(f"{url}gop/").content.decode()
    merged = client.post(f"{url}gop/", {"other": new.pk})
    assert merged.status_code == 302, merged.content.decode()
    with as_system("it is whole again"):
        row.refresh_from_db()
        assert facts(row)[0] == value_vnd
        assert facts(row)[1] == pytest.approx(whole, rel=1e-6)
        assert not Work.objects.filter(pk=new.pk).exists()


def test_bridges_chosen_on_the_map_are_changed_at_once_with_a_report(demo: Demo) -> None:
    client = signed_in("hatang")
    area = {"type": "Polygon", "coordinates": [[[105, 10], [107, 10], [107, 11.5], [105, 10]]]}
    found = client.post(
        "/map/select", orjson.dumps({"layer": "bridges", "geometry": area}), "application/json"
    ).json()["features"]
    assert len(found) > 10
    ids = [feature["id"] for feature in found[:5]]
    url = "/ql/assets/bridges/hang-loat/"
    form = client.post(url, {"ids": ids, "from": "map"}).content.decode()
    assert "5" in form
    done = client.post(
        url,
        {"ids": ids, "from": "map", "act": "save", "set": "condition", "condition": "POOR"},
    )
    text = done.content.decode()
    assert done.status_code == 200
    assert "Đã sửa 5 đối tượng" in text
    assert text.count("row-link") == 5


def test_a_register_is_compared_on_two_days_as_table_map_and_file(demo: Demo) -> None:
    client = signed_in("hatang")
    today = timezone.localdate()
    before = first_day().date() - timedelta(days=30)
    url = f"/ql/projects/works/so-sanh/?a={before}&b={today}"
    page = client.get(url).content.decode()
    with as_system("all works of the demonstration were entered since"):
        count = Work.objects.count()
    assert f"({count})" in page
    assert "<sen-compare" in page
    layer = client.get(f"{url}&lop=b&bbox=105,9.5,107,11.5").json()
    assert {f["properties"]["change"] for f in layer["features"]} == {"NEW"}
    assert client.get(f"{url}&lop=a&bbox=105,9.5,107,11.5").json()["features"] == []
    for fmt in ("csv", "xlsx", "geojson"):
        answer = client.get(f"{url}&xuat={fmt}")
        assert answer.status_code == 200
        assert len(answer.content) > 200
    assert client.get("/ql/projects/works/so-sanh/?a=2999-01-01").status_code == 422


def test_what_a_program_reads_it_can_write_back_unchanged(demo: Demo) -> None:
    """Part 4 on every collection that the actor may write: PUT of what GET gave changes nothing."""
    client = signed_in("hatang")
    written = 0
    for name in layer_editors.names():
        here = f"/ogc/collections/{name}/items"
        found = client.get(f"{here}?limit=1")
        features = found.json().get("features") if found.status_code == 200 else None
        if not features or "PUT" not in client.options(f"{here}/1")["Allow"]:
            continue
        url = f"{here}/{features[0]['id']}"
        read = client.get(url)
        answer = write(client, "put", url, read.json(), read["ETag"])
        if answer.status_code == 409:
            continue  # what was decided is not changed, whoever asks
        assert answer.status_code == 204, (name, answer.content.decode())
        again = client.get(url).json()
        assert again["geometry"] == read.json()["geometry"], name
        for key, value in read.json()["properties"].items():
            assert key == "updated_at" or again["properties"][key] == value, (name, key)
        written += 1
    assert written >= 10


def write(client: Client, method: str, url: str, body: Any, etag: str = "", **more: str) -> Any:
    headers = {"If-Match": etag} if etag else {}
    return getattr(client, method)(url, orjson.dumps(body), GEOJSON, headers=headers | more)


def test_a_program_creates_changes_and_deletes_through_the_services(demo: Demo) -> None:
    client = signed_in("hatang")
    here = "/ogc/collections/works/items"
    project = client.get(f"{here}?limit=1").json()["features"][0]["properties"]["project"]
    body = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [105.63, 10.46]},
        "properties": {"code": "OGC-1", "name": "Cầu thử", "project": project, "action": "NEW",
                       "status": "PLANNED"},
    }  # fmt: skip
    made = write(client, "post", here, body)
    assert made.status_code == 201, made.content.decode()
    url = made["Location"].removeprefix("http://testserver")
    first = client.get(url)
    assert first.json()["properties"]["commune"], "the service found the commune"
    assert write(client, "patch", url, {"properties": {"name": "x"}}).status_code == 428
    tag = first["ETag"]
    vn2000 = {"geometry": {"type": "Point", "coordinates": [569234.55, 1156432.11]}}
    system = "<http://www.opengis.net/def/crs/EPSG/0/5897>"
    moved = write(client, "patch", url, vn2000, tag, **{"Content-Crs": system})
    assert moved.status_code == 204
    shown = client.get(f"{url}?crs=http://www.opengis.net/def/crs/EPSG/0/5897").json()
    assert shown["geometry"]["coordinates"] == pytest.approx([569234.55, 1156432.11], abs=0.02)
    stale = write(client, "patch", url, {"properties": {"name": "Khác"}}, tag)
    assert stale.status_code == 412
    assert stale["Content-Type"] == "application/problem+json"
    tag = client.get(url)["ETag"]
    for properties, field in (
        ({"name": ""}, "name"),
        ({"nope": 1}, "nope"),
        ({"pace": "x"}, "pace"),
    ):
        refused = write(client, "patch", url, {"properties": properties}, tag)
        assert refused.status_code == 422, properties
        assert field in refused.json()["errors"]
    assert client.delete(url, headers={"If-Match": tag}).status_code == 204
    assert client.get(url).status_code == 404
    assert write(client, "post", "/ogc/collections/corridors/items", body).status_code == 405
    assert write(Client(), "post", here, body).status_code in (403, 404)
    assert write(signed_in("lanhdao"), "post", here, body).status_code == 403
    uri = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete"
    assert uri in client.get("/ogc/conformance?f=json").json()["conformsTo"]
