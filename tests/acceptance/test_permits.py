"""Permits of the whole province: routes compared with every structure, known on roads and maps."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from sen.domains.assets import api as assets
from sen.domains.permits import api as permits
from sen.domains.permits.data import Leg, Vehicle
from sen.domains.permits.models import Permit
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def test_a_heavy_vehicle_is_stopped_by_exactly_the_bridges_that_are_posted_lower(
    demo: Demo,
) -> None:
    with as_system("compare by hand") as actor:
        posted = assets.assets(actor, type="bridge").filter(
            attributes__load_limit_t__lt=25, road__isnull=False, status="IN_USE"
        )
        road = posted[0].road
        assert road is not None
        wanted = {row.name for row in posted.filter(road_id=road.pk)}
        found = permits.check_route(
            legs=[Leg(road.pk, road.label)], vehicle=Vehicle(gross_t=25), on=timezone.localdate()
        )
    bridges = {item.title for item in found.obstacles if item.url.startswith("assets/bridges/")}
    assert wanted == bridges
    assert found.checked >= len(wanted)


def test_permits_are_known_where_they_hold_and_the_paper_proves_itself(demo: Demo) -> None:
    officer = signed_in("hatang")
    with as_system("choose") as actor:
        rows = permits.permits(actor).filter(permits.in_force(timezone.localdate()))
        row = rows.filter(kind="WORKS").select_related("road")[0]
        assert {one.kind for one in permits.permits(actor)} == set(permits.permit_kinds.names())
    page = officer.get(f"/ql/network/roads/{row.road_id}/").content.decode()
    assert row.number in page
    printed = officer.get(f"/ql/permits/giay-phep/{row.pk}/in/").content.decode()
    assert f"/giay-phep/{row.check_code}/" in printed
    public = Client().get(f"/giay-phep/{row.check_code}/")
    assert "đang có hiệu lực" in public.content.decode()
    assert Client().get("/giay-phep/0000/").status_code == 404
    api = Client().get(f"/api/public/v1/permits/genuine/{row.check_code}").json()
    assert api["in_force"] is True


def test_citizens_and_viewers_decide_nothing(demo: Demo) -> None:
    with as_system("choose") as actor:
        row = permits.permits(actor).filter(status="RECEIVED")[0]
    answer = signed_in("tracuu").post(
        f"/ql/permits/giay-phep/{row.pk}/cap/",
        {"valid_from": "2026-12-01", "valid_to": "2026-12-20", "measures": "không"},
    )
    assert answer.status_code in (302, 403)
    with as_system("unchanged"):
        assert Permit.objects.get(pk=row.pk).status == "RECEIVED"


def test_only_applications_are_offered_for_correction(demo: Demo) -> None:
    officer = signed_in("hatang")
    for status, offered in (("RECEIVED", True), ("ISSUED", False)):
        with as_system("choose") as actor:
            row = permits.permits(actor).filter(status=status, kind="WORKS")[0]
        address = f"/ql/permits/works/{row.pk}/"
        page = officer.get(address).content.decode()
        assert [f'href="{address}{act}/"' in page for act in ("sua", "xoa")] == [offered] * 2
    refused = officer.post(f"{address}xoa/", {"version": row.version, "reason": "Nhập nhầm hồ sơ"})
    assert "đã có quyết định" in refused.content.decode()
