"""Work that is due by the clock. Any number of workers may look; each time is used once."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from sen.kernel.access.scope import system
from sen.kernel.jobs.definition import Job, jobs
from sen.kernel.jobs.models import JobSchedule
from sen.kernel.jobs.services import enqueue

logger = logging.getLogger(__name__)


@transaction.atomic
def sync_schedules() -> None:
    """Make the table say what the code says; a changed line starts anew."""
    scheduled = [job for job in jobs if job.schedule]
    JobSchedule.objects.exclude(job__in=[job.name for job in scheduled]).delete()
    for job in scheduled:
        known = JobSchedule.objects.filter(job=job.name).first()
        if known is None or known.cron != job.schedule:
            JobSchedule.objects.update_or_create(
                job=job.name, defaults={"cron": job.schedule, "next_at": _next(job)}
            )


@transaction.atomic
def enqueue_due() -> int:
    """Queue every job whose time has come; times that passed while nobody looked count once."""
    due = JobSchedule.objects.select_for_update(skip_locked=True).filter(
        next_at__lte=timezone.now()
    )
    count = 0
    for schedule in due:
        job = jobs.get(schedule.job)
        if job is None:
            continue
        schedule.last_run = enqueue(job, actor=system("schedule"), once_key="schedule")
        schedule.next_at = _next(job)
        schedule.save(update_fields=["last_run", "next_at"])
        count += 1
    return count


def _next(job: Job) -> datetime:
    return datetime.fromtimestamp(job.next_time(time.time()), UTC)
