"""What alarms look at by themselves."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms.services import judge_past
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(
    name="alarms.judge_past",
    title=_("Tìm đổi mức, đổi xu thế và kênh đo mất tương quan"),
    schedule="20 2 * * *",
    alone=True,
    retry=1,
)
def look_at_past(context: JobContext) -> dict[str, int]:
    """Every stream that has a nightly rule."""
    return judge_past(actor=context.actor, until=timezone.now(), say=context.progress)
