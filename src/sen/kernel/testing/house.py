"""A small house for tests: organisations, places, and actors made without accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import ANY, Actor, ActorKind, DataClass, Entitlement
from sen.kernel.access.services import put_node
from sen.kernel.testing.guarded.models import Thing


@dataclass(frozen=True, slots=True)
class House:
    """Province over two departments, the first over a division; province over two communes."""

    province: Organisation
    roads: Organisation
    division: Organisation
    police: Organisation
    whole: Area
    east: Area
    west: Area

    def thing(self, code: str = "V-001", **fields: object) -> Thing:
        """A stored row of the department of roads in the east commune."""
        values: dict[str, object] = {"owner_org": self.roads, "area": self.east, "name": code}
        with as_system("set up a test"):
            return Thing.objects.create(code=code, **(values | fields))


def build_house() -> House:
    province = put_node(Organisation, code="T-UBND", name="UBND tỉnh", kind="PROVINCE")
    roads = put_node(
        Organisation, code="T-SXD", name="Sở Xây dựng", kind="DEPARTMENT", parent=province
    )
    division = put_node(
        Organisation, code="T-KCHT", name="Phòng Kết cấu hạ tầng", kind="DIVISION", parent=roads
    )
    police = put_node(
        Organisation, code="T-CA", name="Công an tỉnh", kind="DEPARTMENT", parent=province
    )
    whole = put_node(Area, code="T-82", name="Đồng Tháp", kind="PROVINCE")
    east = put_node(Area, code="T-E", name="Xã Đông", kind="COMMUNE", parent=whole)
    west = put_node(Area, code="T-W", name="Xã Tây", kind="COMMUNE", parent=whole)
    return House(province, roads, division, police, whole, east, west)


def official(
    *permissions: str,
    clearance: DataClass = DataClass.RESTRICTED,
    orgs: Iterable[Organisation] | None = ANY,
    areas: Iterable[Area] | None = ANY,
    user: User | None = None,
) -> Actor:
    """An official with one entitlement; without ``user`` they have no account."""
    entitlement = Entitlement(
        role="test",
        permissions=frozenset(permissions),
        clearance=int(clearance),
        orgs=ANY if orgs is ANY else frozenset(org.pk for org in orgs),
        areas=ANY if areas is ANY else frozenset(area.pk for area in areas),
    )
    return Actor(
        kind=ActorKind.OFFICIAL,
        id=user.pk if user else None,
        username=user.username if user else "can-bo",
        name=user.full_name if user else "Cán bộ",
        entitlements=(entitlement,) if permissions else (),
    )
