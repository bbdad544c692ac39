"""Two orthophotos and a scanned plan, through the same services as a person's."""

from __future__ import annotations

from datetime import date
from typing import Any

from sen.demo.imagery import SRID, orthophoto, scanned_plan
from sen.demo.load.foundation import Ground
from sen.demo.model import Province
from sen.domains.imagery import api as imagery
from sen.kernel.access.models import Area
from sen.kernel.access.scope import Actor, DataClass

SOURCE = "Dữ liệu minh họa, vẽ bằng máy"


def load_imagery(actor: Actor, data: Province, ground: Ground) -> int:
    """Pictures that are on the map when the demonstration is loaded."""
    org = ground.organisations["SXD"]
    area = Area.objects.get(code=data.code)
    common: dict[str, Any] = {
        "actor": actor,
        "source": SOURCE,
        "owner_org": org,
        "area": area,
        "is_demo": True,
    }
    for year in (2023, 2026):
        row = imagery.add_raster(
            **common,
            name=f"Ảnh trực giao Cao Lãnh {year}",
            kind="ORTHO",
            taken_on=date(year, 2, 15),
            file_name=f"cao-lanh-{year}.tif",
            chunks=[orthophoto(data, year)],
            data_class=DataClass.PUBLIC.value,
        )
        row.srid = SRID
        imagery.publish_raster(actor=actor, row=row)
    plan = scanned_plan(data)
    row = imagery.add_raster(
        **common,
        name="Bình đồ tuyến qua đô thị Cao Lãnh (bản quét)",
        kind="SCAN",
        taken_on=date(2019, 6, 1),
        file_name="binh-do-cao-lanh.png",
        chunks=[plan.content],
    )
    row.points, row.method, row.srid = list(plan.points), "AFFINE", SRID
    imagery.publish_raster(actor=actor, row=row)
    return 3
