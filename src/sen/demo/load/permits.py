"""Some forty permits on the roads of the province, and limits that are posted along roads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.utils import timezone

from sen.demo.load.foundation import Ground
from sen.demo.load.projects import FIRMS
from sen.domains.network import api as network
from sen.domains.network.data import EventInput
from sen.domains.permits import api as permits
from sen.domains.permits.data import PermitInput
from sen.kernel.access.scope import Actor

#: Limits along commune and district roads: every so many of them.
POSTED: Final = (
    ("load_limit", 10.0),
    ("load_limit", 13.0),
    ("clearance", 4.2),
    ("axle_limit", 6.0),
)
#: Kind, what for, attributes, how long in days.
WORKS: Final[tuple[tuple[str, str, dict[str, Any], int], ...]] = (
    ("WORKS", "Lắp đặt tuyến ống cấp nước D300", {"work_type": "water", "depth_m": 1.2}, 180),
    ("WORKS", "Ngầm hóa cáp viễn thông", {"work_type": "telecom", "depth_m": 0.9}, 120),
    ("WORKS", "Trồng trụ điện trung thế", {"work_type": "power"}, 90),
    ("ROAD_USE", "Tổ chức ngày hội hoa kiểng", {"part": "carriageway", "purpose": "event"}, 20),
    ("ROAD_USE", "Điểm trông giữ xe dịp lễ", {"part": "pavement", "purpose": "parking"}, 60),
    ("ROAD_USE", "Trung chuyển vật liệu xây dựng", {"part": "pavement", "purpose": "material"}, 45),
    ("JUNCTION_DESIGN", "Thiết kế nút giao khu dân cư", {"layout": "t", "radius_m": 12}, 365),
    ("JUNCTION_WORKS", "Thi công nút giao khu công nghiệp", {}, 150),
    ("JUNCTION_PLACE", "Vị trí đấu nối cửa hàng xăng dầu", {"purpose": "fuel"}, 365),
    ("TEMPORARY_JUNCTION", "Đấu nối tạm đường công vụ", {"width_m": 6}, 240),
)
#: Gross weight, axle load, height, width, length of vehicles, and what they carry.
VEHICLES: Final = (
    (62.0, 10.0, 4.5, 3.0, 22.0, "Máy biến áp 40 MVA"),
    (54.0, 9.0, 4.3, 3.4, 26.0, "Dầm thép nhịp 25 m"),
    (49.0, 9.5, 4.6, 2.9, 20.0, "Máy đào bánh xích"),
    (96.0, 9.8, 4.7, 3.6, 32.0, "Bồn áp lực nhà máy"),
)
STATES: Final = ("ISSUED", "ISSUED", "ISSUED", "EXPIRED", "RECEIVED", "CLOSED", "ISSUED", "REVOKED")
PLAN: Final = "Biển báo, rào chắn, người điều khiển giao thông"
NEEDED: Final[dict[str, dict[str, Any]]] = {
    "WORKS": {"traffic_plan": PLAN},
    "JUNCTION_DESIGN": {"joining_road": "Đường nội bộ khu dân cư"},
    "JUNCTION_WORKS": {
        "design_approval": "Văn bản chấp thuận thiết kế nút giao",
        "joining_road": "Đường số 1 khu công nghiệp",
        "traffic_plan": PLAN,
    },
    "JUNCTION_PLACE": {"joining_road": "Đường vào cửa hàng"},
    "TEMPORARY_JUNCTION": {
        "joining_road": "Đường công vụ",
        "project": "Công trình cầu",
        "traffic_plan": PLAN,
    },
}


def load_posted_limits(actor: Actor) -> int:
    """Limits along some roads, which publications tell and routes are compared with."""
    roads = network.roads(actor).filter(
        manager_class__in=["COMMUNE", "DISTRICT", "PROVINCIAL"], end_m__gt=1500, part="MAIN"
    )
    rows = [
        EventInput(
            road=road.code,
            kind=POSTED[place % len(POSTED)][0],
            from_m=float(road.start_m or 0),
            to_m=float(road.start_m or 0) + 1200,
            number=POSTED[place % len(POSTED)][1],
            valid_from=date(2024, 1, 1),
            code=f"HC-{road.code}",
        )
        for place, road in enumerate(roads.order_by("code").defer("geom")[::12])
    ]
    return network.bulk_put_events(actor=actor, rows=rows, is_demo=True).created


def load_permits(actor: Actor, ground: Ground) -> int:
    """Permits of all kinds and states, dated around today."""
    roads = list(
        network.roads(actor)
        .filter(manager_class__in=["NATIONAL", "PROVINCIAL"], end_m__gt=4000, part="MAIN")
        .order_by("code")
        .defer("geom")[:24]
    )
    today = timezone.localdate()
    rows = [*_on_roads(roads, today, ground), *_routes(roads, today, ground)]
    return permits.bulk_put_permits(actor=actor, rows=rows, is_demo=True).created


def _on_roads(roads: list[Any], today: date, ground: Ground) -> Iterator[PermitInput]:
    firms = sorted(FIRMS)
    for place in range(3 * len(WORKS)):
        kind, name, attributes, days = WORKS[place % len(WORKS)]
        road = roads[(place * 5) % len(roads)]
        start = float(road.start_m or 0) + 700.0 + 130.0 * place % 2500
        is_line = kind in ("WORKS", "ROAD_USE")
        yield PermitInput(
            kind=kind,
            code=f"GP-MH-{place + 1:03d}",
            name=f"{name} trên {road.label}",
            holder=firms[place % len(firms)],
            owner_org=ground.org("SXD").code,
            area=ground.province.code,
            road=road.code,
            from_m=start,
            to_m=start + 400.0 + 60 * (place % 7) if is_line else None,
            side=("LEFT", "RIGHT")[place % 2],
            attributes={**NEEDED.get(kind, {}), **attributes},
            **_state(place, days, today, serial=200 + place),
        )


def _routes(roads: list[Any], today: date, ground: Ground) -> Iterator[PermitInput]:
    firms = sorted(FIRMS)
    for place in range(10):
        gross, axle, height, width, length, goods = VEHICLES[place % len(VEHICLES)]
        first, second = roads[place % len(roads)], roads[(place * 3 + 1) % len(roads)]
        yield PermitInput(
            kind="OVERSIZE",
            code=f"GP-MH-{place + 101:03d}",
            name=f"Vận chuyển {goods[0].lower()}{goods[1:]}",
            holder=firms[place % len(firms)],
            owner_org=ground.org("SXD").code,
            area=ground.province.code,
            route=f"{first.code}; {second.code}",
            attributes={
                "plate": f"66C-{12345 + place * 37}",
                "combination": "semi",
                "axles": 8,
                "gross_t": gross,
                "axle_t": axle,
                "height_m": height,
                "width_m": width,
                "length_m": length,
                "goods": goods,
            },
            **_state(place + 2, 30, today, serial=300 + place),
        )


def _state(place: int, days: int, today: date, *, serial: int) -> dict[str, Any]:
    """Dates that fit the state."""
    status = STATES[place % len(STATES)]
    if status == "RECEIVED":
        return {"received_at": today - timedelta(days=place % 9), "status": status}
    begin = today - timedelta(days=days // 2 + place % 5)
    if status in ("EXPIRED", "CLOSED"):
        begin = today - timedelta(days=days + 12 + place)
    return {
        "received_at": begin - timedelta(days=5),
        "issued_at": begin,
        "valid_from": begin,
        "valid_to": begin + timedelta(days=days),
        "number": f"{serial}/{begin.year}/GP-SXD",
        "status": status,
        "conditions": "Bảo đảm an toàn giao thông, hoàn trả nguyên trạng.",
    }
