"""The nightly work on permits."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.permits.services import expire_permits, recheck_routes, remind_permits
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(
    name="permits.mind_ends",
    title=_("Nhắc giấy phép sắp hết hạn, ghi giấy phép hết hạn"),
    schedule="15 0 * * *",
    alone=True,
    retry=1,
)
def mind_ends(context: JobContext) -> dict[str, int]:
    """A day passed: permits ran out, others are about to."""
    return {
        "expired": expire_permits(actor=context.actor),
        "reminded": remind_permits(actor=context.actor),
    }


@job(name="permits.recheck", title=_("Kiểm tra lại lộ trình của giấy phép"), retry=2)
def recheck(context: JobContext, *, road_ids: list[int]) -> dict[str, int]:
    """Limits changed on some roads."""
    return {"worse": recheck_routes(actor=context.actor, road_ids=tuple(road_ids))}
