"""For tests of domains that queue work."""

from __future__ import annotations

from contextlib import suppress

from sen.kernel.jobs.execution import RunAgainError, RunFailedError, execute
from sen.kernel.jobs.models import JobRun


def run_queued() -> list[JobRun]:
    """Run everything that waits, here and now, in the order of asking; returns the runs.

    A failed run is in the list with its error; nothing is raised.
    """
    done: list[JobRun] = []
    while run := JobRun.objects.filter(status=JobRun.Status.QUEUED, next_try_at=None).first():
        with suppress(RunFailedError, RunAgainError):
            execute(run.pk)
        run.refresh_from_db()
        done.append(run)
    return done
