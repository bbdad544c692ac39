from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from sen.domains.network import api as network
from sen.domains.network.data import PostInput, RoadInput
from sen.domains.parties import api as parties
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.domains.projects import api
from sen.domains.projects.models import Project, Source
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import put_node

METRE = 1 / (111_320.0 * 0.98388)
LAT, WEST = 10.3, 105.50
BILLION = 10**9


@dataclass(frozen=True)
class Site:
    """A commune with a straight road of 12 km, an investor, two firms and two sources."""

    actor: Actor
    org: Organisation
    other_org: Organisation
    area: Area
    commune: Area
    road_id: int
    investor_id: int
    firm_id: int
    central: Source
    local: Source

    def values(self, code: str = "DA-1") -> dict[str, Any]:
        return {
            "code": code,
            "name": f"Nâng cấp ĐT.868 ({code})",
            "kind": "UPGRADE",
            "group": "C",
            "field": "ROAD",
            "investor": self.investor_id,
            "owner_org": self.org,
            "area": self.area,
            "starts_at": date(2025, 1, 1),
            "due_at": date(2026, 12, 31),
        }


@pytest.fixture
def site(db: None) -> Site:
    with as_system("ground of the test") as actor:
        org = put_node(Organisation, code="BQLDA", name="Ban Quản lý dự án", kind="DIVISION")
        other = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        commune = put_node(Area, code="29905", name="Sa Đéc", kind="WARD", parent=area)
        unit = places.put_unit(
            actor=actor,
            code="29905",
            name="Sa Đéc",
            kind=UnitKind.WARD,
            area=commune,
            owner_org=other,
        )
        unit.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.8, 10.4)), srid=4326)
        unit.save()
        line = [(WEST + i * 100 * METRE, LAT) for i in range(121)]
        roads = network.bulk_put_roads(
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
        made = [
            parties.create_party(
                actor=actor, code=code, name=name, kind=kind, owner_org=other, area=area
            ).pk
            for code, name, kind in (
                ("CDT", "Chủ đầu tư", "AGENCY"),
                ("NT1", "Nhà thầu số 1", "ENTERPRISE"),
            )
        ]
        sources = [
            api.put_source(
                actor=actor, code=code, name=name, level=level, owner_org=other, area=area
            )
            for code, name, level in (
                ("TW", "Ngân sách trung ương thử", "CENTRAL"),
                ("DP", "Ngân sách tỉnh thử", "PROVINCE"),
            )
        ]
        board, builder = made
        central, province = sources
        road_id = roads.ids["ĐT.868"]
        return Site(actor, org, other, area, commune, road_id, board, builder, central, province)


@pytest.fixture
def project(site: Site) -> Callable[..., Project]:
    """Enters a project."""

    def make(code: str = "DA-1", **values: Any) -> Project:
        with as_system("a project") as actor:
            return api.create_project(actor=actor, **(site.values(code) | values))

    return make


def reread(row: Any) -> Any:
    with as_system("what was kept"):
        return type(row).objects.get(pk=row.pk)
