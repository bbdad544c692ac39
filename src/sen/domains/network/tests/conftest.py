from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from sen.domains.network import api
from sen.domains.network.data import LonLat, PostInput, RoadInput
from sen.domains.network.models import Road
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.services import put_node
from sen.kernel.seeds import seeds

DEGREE_M = 111_195.0


@pytest.fixture
def house(db: None) -> None:
    """A department, a commune and their province."""
    with as_system("test data of network"):
        put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        put_node(Organisation, code="KQLDB4", name="Khu Quản lý đường bộ IV", kind="PARTNER")
        province = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        put_node(Area, code="30244", name="Xã Hòa Long", kind="COMMUNE", parent=province)


@pytest.fixture
def rules(house: None) -> None:
    """The rules that the platform ships, those of roughness among them."""
    with as_system("rules for tests of network") as actor:
        seeds["norms"](actor)


def wavy(km: float = 12.0, lat: float = 10.3, lon: float = 105.5) -> list[LonLat]:
    """A road to the east that swings about its latitude; a vertex every 100 m or so."""
    count = int(km * 10)
    step = 100 / (DEGREE_M * math.cos(math.radians(lat)))
    return [(lon + i * step, lat + 0.002 * math.sin(i / 9)) for i in range(count + 1)]


def road_input(code: str = "ĐT.848", **values: object) -> RoadInput:
    given = {
        "number": code,
        "name": f"Đường {code}",
        "owner_org": "SXD",
        "area": "82",
        "line": wavy(),
    } | values
    return RoadInput(code=code, **given)  # type: ignore[arg-type]


def posts_on(code: str, line: list[LonLat], labels: dict[int, float]) -> list[PostInput]:
    """Posts at vertices of a line: vertex → label in metres."""
    return [
        PostInput(road=code, measure_m=measure, lon=line[i][0], lat=line[i][1])
        for i, measure in labels.items()
    ]


@pytest.fixture
def make_road(house: None) -> Callable[..., Road]:
    """Enters a road; ``labels`` are its posts by vertex."""

    def make(
        code: str = "ĐT.848", labels: dict[int, float] | None = None, **values: object
    ) -> Road:
        given = road_input(code, **values)
        line = list(given.line or [])
        with as_system("test data of network") as actor:
            api.bulk_put_roads(
                actor=actor,
                rows=[given],
                posts=posts_on(code, line, labels or {}),  # type: ignore[arg-type]
            )
            return Road.objects.get(code=code)

    return make
