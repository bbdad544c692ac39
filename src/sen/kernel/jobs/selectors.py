"""Reading runs: everyone their own, all with the permission ``kernel.jobs.view``."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from sen.kernel.access.scope import Actor
from sen.kernel.jobs.models import JobRun, JobSchedule
from sen.kernel.jobs.services import VIEW


def visible_runs(actor: Actor) -> QuerySet[JobRun]:
    """The runs that ``actor`` may see, newest first."""
    runs = JobRun.objects.select_related("asked_by").order_by("-id")
    if actor.may(VIEW):
        return runs
    return runs.filter(asked_by_id=actor.id) if actor.id is not None else runs.none()


def counts_by_status(actor: Actor) -> dict[str, int]:
    """How many visible runs have each status."""
    rows = visible_runs(actor).order_by().values("status").annotate(n=Count("pk"))
    return {row["status"]: row["n"] for row in rows}


def schedules() -> QuerySet[JobSchedule]:
    """What runs by itself and when next."""
    return JobSchedule.objects.select_related("last_run").order_by("next_at")
