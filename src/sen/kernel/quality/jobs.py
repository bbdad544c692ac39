"""Counting once a day, so that the boards can show where things go."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job
from sen.kernel.quality.keeping import keep_day


@job(
    name="kernel.keep_quality",
    title=_("Ghi điểm chất lượng dữ liệu trong ngày"),
    schedule="30 1 * * *",
    alone=True,
)
def keep_quality(context: JobContext) -> dict[str, int]:
    """Keep the figures of today."""
    return {"changed": keep_day(timezone.localdate())}
