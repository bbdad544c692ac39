"""The one task that the queue knows; the queue's own application imports this file."""

from __future__ import annotations

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app as queue_app
from procrastinate.jobs import Job as QueueJob

from sen.kernel.jobs.execution import RunAgainError, execute
from sen.kernel.jobs.services import TASK


class Again(BaseRetryStrategy):
    """Repeats exactly what asks for it."""

    def get_retry_decision(
        self, *, exception: BaseException, job: QueueJob
    ) -> RetryDecision | None:
        if isinstance(exception, RunAgainError):
            return RetryDecision(retry_in={"seconds": exception.wait_s})
        return None


@queue_app.task(name=TASK, retry=Again())
def run(run_id: int) -> None:
    """Do the work of one run."""
    execute(run_id)
