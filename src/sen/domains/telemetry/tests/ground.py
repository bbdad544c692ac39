"""A road of 12 km with a bridge at Km5, for tests of stations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.network.data import RoadInput
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import put_node

METRE = 1 / (111_320.0 * 0.98388)
LAT, WEST = 10.3, 105.50


@dataclass(frozen=True)
class Ground:
    org: Organisation
    other: Organisation
    area: Area
    commune: Area
    road_id: int
    bridge: Any


def make_ground(actor: Actor) -> Ground:
    org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
    other = put_node(Organisation, code="KHAC", name="Đơn vị khác", kind="DEPARTMENT")
    area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
    commune = put_node(Area, code="29905", name="Sa Đéc", kind="WARD", parent=area)
    unit = places.put_unit(
        actor=actor, code="29905", name="Sa Đéc", kind=UnitKind.WARD, area=commune, owner_org=org
    )
    unit.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.8, 10.4)), srid=4326)
    unit.save()
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
                line=[(WEST + i * 100 * METRE, LAT) for i in range(121)],
            )
        ],
    )
    bridge = assets.create_asset(
        actor=actor,
        type="bridge",
        code="CAU-1",
        name="Cầu Cái Sao",
        owner_org=org,
        road=made.ids["QL.30"],
        chainage_m=5000,
        attributes={"length_m": 60},
    )
    return Ground(org, other, area, commune, made.ids["QL.30"], bridge)
