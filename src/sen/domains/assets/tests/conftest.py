from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from sen.domains.assets import api
from sen.domains.assets.models import Asset
from sen.domains.network import api as network
from sen.domains.network.data import PostInput, RoadInput
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import grant_role, put_node, put_role

#: A metre along a parallel at 10.3 degrees north.
METRE = 1 / (111_320.0 * 0.98388)
LAT = 10.3
WEST = 105.50


@dataclass(frozen=True)
class Ground:
    """Two communes side by side and a straight road of 12 km through both."""

    actor: Actor
    org: Organisation
    other_org: Organisation
    west: Area
    east: Area
    road_id: int

    def at(self, distance_m: float, aside_m: float = 0.0) -> tuple[float, float]:
        """A position so many metres along the road, and so many to the left of it."""
        return WEST + distance_m * METRE, LAT + aside_m / 111_320.0


@pytest.fixture
def ground(db: None) -> Ground:
    with as_system("test data of assets") as actor:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        other = put_node(Organisation, code="UBND-X", name="UBND xã Đông", kind="COMMUNE")
        province = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        areas = []
        for code, name, left in (("29905", "Sa Đéc", WEST - 0.02), ("30244", "Hòa Long", 105.55)):
            area = put_node(Area, code=code, name=name, kind="COMMUNE", parent=province)
            areas.append(area)
            unit = places.put_unit(
                actor=actor, code=code, name=name, kind=UnitKind.COMMUNE, area=area, owner_org=org
            )
            right = 105.55 if code == "29905" else 105.70
            unit.geom = MultiPolygon(Polygon.from_bbox((left, 10.2, right, 10.4)), srid=4326)
            unit.save()
        line = [(WEST + i * 100 * METRE, LAT) for i in range(121)]
        report = network.bulk_put_roads(
            actor=actor,
            rows=[
                RoadInput(
                    code="ĐT.868",
                    number="ĐT.868",
                    name="Đường tỉnh 868",
                    owner_org="SXD",
                    area="82",
                    line=line,
                )
            ],
            posts=[
                PostInput(road="ĐT.868", measure_m=km * 1000, lon=line[km * 10][0], lat=LAT)
                for km in range(13)
            ],
        )
        return Ground(actor, org, other, areas[0], areas[1], report.ids["ĐT.868"])


@pytest.fixture
def bridge(ground: Ground) -> Callable[..., Asset]:
    """Enters a bridge by its chainage."""

    def make(code: str = "CAU-01", **values: Any) -> Asset:
        attributes = {"length_m": 40} | values.pop("attributes", {})
        given: dict[str, Any] = {
            "name": f"Cầu {code}",
            "owner_org": ground.org,
            "data_class": 0,
            "status": "IN_USE",
            "road": ground.road_id,
            "chainage_m": 2145,
        } | values
        with as_system("test data of assets") as actor:
            return api.create_asset(
                actor=actor, type="bridge", code=code, attributes=attributes, **given
            )

    return make


def user_with(*permissions: str, clearance: int = 1, **scope: Any) -> User:
    role = put_role(
        code="t-assets",
        name_vi="Cán bộ tài sản",
        name_en="Assets officer",
        permissions=list(permissions),
        clearance=clearance,
        needs_mfa=False,
    )
    user = User.objects.create_user("t-assets", full_name="Trần Thị Cầu", kind="OFFICIAL")
    grant_role(user=user, role=role, **scope)
    return user
