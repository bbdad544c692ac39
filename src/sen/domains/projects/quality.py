"""What is checked on projects and contracts."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.kernel.quality.checks import Check, Dimension, add_check, alive, clean_text, expected

PROJECTS: Final = "projects.projects"
CONTRACTS: Final = "projects.contracts"
#: Progress is entered at least every quarter.
ALIVE_DAYS: Final = 100

expected(PROJECTS, "start", "starts_at", _("Có ngày bắt đầu theo quyết định"))
expected(PROJECTS, "due", "due_at", _("Có ngày hoàn thành theo quyết định"))
expected(PROJECTS, "manager", "manager_id", _("Có đơn vị quản lý dự án"))
expected(PROJECTS, "scale", "scale", _("Có quy mô"))
expected(PROJECTS, "national-id", "national_id", _("Có mã số quốc gia"))
alive(PROJECTS, days=ALIVE_DAYS)
clean_text(PROJECTS, "name", _("Tên không có ký tự thừa hoặc lỗi phông"))
add_check(
    Check(
        register=PROJECTS,
        name="ends-after-start",
        dimension=Dimension.CORRECT,
        title=_("Ngày hoàn thành sau ngày bắt đầu"),
        help=_("Đối chiếu quyết định đầu tư."),
        field="due_at",
        faulty=lambda: Q(due_at__lt=F("starts_at")),
        applies=lambda: Q(due_at__isnull=False, starts_at__isnull=False),
    )
)
add_check(
    Check(
        register=PROJECTS,
        name="money-within-allocation",
        dimension=Dimension.CONSISTENT,
        title=_("Giải ngân không vượt vốn được giao"),
        help=_("Đối chiếu kế hoạch vốn và chứng từ thanh toán."),
        field="disbursed_vnd",
        faulty=lambda: Q(disbursed_vnd__gt=F("allocated_vnd")),
        applies=lambda: Q(disbursed_vnd__gt=0),
    )
)
expected(CONTRACTS, "end", "ends_at", _("Có ngày kết thúc theo hợp đồng"))
clean_text(CONTRACTS, "name", _("Tên không có ký tự thừa hoặc lỗi phông"))
add_check(
    Check(
        register=CONTRACTS,
        name="paid-within-value",
        dimension=Dimension.CONSISTENT,
        title=_("Thanh toán không vượt giá trị hợp đồng"),
        help=_("Kiểm tra phụ lục hợp đồng hoặc chứng từ thanh toán."),
        field="paid_vnd",
        faulty=lambda: Q(paid_vnd__gt=F("current_vnd")),
        applies=lambda: Q(current_vnd__gt=0),
    )
)
