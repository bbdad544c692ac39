"""Each morning: tasks of the calendar, reminders, word to superiors."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.stewardship.services import make_tasks, send_reminders
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(
    name="stewardship.daily",
    title=_("Lập việc cập nhật đến kỳ, nhắc hạn và báo cấp trên"),
    schedule="0 6 * * *",
    alone=True,
)
def daily(context: JobContext) -> dict[str, int]:
    """What is open from today, who is to be reminded, who is late."""
    today = timezone.localdate()
    made = make_tasks(actor=context.actor, on=today)
    return {"made": len(made), **send_reminders(actor=context.actor, on=today)}
