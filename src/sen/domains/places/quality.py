"""What is checked on communes and wards."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.kernel.quality.checks import Check, Dimension, add_check, alive, clean_text, expected

UNITS: Final = "places.units"
#: Population and area are published once a year.
ALIVE_DAYS: Final = 400

expected(UNITS, "population", "population", _("Có dân số"))
expected(UNITS, "boundary", "geom", _("Có ranh giới"), weight=2)
expected(UNITS, "predecessors", "predecessors", _("Có đơn vị cũ đã sáp nhập"))
alive(UNITS, days=ALIVE_DAYS)
clean_text(UNITS, "name", _("Tên không có ký tự thừa hoặc lỗi phông"))
add_check(
    Check(
        register=UNITS,
        name="boundary-has-source",
        dimension=Dimension.CONSISTENT,
        title=_("Ranh giới ghi rõ nguồn"),
        help=_("Ghi nguồn của ranh giới: bản đồ địa giới, tệp được bàn giao."),
        field="boundary_source",
        faulty=lambda: Q(boundary_source=""),
        applies=lambda: Q(geom__isnull=False),
    )
)
add_check(
    Check(
        register=UNITS,
        name="has-area",
        dimension=Dimension.CORRECT,
        title=_("Diện tích công bố lớn hơn 0"),
        help=_("Ghi diện tích theo nghị quyết sắp xếp đơn vị hành chính."),
        field="published_area_km2",
        faulty=lambda: Q(published_area_km2__lte=0) | Q(published_area_km2__isnull=True),
    )
)
