"""What keeps the list of runs short."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job
from sen.kernel.jobs.models import JobRun

KEPT_DAYS: Final = 90


@job(name="kernel.prune_runs", title=_("Dọn công việc cũ"), schedule="40 2 * * *", alone=True)
def prune_runs(context: JobContext) -> int:
    """Delete runs that ended long ago."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    old = JobRun.objects.exclude(status__in=JobRun.OPEN).filter(finished_at__lt=before)
    deleted, _by_model = old.delete()
    return deleted
