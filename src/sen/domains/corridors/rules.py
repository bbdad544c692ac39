"""How far a corridor reaches, out of the tables of the law: pure.

Source:
    nd-165-2024, Điều 11 và Điều 14; nd-08-2021, Điều 33.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sen.lib.errors import gettext_noop

NO_RED_LINE = gettext_noop(
    "Đường đô thị: hành lang đến chỉ giới đường đỏ; chưa có dữ liệu chỉ giới của tuyến này."
)
NO_RULE = gettext_noop("Quy định không nêu bề rộng hành lang cho trường hợp này.")
NO_WIDTH = gettext_noop(
    "Chưa có bề rộng mặt đường: tính từ tim đường, phạm vi thật rộng hơn phần vẽ."
)
NO_AXIS = gettext_noop("Chưa gắn với tuyến đường: vẽ theo mọi hướng quanh vị trí.")
BOTH_BANKS = gettext_noop("Vẽ quanh vị trí bến; luật tính về thượng lưu và hạ lưu.")
RED_LINE = gettext_noop("Theo chỉ giới đường đỏ.")
WATER_RANGE = gettext_noop("Luật cho một khoảng, ở đây lấy trị số lớn.")


def corridor_width_m(value: Any) -> float | None:
    """The width that a rule gives: a number, or the larger end of a range."""
    if isinstance(value, list) and value:
        return float(max(value))
    return float(value) if isinstance(value, int | float) else None


def reach_m(*, edge_m: float, strip_m: float, corridor_m: float | None) -> float | None:
    """From the axis to the outer edge of the corridor."""
    return None if corridor_m is None else edge_m + strip_m + corridor_m


def norm_of(along: str) -> str:
    """The rule that says how wide a corridor is."""
    return {
        "ROAD": "corridor.road",
        "BRIDGE": "corridor.bridge",
        "WATERWAY": "corridor.waterway",
    }.get(along, "corridor.other")


def is_urban(case: Mapping[str, Any]) -> bool:
    """Whether the corridor of a road ends at the red line instead of at a width."""
    return case.get("technical_class") == "URBAN"
