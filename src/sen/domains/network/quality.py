"""What is checked on roads and on what holds along them."""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.network.models import RouteEvent
from sen.kernel.quality.checks import Check, Dimension, add_check, alive, clean_text, expected

ROADS: Final = "network.roads"
EVENTS: Final = "network.events"
#: Roads in use are looked at every year, what holds along them every two.
ROAD_DAYS, EVENT_DAYS = 365, 730
#: Declared and measured ends may differ by so much.
ENDS_M: Final = 100


def _no_surface() -> Q:
    known = RouteEvent._base_manager.filter(road=OuterRef("pk"), kind="surface", valid_to=None)
    return Q(~Exists(known.order_by()))


expected(ROADS, "technical-class", "technical_class", _("Có cấp kỹ thuật"))
expected(ROADS, "lanes", "lanes", _("Có số làn xe"))
expected(ROADS, "width", "width_m", _("Có bề rộng nền hoặc mặt đường"))
expected(ROADS, "opened-year", "opened_year", _("Có năm đưa vào khai thác"))
expected(ROADS, "line", "geom", _("Có tim tuyến trên bản đồ"), weight=2)
alive(ROADS, days=ROAD_DAYS)
clean_text(ROADS, "name", _("Tên không có ký tự thừa hoặc lỗi phông"))
add_check(
    Check(
        register=ROADS,
        name="year-is-past",
        dimension=Dimension.CORRECT,
        title=_("Năm khai thác không ở tương lai"),
        help=_("Sửa năm, hoặc chuyển trạng thái sang đang xây dựng."),
        field="opened_year",
        faulty=lambda: Q(opened_year__gt=timezone.localdate().year),
        applies=lambda: Q(opened_year__isnull=False),
    )
)
add_check(
    Check(
        register=ROADS,
        name="ends-agree",
        dimension=Dimension.CONSISTENT,
        title=_("Lý trình đầu, cuối theo quyết định khớp với đo đạc"),
        help=_("Đối chiếu quyết định phân loại đường với cọc Km ngoài thực địa."),
        field="declared_end_m",
        faulty=lambda: (
            Q(declared_end_m__gt=F("end_m") + ENDS_M) | Q(declared_end_m__lt=F("end_m") - ENDS_M)
        ),
        applies=lambda: Q(declared_end_m__isnull=False, end_m__isnull=False),
    )
)
add_check(
    Check(
        register=ROADS,
        name="surface-known",
        dimension=Dimension.COMPLETE,
        title=_("Có loại mặt đường theo đoạn"),
        help=_("Nhập đoạn tuyến loại mặt đường."),
        faulty=_no_surface,
        applies=lambda: Q(status="OPEN"),
    )
)
alive(EVENTS, days=EVENT_DAYS)
add_check(
    Check(
        register=EVENTS,
        name="on-the-road",
        dimension=Dimension.CORRECT,
        title=_("Đoạn nằm trong chiều dài tuyến"),
        help=_("Sửa lý trình của đoạn hoặc chiều dài của tuyến."),
        field="to_m",
        faulty=lambda: Q(to_m__gt=F("road__end_m") + 1) | Q(from_m__lt=F("road__start_m") - 1),
        applies=lambda: Q(road__end_m__isnull=False),
    )
)
add_check(
    Check(
        register=EVENTS,
        name="drawn",
        dimension=Dimension.CONSISTENT,
        title=_("Đoạn vẽ được lên tim tuyến"),
        help=_("Kiểm tra lý trình, hoặc bổ sung tim tuyến."),
        field="geom",
        faulty=lambda: Q(geom__isnull=True),
        applies=lambda: Q(road__geom__isnull=False),
    )
)
