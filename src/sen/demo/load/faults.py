"""Records of the demonstration that are wrong on purpose, for the board of data quality.

Each entry of ``FAULTS`` says which record bears which fault and by which check it is found;
``tests/acceptance/test_demonstration.py`` holds the list to the checks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.utils import timezone

from sen.domains.assets import api as assets
from sen.domains.assets.data import AssetInput
from sen.domains.network import api as network
from sen.domains.places import api as places
from sen.kernel.access.scope import Actor


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong record: its register and code, the check that finds it, what is wrong."""

    register: str
    code: str
    check: str
    what: str


#: Culverts of the generator that nobody assessed since the record began: found by ``alive``.
UNSEEN: Final = slice(40, 80)

FAULTS: Final = (
    Fault("assets.culverts", "LOI-CONG-01", "name-clean", "tên có khoảng trắng kép"),
    Fault("assets.culverts", "LOI-CONG-02", "name-clean", "tên còn chữ của phông TCVN3"),
    Fault("assets.culverts", "LOI-CONG-03", "year-is-past", "đang khai thác, năm ở tương lai"),
    Fault("assets.culverts", "LOI-CONG-04", "in-its-commune", "địa bàn ghi là xã khác"),
    Fault("assets.culverts", "LOI-CONG-05", "no-twin", "trùng lý trình với LOI-CONG-06"),
    Fault("assets.culverts", "LOI-CONG-06", "no-twin", "trùng lý trình với LOI-CONG-05"),
    Fault("assets.culverts", "LOI-CONG-07", "opened-year-known", "thiếu năm khai thác"),
    Fault("assets.culverts", "LOI-CONG-08", "condition-known", "thiếu tình trạng kỹ thuật"),
    Fault("assets.culverts", "LOI-CONG-09", "opening-m-known", "thiếu khẩu độ"),
    Fault("assets.culverts", "LOI-CONG-10", "condition-assessed", "đánh giá đã quá hạn"),
)
ROAD: Final = "QL.30"
SPACING_M: Final = 900.0


def load_faults(actor: Actor) -> int:
    """The wrong records, through the service that imports use: it cannot know that they are."""
    road = network.roads(actor).get(code=ROAD)
    start = float(road.start_m or 0)
    today = timezone.localdate()
    sound = AssetInput(
        type="culvert",
        owner_org="SXD",
        road=ROAD,
        condition="FAIR",
        condition_at=today,
        opened_year=2012,
        note="Bản ghi sai có chủ ý để minh họa bảng chất lượng dữ liệu.",
        attributes={"kind": "pipe", "opening_m": 1.0, "cells": 1, "length_m": 12.0},
    )
    rows = [
        replace(
            sound,
            code=fault.code,
            name=f"Cống minh họa {fault.code[-2:]}",
            chainage_m=start + 700.0 + number * SPACING_M,
            row=number + 1,
        )
        for number, fault in enumerate(FAULTS)
    ]
    rows[0] = replace(rows[0], name="Cống  minh họa 01")
    rows[1] = replace(rows[1], name="Cèng minh häa 02 §å Lª")
    rows[2] = replace(rows[2], opened_year=today.year + 2)
    rows[3] = replace(rows[3], area=_far_commune(actor))
    rows[5] = replace(rows[5], chainage_m=rows[4].chainage_m)
    rows[6] = replace(rows[6], opened_year=None)
    rows[7] = replace(rows[7], condition="")
    rows[8] = replace(rows[8], attributes={"kind": "pipe", "cells": 1, "length_m": 12.0})
    rows[9] = replace(rows[9], condition_at=today.replace(year=today.year - 2, day=1))
    done = assets.bulk_put_assets(actor=actor, rows=rows, is_demo=True)
    return done.created


def _far_commune(actor: Actor) -> str:
    """A commune that the road does not touch."""
    return str(places.units(actor).filter(kind="WARD").order_by("-code")[0].code)
