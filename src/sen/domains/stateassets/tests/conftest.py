from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from sen.domains.assets import api as assets
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import put_node


@dataclass(frozen=True)
class Site:
    """An organisation with a bus station and a ferry, and the rules of law."""

    actor: Actor
    org: Organisation
    area: Area


@pytest.fixture(scope="module", autouse=True)
def _shipped_rules(database_with: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    with database_with("norms"):
        yield


@pytest.fixture
def site(db: None) -> Site:
    with as_system("ground of the test") as actor:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        ward = put_node(Area, code="29905", name="Sa Đéc", kind="WARD", parent=area)
        unit = places.put_unit(
            actor=actor,
            code="29905",
            name="Sa Đéc",
            kind=UnitKind.WARD,
            area=ward,
            owner_org=org,
        )
        unit.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.8, 10.5)), srid=4326)
        unit.save()
        own = {"bus_station": {"grade": 3}, "ferry": {"crossing": "sông Tiền"}}
        for number, (kind, attributes) in enumerate(own.items()):
            assets.create_asset(
                actor=actor,
                type=kind,
                code=f"T-{kind}",
                name=f"Công trình {kind}",
                owner_org=org,
                attributes=attributes,
                geom=Point(105.6 + number / 100, 10.4, srid=4326),
            )
        return Site(actor, org, area)
