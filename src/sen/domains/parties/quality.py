"""What is checked on organisations; people are not judged by what of them is written down."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.kernel.quality.checks import Check, Dimension, add_check, alive, clean_text, expected

PARTIES: Final = "parties.parties"
#: Addresses and telephone numbers are confirmed every two years.
ALIVE_DAYS: Final = 730


def _organisation() -> Q:
    return ~Q(kind="PERSON") & Q(is_active=True)


expected(PARTIES, "representative", "representative", _("Có người đại diện"), applies=_organisation)
expected(PARTIES, "unit", "unit_id", _("Có xã, phường"), applies=_organisation)
alive(PARTIES, days=ALIVE_DAYS)
clean_text(PARTIES, "name", _("Tên không có ký tự thừa hoặc lỗi phông"))
add_check(
    Check(
        register=PARTIES,
        name="website-is-secure",
        dimension=Dimension.CORRECT,
        title=_("Trang web dùng https"),
        help=_("Kiểm tra lại địa chỉ trang web."),
        field="website",
        faulty=lambda: ~Q(website__startswith="https://"),
        applies=lambda: ~Q(website=""),
    )
)
