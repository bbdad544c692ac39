from __future__ import annotations

from collections.abc import Callable

import pytest

from sen.domains.network import api as network
from sen.domains.network.data import LonLat, RoadInput
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.services import put_node

#: Metres to degrees near the middle of the test network.
LAT, LON = 10.3, 105.5
PER_LAT, PER_LON = 1 / 110_600, 1 / 109_530


def at(east_m: float, north_m: float) -> LonLat:
    return LON + east_m * PER_LON, LAT + north_m * PER_LAT


@pytest.fixture
def house(db: None) -> None:
    with as_system("test data of routing"):
        put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")


PutRoad = Callable[..., int]


@pytest.fixture
def put_road(house: None) -> PutRoad:
    """Enters a road by its vertices in metres; returns its id."""

    def put(code: str, *places: tuple[float, float], **values: object) -> int:
        given: dict[str, object] = {"number": code, "name": code, "owner_org": "SXD", "area": "82"}
        given |= {"manager_class": "NATIONAL"} if code.startswith("QL") else {}
        given |= values
        row = RoadInput(code=code, line=[at(*place) for place in places], **given)  # type: ignore[arg-type]
        with as_system("test data of routing") as actor:
            return network.bulk_put_roads(actor=actor, rows=[row]).ids[code]

    return put
