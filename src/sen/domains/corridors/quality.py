"""What is checked on corridors."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.kernel.quality.checks import Check, Dimension, add_check, clean_text, expected

CORRIDORS: Final = "corridors.corridors"
#: Corridors are drawn anew at least once a year.
DRAWN_DAYS: Final = 365

expected(CORRIDORS, "shape", "geom", _("Vẽ được phạm vi trên bản đồ"), weight=2)
expected(CORRIDORS, "width", "reach_m", _("Tính được bề rộng theo quy định"))
expected(CORRIDORS, "legal-ref", "legal_ref", _("Có điều khoản làm căn cứ"))
clean_text(CORRIDORS, "name", _("Tên không có ký tự thừa hoặc lỗi phông"))
add_check(
    Check(
        register=CORRIDORS,
        name="drawn-lately",
        dimension=Dimension.ALIVE,
        title=_("Được tính lại trong năm"),
        help=_("Chạy lại việc tính hành lang theo quy định hiện hành."),
        field="computed_on",
        faulty=lambda: Q(computed_on__lt=timezone.localdate() - timedelta(days=DRAWN_DAYS)),
    )
)
add_check(
    Check(
        register=CORRIDORS,
        name="rule-verified",
        dimension=Dimension.CONSISTENT,
        title=_("Căn cứ đã được xác minh"),
        help=_("Xác minh quy định ở danh mục quy định rồi tính lại."),
        field="verification",
        faulty=lambda: ~Q(verification="VERIFIED"),
        applies=lambda: ~Q(verification=""),
    )
)
