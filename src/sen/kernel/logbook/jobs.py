"""Checking the log at night, and whenever somebody asks."""

from __future__ import annotations

from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.audit.models import Seal
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job
from sen.kernel.logbook.checking import check_log

#: The day (Sunday) on which the night reads the whole chain.
WHOLE_ON: Final = 6


@job(
    name="kernel.check_log",
    title=gettext_lazy("Kiểm tra chuỗi niêm phong nhật ký"),
    schedule="15 1 * * *",
    alone=True,
    atomic=False,
)
def check_seals(context: JobContext, *, whole: bool = False) -> dict[str, int | str]:
    """Verify the chain: what was sealed since the last check, on Sundays and when asked all."""
    last = Seal.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    verdict = check_log(
        actor=context.actor,
        whole=whole or timezone.localtime().weekday() == WHOLE_ON,
        progress=lambda number: context.progress(
            number, max(last, number), _("Bản niêm phong số %(number)d") % {"number": number}
        ),
    )
    found = _("nguyên vẹn") if verdict.is_whole else _("đã bị can thiệp")
    return {_("Kết quả"): found, _("Bản niêm phong"): verdict.seals, _("Dòng"): verdict.rows}
