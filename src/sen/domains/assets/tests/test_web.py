from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from sen.domains.assets import api
from sen.domains.assets.attribute_indexes import attribute_index_sql
from sen.domains.assets.catalogue import add_type, asset_types, parse_type
from sen.domains.assets.data import AssetInput
from sen.domains.assets.models import Asset
from sen.domains.assets.tests.conftest import Ground, user_with
from sen.domains.assets.web.types import layer_of, resource_of
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.audit.history import entries
from sen.kernel.geo.layers import add_layer, layers
from sen.kernel.restoring import restore
from sen.kernel.web.register.resource import register, resources

pytestmark = pytest.mark.django_db
Make = Callable[..., Asset]

LAMP = """
code = "lamp"
slug = "lamps"
name = { vi = "Đèn đường", en = "Street lamp" }
icon = "lamp"
[map]
category = "its"
color = "#ca8a04"
[attributes]
power_w = {\
 vi = "Công suất", en = "Power", kind = "number", unit = "W", min = 5, max = 1000,\
 required = true, show = true, filter = true, sort = true }
"""


@pytest.fixture
def lamp() -> Iterator[None]:
    kind = add_type(parse_type(LAMP))
    register(resource_of(kind))
    add_layer(layer_of(kind))
    yield
    asset_types.remove("lamp")
    resources.remove("assets.lamps")
    layers.remove("lamps")


def test_ten_lines_of_data_make_a_register_a_form_and_a_layer(
    ground: Ground, lamp: None, client: Client
) -> None:
    user = user_with("assets.asset.*")
    client.force_login(user)
    form = client.get("/ql/assets/lamps/them/").content.decode()
    assert "Công suất (W)" in form

    values = {
        "code": "DEN-1",
        "name": "Đèn số 1",
        "owner_org": ground.org.pk,
        "data_class": 0,
        "road": ground.road_id,
        "chainage_m": "Km2+145",
        "status": "IN_USE",
    }
    wrong = client.post("/ql/assets/lamps/them/", values | {"attributes__power_w": "2"})
    assert wrong.status_code == 422
    assert "Phải từ 5 W đến 1.000 W; đã nhập 2 W." in wrong.content.decode()
    saved = client.post("/ql/assets/lamps/them/", values | {"attributes__power_w": "90,5"})
    assert saved.status_code == 302, saved.content.decode()

    page = client.get("/ql/assets/lamps/", {"power_w_min": "90", "sort": "-attributes__power_w"})
    text = page.content.decode()
    assert "Đèn số 1" in text
    assert "90,5 W" in text
    assert "Km2+145" in text
    none = client.get("/ql/assets/lamps/", {"power_w_min": "91"}).content.decode()
    assert "Đèn số 1" not in none
    detail = client.get(saved.headers["Location"]).content.decode()
    assert "Công suất" in detail
    assert layers["lamps"].fields["power_w"] == "attributes__power_w"
    edit = client.get(saved.headers["Location"] + "sua/").content.decode()
    assert "Km2+145" in edit
    assert any("lamp_power_w" in sql for sql in attribute_index_sql("assets_asset"))


def bridges(ground: Ground) -> None:
    rows = [
        AssetInput(
            type="bridge",
            code=f"CAU-{i:02d}",
            name=f"Cầu Kênh {i}",
            owner_org="SXD",
            road="ĐT.868",
            chainage_m=500 + i * 300,
            attributes={"length_m": length, "spans_m": [length / 2] * 2, "load_limit_t": limit},
        )
        for i, (length, limit) in enumerate([(9, None), (100, 8), (33.5, 18), (25, 13), (8, None)])
    ]
    with as_system("test data of assets") as actor:
        api.bulk_put_assets(actor=actor, rows=rows)


def listed(client: Client, url: str, **query: Any) -> list[str]:
    answer = client.get(f"{url}xuat.csv", query)
    reader = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    return [row["Mã tài sản"] for row in reader]


def shown(client: Client, **query: Any) -> list[str]:
    text = client.get("/tra-cuu/assets/bridges/", {"cols": "name", **query}).content.decode()
    return [
        f"CAU-{i:02d}"
        for i in sorted(range(5), key=lambda i: text.find(f"Cầu Kênh {i}"))
        if f"Cầu Kênh {i}" in text
    ]


def test_numbers_in_json_are_filtered_and_sorted_as_numbers(ground: Ground, client: Client) -> None:
    bridges(ground)
    by_length = ["CAU-04", "CAU-00", "CAU-03", "CAU-02", "CAU-01"]
    assert shown(client, sort="attributes__length_m") == by_length
    assert shown(client, sort="-attributes__length_m") == by_length[::-1]
    assert shown(client, load_limit_t_max="13") == ["CAU-01", "CAU-03"]
    assert shown(client, length_m_min="25", length_m_max="33,5") == ["CAU-02", "CAU-03"]
    assert shown(client) == [f"CAU-{i:02d}" for i in range(5)]


