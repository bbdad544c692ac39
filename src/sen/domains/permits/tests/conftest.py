from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.network.data import RoadInput
from sen.domains.parties import api as parties
from sen.domains.permits import api
from sen.domains.permits.models import Permit
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import put_node

METRE = 1 / (111_320.0 * 0.98388)
LAT, WEST = 10.3, 105.50
TODAY = timezone.localdate()


@dataclass(frozen=True)
class Site:
    """A straight road of 12 km with a bridge at Km5 posted at 30 t, and a firm."""

    actor: Actor
    org: Organisation
    area: Area
    road_id: int
    firm_id: int
    bridge: Any

    def works(self, **values: Any) -> dict[str, Any]:
        given = {
            "kind": "WORKS",
            "name": "Đặt ống cấp nước D300",
            "holder": self.firm_id,
            "owner_org": self.org,
            "area": self.area,
            "road": self.road_id,
            "from_m": 1000,
            "to_m": 2500,
            "received_at": TODAY - timedelta(days=3),
            "attributes": {"work_type": "water", "traffic_plan": "Biển báo, người điều khiển"},
        }
        return given | values

    def oversize(self, **values: Any) -> dict[str, Any]:
        given = {
            "kind": "OVERSIZE",
            "name": "Chở máy biến áp",
            "holder": self.firm_id,
            "owner_org": self.org,
            "area": self.area,
            "route": "QL.30 Km0+000 - Km10+000",
            "received_at": TODAY,
            "attributes": {
                "plate": "66C-12345",
                "combination": "semi",
                "axles": 8,
                "gross_t": 60,
                "axle_t": 10,
                "length_m": 24,
                "width_m": 3.2,
                "height_m": 4.6,
            },
        }
        return given | values


@pytest.fixture(scope="module", autouse=True)
def _shipped_rules(database_with: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    with database_with("norms"):
        yield


@pytest.fixture
def site(db: None) -> Site:
    with as_system("ground of the test") as actor:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        commune = put_node(Area, code="29905", name="Sa Đéc", kind="WARD", parent=area)
        unit = places.put_unit(
            actor=actor,
            code="29905",
            name="Sa Đéc",
            kind=UnitKind.WARD,
            area=commune,
            owner_org=org,
        )
        unit.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.8, 10.4)), srid=4326)
        unit.save()
        line = [(WEST + i * 100 * METRE, LAT) for i in range(121)]
        made = network.bulk_put_roads(
            actor=actor,
            rows=[
                RoadInput(
                    code="QL.30",
                    number="QL.30",
                    name="Quốc lộ 30",
                    owner_org="SXD",
                    area="82",
                    manager_class="NATIONAL",
                    line=line,
                )
            ],
        )
        firm = parties.create_party(
            actor=actor,
            code="DN1",
            name="Công ty Vận tải",
            kind="ENTERPRISE",
            owner_org=org,
            area=area,
        )
        bridge = assets.create_asset(
            actor=actor,
            type="bridge",
            code="CAU-1",
            name="Cầu Cái Sao",
            owner_org=org,
            road=made.ids["QL.30"],
            chainage_m=5000,
            attributes={"length_m": 60, "load_limit_t": 30, "road_clearance_m": 4.5},
        )
        return Site(actor, org, area, made.ids["QL.30"], firm.pk, bridge)


@pytest.fixture
def receive(site: Site) -> Callable[..., Permit]:
    def make(values: dict[str, Any]) -> Permit:
        with as_system("an application") as actor:
            return api.receive_permit(actor=actor, **values)

    return make


def reread(row: Any) -> Any:
    with as_system("what was kept"):
        return type(row).objects.get(pk=row.pk)


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)
