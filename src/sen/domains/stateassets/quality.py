"""What is checked on the cards."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.stateassets.choices import CardStatus
from sen.kernel.quality.checks import Check, Dimension, add_check, clean_text, expected

REGISTER = "stateassets.cards"


def _active() -> Q:
    return Q(status=CardStatus.ACTIVE.value)


expected(REGISTER, "quantity", "quantity", _("Có số lượng, quy mô"), applies=_active)
expected(REGISTER, "unit", "unit", _("Có đơn vị tính"), applies=_active)
clean_text(REGISTER, "name", _("Tên không có ký tự thừa hoặc lỗi phông"))
add_check(
    Check(
        register=REGISTER,
        name="has-subject",
        dimension=Dimension.COMPLETE,
        title=_("Gắn với công trình hoặc tuyến đường"),
        help=_("Sửa thẻ, ghi mã công trình hoặc mã tuyến đường."),
        field="asset",
        faulty=lambda: Q(asset=None, road=None),
        applies=_active,
    )
)
add_check(
    Check(
        register=REGISTER,
        name="has-cost",
        dimension=Dimension.CORRECT,
        title=_("Nguyên giá lớn hơn 0"),
        help=_("Ghi biến động tăng theo hồ sơ quyết toán."),
        field="original_vnd",
        faulty=lambda: Q(original_vnd=0),
        applies=_active,
    )
)
add_check(
    Check(
        register=REGISTER,
        name="owner-agrees",
        dimension=Dimension.CONSISTENT,
        title=_("Đơn vị trên thẻ là đơn vị quản lý công trình"),
        help=_("Sửa đơn vị trên thẻ, hoặc ghi bàn giao."),
        field="owner_org",
        faulty=lambda: ~Q(owner_org=F("asset__owner_org")),
        applies=lambda: _active() & Q(asset__isnull=False),
    )
)
add_check(
    Check(
        register=REGISTER,
        name="subject-in-use",
        dimension=Dimension.CONSISTENT,
        title=_("Công trình trên sổ chưa bị dỡ bỏ"),
        help=_("Ghi biến động thanh lý, hoặc sửa trạng thái công trình."),
        field="status",
        faulty=lambda: Q(asset__status="REMOVED"),
        applies=lambda: _active() & Q(asset__isnull=False),
    )
)