def test_a_list_is_narrowed_to_a_road_as_people_write_it(ground: Ground, client: Client) -> None:
    bridges(ground)
    for text in ("ĐT.868", "868", "dt868", "duong tinh 868"):
        assert len(shown(client, road=text)) == 5, text
    assert shown(client, road="QL.1") == []


def test_keyset_pages_over_an_attribute_with_gaps(ground: Ground, client: Client) -> None:
    with as_system("test data of assets") as actor:
        api.bulk_put_assets(
            actor=actor,
            rows=[
                AssetInput(
                    type="bridge",
                    code=f"C-{i:03d}",
                    name=f"Cầu {i:03d}",
                    owner_org="SXD",
                    road="ĐT.868",
                    chainage_m=i * 100,
                    attributes={"length_m": 5 + i, "width_m": i % 7 + 1.5 if i % 3 else None},
                )
                for i in range(60)
            ],
        )
    for sort in ("attributes__width_m", "-attributes__width_m"):
        url = f"/tra-cuu/assets/bridges/?cols=name&size=25&sort={sort}"
        seen: list[str] = []
        for _page in range(3):
            page = client.get(url)
            seen += [str(row.get("name")) for row in page.context["page"].rows]
            if not page.context["pager"]["next_url"]:
                break
            url = "/tra-cuu/assets/bridges/" + page.context["pager"]["next_url"]
        assert len(seen) == len(set(seen)) == 60


def test_files_carry_attributes_with_their_units(ground: Ground, client: Client) -> None:
    bridges(ground)
    answer = client.get("/tra-cuu/assets/bridges/xuat.csv", {"load_limit_t_max": "8"})
    row = next(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert row["Chiều dài (m)"] == "100"
    assert row["Sơ đồ nhịp (m)"] == "2×50"
    feature = client.get("/tra-cuu/assets/bridges/xuat.geojson").json()["features"][1]
    assert feature["properties"]["spans_m"] == [50, 50]
    for fmt in ("xlsx", "gpkg"):
        assert client.get(f"/tra-cuu/assets/bridges/xuat.{fmt}").status_code == 200


def device(ground: Ground) -> Asset:
    with as_system("test data of assets") as actor:
        return api.create_asset(
            actor=actor,
            type="its_device",
            code="TB-01",
            name="Camera Km1+000",
            owner_org=ground.org,
            road=ground.road_id,
            chainage_m=1000,
            attributes={"kind": "camera", "network_address": "10.82.0.11", "model": "IPC"},
        )


@pytest.mark.parametrize(("clearance", "sees"), [(0, False), (1, False), (2, True)])
def test_network_addresses_need_clearance_everywhere(
    ground: Ground, client: Client, clearance: int, sees: bool
) -> None:
    row = device(ground)
    client.force_login(user_with("assets.asset.*", clearance=clearance))
    base = "/ql/assets/its-devices/"
    for url in (
        f"{base}?cols=name,attributes__network_address",
        f"{base}{row.pk}/",
        f"{base}xuat.csv",
        f"{base}xuat.geojson",
        f"{base}{row.pk}/sua/",
    ):
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert ("10.82.0.11" in answer.content.decode()) is sees, url


def test_who_may_not_see_an_attribute_keeps_it_when_saving(ground: Ground, client: Client) -> None:
    row = device(ground)
    client.force_login(user_with("assets.asset.*", clearance=1))
    saved = client.post(
        f"/ql/assets/its-devices/{row.pk}/sua/",
        {
            "code": "TB-01",
            "name": "Camera mới",
            "owner_org": ground.org.pk,
            "data_class": 0,
            "road": ground.road_id,
            "chainage_m": "Km1+000",
            "attributes__kind": "camera",
            "status": "IN_USE",
            "version": 1,
        },
    )
    assert saved.status_code == 302, saved.content.decode()
    with as_system("what was kept"):
        kept = Asset.objects.get(pk=row.pk)
    assert kept.name == "Camera mới"
    assert kept.attributes == {"kind": "camera", "network_address": "10.82.0.11"}


def test_lists_of_a_type_use_the_index_of_the_attribute(ground: Ground) -> None:
    with as_system("plan"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        rows = Asset.objects.filter(type="bridge").order_by("attributes__length_m", "id")[:50]
        plan = json.dumps(rows.values("id").explain(format="json"))
    assert "assets_by_bridge_length_m" in plan


def test_the_page_of_a_bridge_shows_limits_and_inspections(
    ground: Ground, bridge: Make, client: Client
) -> None:
    row = bridge(attributes={"load_limit_t": 8, "clearance_m": 3.5})
    with as_system("inspect") as actor:
        api.record_inspection(
            actor=actor,
            asset_code=row.code,
            inspected_at=date(2025, 6, 1),
            inspector="Trung tâm Kỹ thuật",
            condition="POOR",
            finding="Nứt dầm biên",
        )
    public = client.get(f"/tra-cuu/assets/bridges/{row.pk}/").content.decode()
    assert "8 t" in public
    assert "Nứt dầm biên" not in public
    client.force_login(user_with("assets.*.*"))
    page = client.get(f"/ql/assets/bridges/{row.pk}/").content.decode()
    assert "Nứt dầm biên" in page
    assert "asset_code=CAU-01" in page
    road = client.get(f"/ql/network/roads/{ground.road_id}/").content.decode()
    assert "Cầu CAU-01" in road


def test_an_inspection_is_entered_from_the_page_of_its_asset(
    ground: Ground, bridge: Make, client: Client
) -> None:
    bridge()
    client.force_login(user_with("assets.*.*", "network.*.view"))
    form = client.get("/ql/assets/inspections/them/?asset_code=CAU-01").content.decode()
    assert 'value="CAU-01"' in form
    saved = client.post(
        "/ql/assets/inspections/them/",
        {
            "asset_code": "CAU-01",
            "inspected_at": "2025-06-01",
            "inspector": "Trung tâm Kỹ thuật",
            "condition": "FAIR",
            "finding": "Khe co giãn hỏng",
            "data_class": 1,
        },
    )
    assert saved.status_code == 302, saved.content.decode()
    listing = client.get("/ql/assets/inspections/").content.decode()
    assert "Trung tâm Kỹ thuật" in listing


def test_a_picked_point_is_told_with_its_road_and_commune(ground: Ground, client: Client) -> None:
    lon, lat = ground.at(2145, 12)
    answer = client.get(f"/map/describe?lon={lon}&lat={lat}")
    assert answer.json()["label"] == "ĐT.868 Km2+145 (cách tim đường 12 m), Xã Sa Đéc"
    assert client.get("/map/describe?lon=x&lat=1").status_code == 400


@pytest.mark.parametrize(("clearance", "sees"), [(1, False), (2, True)])
def test_the_past_of_an_attribute_is_masked_and_comes_back(
    ground: Ground, client: Client, clearance: int, sees: bool
) -> None:
    row = device(ground)
    with as_system("change") as actor:
        changed = api.update_asset(
            actor=actor,
            row=Asset.objects.get(pk=row.pk),
            version=1,
            attributes={"network_address": "10.82.0.99", "model": "IPC-2", "kind": "vms"},
        )
    user = user_with("assets.asset.*", clearance=clearance)
    client.force_login(user)
    page = client.get(f"/ql/assets/its-devices/{row.pk}/lich-su/").content.decode()
    assert "IPC-2" in page
    assert "Biển báo điện tử" in page
    for address in ("10.82.0.11", "10.82.0.99"):
        assert (address in page) is sees
    person = actor_for(user)
    with acting_as(person):
        entries_seen = json.dumps([entry.detail for entry in entries(changed, person)])
        back = restore(
            actor=person,
            row=Asset.objects.visible_to(person).get(pk=row.pk),
            to_version=1,
            version=2,
            reason="nhập nhầm",
        )
    assert ("10.82.0.99" in entries_seen) is sees
    address = "10.82.0.11" if sees else "10.82.0.99"
    assert isinstance(back, Asset)
    assert back.attributes == {"kind": "camera", "network_address": address, "model": "IPC"}


def test_the_list_of_everything_leads_to_the_page_of_the_type(
    ground: Ground, bridge: Make, client: Client
) -> None:
    row, hidden = bridge(), bridge("CAU-02", data_class=2)
    answer = client.get(f"/tra-cuu/assets/all/{row.pk}/")
    assert answer.headers["Location"] == f"/tra-cuu/assets/bridges/{row.pk}/"
    assert client.get(f"/tra-cuu/assets/all/{hidden.pk}/").status_code == 404
    assert client.get(f"/ql/assets/all/{row.pk}/").headers["Location"].startswith("/tai-khoan/")
    found = client.get("/tim-kiem/goi-y", {"q": "cau 01"}).json()["items"]
    assert [item["url"] for item in found] == [f"/tra-cuu/assets/all/{row.pk}/"]


def test_editing_many_tells_only_of_the_fields_that_are_marked(
    ground: Ground, client: Client
) -> None:
    bridges(ground)
    with as_system("ids of bridges"):
        ids = list(Asset.objects.order_by("code").values_list("pk", flat=True)[:2])
    client.force_login(user_with("assets.asset.*"))
    url = "/ql/assets/bridges/hang-loat/"
    nothing = client.post(url, {"ids": ids, "act": "save"})
    assert nothing.status_code == 422
    page = nothing.content.decode()
    assert "Hãy đánh dấu ít nhất một trường cần đổi." in page
    assert "Trường này là bắt buộc" not in page
    marked = client.post(url, {"ids": ids, "act": "save", "set": "owner_org", "owner_org": ""})
    assert "Trường này là bắt buộc" in marked.content.decode()
